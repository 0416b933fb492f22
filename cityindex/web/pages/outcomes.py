"""What it has come to: figures counted from the data of this site, each with its list, beside what others report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import ReportedFigure, Text
from cityindex.errors import NotFound
from cityindex.formats.taken import Column
from cityindex.participation.progress import Progress
from cityindex.queries import outcomes as queries
from cityindex.queries.outcomes import Count, Moved
from cityindex.queries.participation.target_values import lasting
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.links import here, page_links
from cityindex.web.participation.target_view import today
from cityindex.web.query import checked
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway, taken_as

outcomes = Blueprint("outcomes", __name__)
KINDS = {"sandboxes": "sandbox", "mechanisms": "mechanism", "innovations": "innovation", "proposals": "proposal"}
COLUMNS = (
    Column("figure", "รหัสตัวเลข", "Code of the figure"),
    Column("name", "ตัวเลข", "Figure"),
    Column("counted", "นับจากข้อมูลในระบบ", "Counted here", "whole"),
    Column("counted_demo", "ในจำนวนนี้เป็นข้อมูลตัวอย่าง", "Of these demo data", "whole"),
    Column("reported", "ตามที่รายงาน", "As reported by others"),
    Column("reported_on", "รายงาน ณ วันที่", "Reported as of"),
    Column("reported_source", "แหล่งที่รายงาน", "Source of the report"),
    Column("reported_verified", "ยืนยันแล้ว", "Report verified", "truth"),
)
PLACES = (
    Column("place", "รหัสพื้นที่", "Code of the place"),
    Column("name_th", "ชื่อ", "Name (Thai)"),
    Column("name_en", "ชื่อ (อังกฤษ)", "Name (English)"),
    Column("before", "คะแนนตั้งต้น", "Score in the first edition", "number"),
    Column("after", "คะแนนล่าสุด", "Score in the last edition", "number"),
    Column("change", "เปลี่ยนไป", "Change", "number"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)
PROVINCES = (
    Column("province", "รหัสจังหวัด", "Code of the province"),
    Column("name_th", "จังหวัด", "Province (Thai)"),
    Column("name_en", "จังหวัด (อังกฤษ)", "Province (English)"),
    Column("digital", "อปท. ในโปรแกรมดิจิทัล", "Local governments in the digital programme", "whole"),
    Column("learning", "เมืองแห่งการเรียนรู้", "Learning cities", "whole"),
    Column("knowledge", "รายการความรู้", "Items of knowledge", "whole"),
    Column("proposals", "ข้อเสนอและพื้นที่ทดลอง", "Proposals and sandboxes", "whole"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


PAGE = 200
DIRECTIONS: Mapping[str, Any] = {
    "rose": lazy_gettext("rose"),
    "fell": lazy_gettext("fell"),
    "same": lazy_gettext("about the same"),
}


class Wanted(Schema):
    """Which of the places that are scored twice."""

    class Meta:
        unknown = EXCLUDE

    change = fields.String(load_default="", validate=validate.OneOf(["", *DIRECTIONS]))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure counted here: `how` says what is counted, `url` leads to the list, `reported` is what others say."""

    code: str
    name: str
    count: Count
    how: str
    url: str
    reported: tuple[ReportedFigure, ...]


@outcomes.get("/results/")
def index() -> ResponseReturnValue:
    session = database()
    found = _figures(session)
    taken = _taken(found)
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    movements = [(one, entry := entry_of(one.after), lasting(entry.framework)) for one in queries.movements(session)]
    return render_template(
        "pages/outcomes/index.html",
        figures=found,
        movements=[(one, entry) for one, entry, lasts in movements if lasts],
        only_ranks=[(one, entry) for one, entry, lasts in movements if not lasts],
        alone=_alone(found),
        as_of=today(),
        taken=taken,
    )


@outcomes.get("/results/provinces")
def provinces() -> ResponseReturnValue:
    """The provinces that are counted."""
    found = queries.provinces(database())
    taken = TakeAway(
        name="results-provinces",
        address=here({}),
        title=Text("จังหวัดที่มีงานของโปรแกรม", "Provinces with something of the programme"),
        columns=PROVINCES,
        rows=lambda: (
            (one.code, one.name_th, one.name_en, one.digital, one.learning, one.knowledge, one.proposals, one.demo)
            for one in found
        ),
        source=gettext("counted from the data of this site"),
        demo=any(one.demo for one in found),
        places="province",
    )
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    programmes = {"digital": queries.DIGITAL, "learning": queries.LEARNING}
    return render_template("pages/outcomes/provinces.html", found=found, taken=taken, programmes=programmes)


