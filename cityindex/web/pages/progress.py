"""Where everybody stands in a round, live and by name: for the programme office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.assessment.appeals import Appeals, appeals
from cityindex.assessment.workflow import Deed, State
from cityindex.calendars import day_of
from cityindex.definitions.catalogue import Programme
from cityindex.errors import NotFound
from cityindex.formats.progress_sheets import as_xlsx
from cityindex.models import Round, now
from cityindex.queries.assessments.rounds import AssessmentRecord, RoundRecord, assessments, rounds
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import named_places
from cityindex.web.assessments import words as assessment_words
from cityindex.web.filters import translated
from cityindex.web.links import page_links
from cityindex.web.page import linked, place_type
from cityindex.web.pages.places import MIME
from cityindex.web.query import checked
from cityindex.web.session import application, database

progress = Blueprint("progress", __name__)
LATE = "late"
PAGE = 100


class Wanted(Schema):
    """Which rows of the list; `state` is a state of an assessment, or `late`: time is over and nothing handed in."""

    class Meta:
        unknown = EXCLUDE

    round = fields.Integer(load_default=None)
    state = fields.String(load_default="", validate=validate.OneOf(["", LATE, *State]))
    province = fields.String(load_default="", validate=validate.Length(max=32))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True)
class Row:
    """An assessment in the list: `days` in its state, `late` where its time is over and it waits for answers."""

    record: AssessmentRecord
    place: Named
    days: int
    late: bool
    submitted: int


@progress.get("/programmes/<code>/progress")
def index(code: str) -> str:
    programme, asked, rows = _asked(code)
    wanted = checked(Wanted(), request.args)
    given = {name: value for name, value in wanted.items() if value and name != "page"}
    shown = [row for row in rows if _is(row, wanted["state"]) and wanted["province"] in ("", row.place.province_code)]
    shown = sorted(shown, key=lambda row: (not row.late, -row.days, row.place.name_sort))
    return render_template(
        "pages/progress/index.html",
        programme=programme,
        asked=asked,
        rounds=rounds(database(), code),
        rows=shown[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]],
        fitting=len(shown),
        pages=max(-(-len(shown) // PAGE), 1),
        page_link=page_links(wanted),
        everybody=len(rows),
        states=Counter(row.record.standing.state for row in rows),
        late=sum(row.late for row in rows),
        due=sum(row.record.standing.answerable and not row.late for row in rows),
        unpublished=sum(row.record.standing.state is State.APPROVED for row in rows),
        appeals=_appeals(asked, rows),
        provinces=sorted({(row.place.province_code, translated_province(row.place)) for row in rows}, key=str),
        wanted=wanted,
        say=assessment_words,
        link=lambda record: linked("reviews.one", number=record.id),
        file_link=url_for("progress.file", code=code, **given),
    )


@progress.get("/programmes/<code>/progress.xlsx")
def file(code: str) -> Response:
    programme, asked, rows = _asked(code)
    header = [
        gettext("Code"), gettext("Place"), gettext("Type"), gettext("Province"), gettext("State"), gettext("With"),
        gettext("Since"), gettext("Days"), gettext("Due"), gettext("Late"), gettext("Submissions"),
        gettext("Demo data"),
    ]  # fmt: skip
    title = gettext("Progress of the round: %(name)s", name=translated(programme.name))
    response = Response(as_xlsx(header, [_cells(row) for row in rows], title), mimetype=MIME["xlsx"])
    name = f"{code}-{asked.period}-progress-{day_of(now())}.xlsx"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _asked(code: str) -> tuple[Programme, RoundRecord, list[Row]]:
    programme = application().catalogue.programme(code)
    found, wanted = rounds(database(), code), checked(Wanted(), request.args)["round"]
    asked = next((one for one in found if wanted in (None, one.id)), None)
    if asked is None:
        raise NotFound(f"{code} has no such round")
    places = named_places(database())
    records = assessments(database(), Round.id == asked.id)
    return programme, asked, [_row(one, places[one.place.code]) for one in records]


def _row(record: AssessmentRecord, place: Named) -> Row:
    today = day_of(now())
    days = (today - day_of(record.standing.since)).days
    late = record.standing.answerable and not record.answerable(today)
    handed_in = sum(event.deed is Deed.SUBMITTED for event in record.events)
    return Row(record, place, days, late, handed_in)


def _is(row: Row, state: str) -> bool:
    return row.late if state == LATE else state in ("", row.record.standing.state)


def _appeals(asked: RoundRecord, rows: Sequence[Row]) -> Appeals:
    return sum((appeals(row.record.events, asked.appeal_days, now()) for row in rows), Appeals())


def _cells(row: Row) -> list[Any]:
    standing, place = row.record.standing, row.place
    return [
        place.code, translated(place), translated(place_type(place.place_type).name), translated_province(place),
        str(assessment_words.STATES[standing.state]), assessment_words.holder(standing),
        day_of(standing.since).isoformat(), row.days, row.record.due.isoformat(),
        gettext("late") if row.late else "", row.submitted, gettext("yes") if place.demo else "",
    ]  # fmt: skip


def translated_province(place: Named) -> str:
    """The province in the language of the reader; empty for a province itself."""
    return translated({"th": place.province_th or "", "en": place.province_en or place.province_th or ""})
