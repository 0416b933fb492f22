"""The calendar of releases: what came out, what comes, what was corrected; as a page, as files and as a feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.models import NEVER
from cityindex.queries.accounts.administration import Page
from cityindex.queries.runs.releases import Coming, Release, coming, released
from cityindex.web.addresses import absolute
from cityindex.web.filters import show_date, show_time
from cityindex.web.links import here, page_links
from cityindex.web.query import checked
from cityindex.web.releases import words as release_words
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway, taken_as

releases = Blueprint("releases", __name__)
ROWS, IN_FEED, EVERYTHING = 50, 40, 100_000
COLUMNS = (
    Column("published_at", "เวลาที่เผยแพร่", "Released at (UTC)"),
    Column("framework", "รหัสดัชนี", "Framework"),
    Column("framework_th", "ดัชนี", "Its name in Thai"),
    Column("framework_en", "ดัชนี (อังกฤษ)", "Its name in English"),
    Column("period", "ปี ค.ศ.", "Period (common era)", "whole"),
    Column("period_be", "ปี พ.ศ.", "Period (Buddhist era)", "whole"),
    Column("kind", "เหตุการณ์", "What happened"),
    Column("run", "ชุดคำนวณ", "Run", "whole"),
    Column("before", "ชุดคำนวณก่อนหน้า", "Run before", "whole"),
    Column("version", "รุ่นของวิธี", "Version of the method"),
    Column("mark", "สถานะของรุ่น", "Provisional or final"),
    Column("what_th", "สิ่งที่เปลี่ยน", "What changed (Thai)"),
    Column("what_en", "สิ่งที่เปลี่ยน (อังกฤษ)", "What changed (English)"),
    Column("why_th", "เหตุผล", "Why (Thai)"),
    Column("why_en", "เหตุผล (อังกฤษ)", "Why (English)"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


class Wanted(Schema):
    """Which part of the list is shown."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@releases.get("/releases")
def index() -> ResponseReturnValue:
    wanted = checked(Wanted(), request.args)
    found = released(database(), ROWS, ROWS * (wanted["page"] - 1))
    taken = _taken(found)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/releases/index.html",
        found=found,
        coming=coming(database()),
        wanted=wanted,
        pages=max(-(-found.total // ROWS), 1),
        page_link=page_links(wanted),
        kind_of=release_words.kind,
        title_of=release_words.title,
        taken=taken,
    )


@releases.get("/releases.atom")
def feed() -> Response:
    """Everything of the page as an Atom feed, what is announced as well."""
    entries = [*map(_announced, coming(database())), *map(_entry, released(database(), IN_FEED).items)]
    site = absolute(url_for("releases.index"))
    text = render_template(
        "pages/releases/feed.xml",
        site=site,
        address=absolute(url_for("releases.feed")),
        title=gettext("Releases of the City Index"),
        by=application().settings.operator or gettext("City Index"),
        updated=max((one["at"] for one in entries), default=NEVER),
        entries=sorted(entries, key=lambda one: one["at"], reverse=True),
    )
    response = make_response(text)
    response.mimetype = "application/atom+xml"
    return response


def _taken(found: Page[Release]) -> TakeAway:
    """All of it, whatever page of it is shown."""
    return TakeAway(
        name="releases",
        address=here({}),
        title=Text("ปฏิทินการเผยแพร่ดัชนีเมือง", "Releases of the City Index"),
        columns=COLUMNS,
        source=gettext("this site's own record of what it published"),
        rows=lambda: _rows(released(database(), EVERYTHING).items),
        demo=any(one.demo for one in found.items),
    )


def _rows(items: tuple[Release, ...]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        name, _ = release_words.named(one.framework)
        note = one.note
        said = [part.get(code) or None for part in (note.what, note.why) for code in ("th", "en")]
        yield (
            one.at.isoformat(), one.framework, name.th, name.en, one.period, buddhist_year(one.period),
            one.kind, one.run, one.before, one.version, note.mark or None, *said, one.demo,
        )  # fmt: skip


def _entry(one: Release) -> dict[str, Any]:
    page = _page_of(one) if one.standing else url_for("releases.index")
    note = release_words.correction(one.note)
    return {
        **_titled(one, release_words.kind(one)),
        "id": f"r{one.id}",
        "url": absolute(page),
        "at": one.at,
        "note": note,
    }


def _announced(one: Coming) -> dict[str, Any]:
    said = gettext("comes out on %(day)s at %(time)s (Thai time)", day=show_date(one.at), time=show_time(one.at))
    key = f"p{one.framework}-{one.period}-{one.at:%Y%m%d%H%M}"
    return {**_titled(one, said), "id": key, "url": absolute(url_for("releases.index")), "at": one.planned_at}


def _titled(one: Release | Coming, what: str) -> dict[str, str]:
    demo = " [" + gettext("demo") + "]" if one.demo else ""
    return {"title": f"{release_words.title(one.framework, one.period)}: {what}{demo}"}


def _page_of(one: Release) -> str:
    return url_for("frameworks.edition", code=one.framework, period=one.period, run=one.run)