@outcomes.get("/results/movement/<framework>")
def movement(framework: str) -> ResponseReturnValue:
    """Every place that is scored in the first and the last edition of a method."""
    session = database()
    pair = queries.movement(session, framework)
    entry = entry_of(pair[1]) if pair else None
    if pair is None or entry is None or not lasting(entry.framework):
        raise NotFound(f"{framework} has no two editions whose scores can be compared")
    before, after = pair
    wanted = checked(Wanted(), request.args)
    every = queries.moved(session, before, after)
    rows = [one for one in every if wanted["change"] in ("", one.direction)]
    taken = TakeAway(
        name=f"results-{framework}-{before.period}-{after.period}",
        address=here(wanted, page=1),
        title=Text(f"คะแนนที่เปลี่ยนไปตั้งแต่ปีตั้งต้น: {entry.name.th}", f"Scores since the baseline: {entry.name.en}"),
        columns=PLACES,
        rows=lambda: _places(rows),
        edition=after,
        entry=entry,
        unit=gettext("points of 100"),
        demo=after.demo,
        places="place",
    )
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    pages = max(-(-len(rows) // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    return render_template(
        "pages/outcomes/movement.html",
        rows=rows[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]],
        found=len(rows),
        counts={code: sum(one.direction == code for one in every) for code in DIRECTIONS},
        every=len(every),
        directions=DIRECTIONS,
        wanted=wanted,
        pages=pages,
        page_link=page_links(wanted),
        before=before,
        after=after,
        entry=entry,
        taken=taken,
    )


def _figures(session: Session) -> list[Figure]:
    covered = queries.provinces(session)
    register = queries.proposals(session)
    invented = sum(one.demo for one in covered)
    made = [
        ("provinces", gettext("Provinces covered"), Count(len(covered), invented),
         gettext("with a member of the two programmes, an item of knowledge or a proposal"),
         url_for("outcomes.provinces")),
        ("digital-governments", gettext("Local governments in the digital programme"),
         queries.members(session, queries.DIGITAL), gettext("members of today, as the owner imported them"),
         url_for("programmes.profile", code=queries.DIGITAL, members="all")),
        ("learning-cities", gettext("Learning cities of Thailand"), queries.members(session, queries.LEARNING),
         gettext("members of today, as the owner imported them"),
         url_for("programmes.profile", code=queries.LEARNING, members="all")),
        ("unesco-cities", gettext("Members of UNESCO's network"), queries.members(session, queries.NETWORK),
         gettext("members of today, each with the source of joining"), url_for("learning.index")),
        *_of_targets(session),
        ("knowledge", gettext("Items in the knowledge bank"), queries.knowledge(session),
         gettext("accepted by a reviewer and shown"), url_for("knowledge.index")),
        ("plans-shown", gettext("Plans that everybody can read"), queries.plans_shown(session),
         gettext("shown by their places, who have written them themselves"), url_for("plan_shown.index")),
        *(
            (code, _kind(kind), register.get(kind, Count()),
             gettext("in the register, from imported lists or written by places"),
             url_for("proposals.index", kind=kind))
            for code, kind in KINDS.items()
        ),
    ]  # fmt: skip
    reported = _reported()
    return [Figure(*one, reported=tuple(reported.get(one[0], ()))) for one in made]


def _of_targets(session: Session) -> list[tuple[str, str, Count, str, str]]:
    """Targets that places adopted, and those that are reached."""
    adopted, reached = queries.targets_reached(session, application().catalogue, today())
    reached_at = url_for("targets.index", progress=str(Progress.REACHED))
    return [
        ("targets-adopted", gettext("Targets adopted"), adopted,
         gettext("in force today, set by places, provinces or the country"), url_for("targets.index")),
        ("targets-reached", gettext("Targets reached"), reached,
         gettext("of these, those whose newest figure is as good as the target, or better"), reached_at),
    ]  # fmt: skip


def _kind(code: str) -> str:
    return translated(application().catalogue.codelist("proposal-kinds").items[code].name)


def _reported() -> Mapping[str, list[ReportedFigure]]:
    """What others report, by the figure that it stands beside; what stands alone is under an empty code."""
    catalogue = application().catalogue
    figures = [one for held in catalogue.reported.values() for one in held.figures]
    figures += [one for programme in catalogue.programmes.values() for one in programme.reported]
    found: dict[str, list[ReportedFigure]] = {}
    for one in figures:
        found.setdefault(one.counts or "", []).append(one)
    return found


def _alone(found: Sequence[Figure]) -> list[ReportedFigure]:
    """Figures of the programme as a whole that nothing here counts."""
    known = {one.code for one in found}
    lists = application().catalogue.reported.values()
    return [one for held in lists for one in held.figures if one.counts not in known]


def _taken(found: Sequence[Figure]) -> TakeAway:
    day = today()
    return TakeAway(
        name="results",
        address=here({}),
        title=Text("ผลของโปรแกรม", "What it has come to"),
        columns=COLUMNS,
        rows=lambda: _rows(found),
        source=gettext("counted from the data of this site on %(date)s; reported figures as each row says",
                       date=f"{day.isoformat()} ({buddhist_year(day.year)})"),
        demo=any(one.count.demo for one in found),
    )  # fmt: skip


def _rows(found: Sequence[Figure]) -> Iterator[tuple[Any, ...]]:
    for one in found:
        counted = (one.code, one.name, one.count.all, one.count.demo)
        for said in one.reported or (None,):
            yield (*counted, *_said(said))
    for said in _alone(found):
        yield (None, said.figure.th, None, None, *_said(said))


def _said(one: ReportedFigure | None) -> tuple[Any, ...]:
    if one is None:
        return (None, None, None, None)
    value = one.value if isinstance(one.value, int | float) else one.value.th
    on = one.on.th if isinstance(one.on, Text) else one.on.isoformat()
    return (str(value), on, one.source.name.th, one.verified is not None)


def _places(rows: Sequence[Moved]) -> Iterator[tuple[Any, ...]]:
    return ((one.code, one.name_th, one.name_en, one.before, one.after, one.change, one.demo) for one in rows)
