"""Figures by hand: kept, shown, confirmed, accepted or returned; a place touches nothing but its own rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from cityindex.assessment.questionnaire import Question, Questionnaire, Section
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.formats.uploaded import WrongKind
from cityindex.models import Account, AuditEvent, Observation, Recording, Source, Upload, UploadEvent, UploadFile
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.observations.uploads import FOLLOWS, UploadRecord, state_of, upload, uploads, waiting
from cityindex.services.observations.uploads import Changed, Choices, NewUpload, Uploads
from tests.integration.recording import NAMED, Records, catalogue

OWN = "รหัส อปท.,ชื่อ,ปี (พ.ศ.),ถนน (ร้อยละ) [roads],คน [people]\n4500101,ก,2566,50,1200\n"
BOTH = OWN + "4500102,ข,2566,60,1300\n"
EDITOR, APPROVER, REVIEWER, ANALYST = 1, 2, 3, 4


class Desk:
    """The service over one database with four people."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.records = Records(engine, folder)
        self.service = Uploads(self.records.sessions, catalogue(), self.records.service)
        with self.records.sessions() as session:
            session.add_all(Account(email=f"{number}@example.go.th") for number in range(1, 5))
            session.commit()

    def keep(self, text: str | bytes = OWN, place: str | None = "4500101", **more: Any) -> int:
        content = text.encode() if isinstance(text, str) else text
        place_id = self.records.place_id(place) if place else None
        who = EDITOR if place else ANALYST
        new = NewUpload(content, "ตัวเลข.csv", more.pop("source", "งบการเงิน"), who, place_id, Choices(**more))
        return self.service.keep(new)

    def shown(self, number: int) -> str:
        found = self.service.preview(number)
        assert found.problems == ()
        return found.fingerprint

    def confirm(self, number: int, by: int = APPROVER) -> None:
        self.service.confirm(number, by, self.shown(number))

    def accept(self, number: int, by: int = REVIEWER) -> None:
        self.service.accept(number, by, self.shown(number))

    def record(self, number: int) -> UploadRecord:
        with self.records.sessions() as session:
            return upload(session, number)

    def reasons(self, number: int) -> list[tuple[int | None, str]]:
        return [(problem.row, problem.reason) for problem in self.service.preview(number).problems]


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path)


def count(desk: Desk, model: type[Any]) -> int:
    with desk.records.sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_figures_of_a_place_become_observations_when_they_are_accepted(desk: Desk) -> None:
    number = desk.keep()
    assert desk.record(number).state == "checked"
    desk.confirm(number)
    assert desk.records.rows() == []
    desk.accept(number)
    assert [row[:4] for row in desk.records.rows()] == [
        ("4500101", 2023, 1200.0, "A"),
        ("4500101", 2023, 50.0, "A"),
    ]
    record = desk.record(number)
    assert [(event.deed, event.account_id) for event in record.events] == [
        ("checked", EDITOR), ("confirmed", APPROVER), ("accepted", REVIEWER),
    ]  # fmt: skip
    with desk.records.sessions() as session:
        recording = session.get_one(Recording, record.events[-1].recording_id)
        assert (recording.door, recording.recorded_by, recording.file_hash) == ("file", "account 3", record.file_hash)
        sources = session.scalars(
            select(Source.text).join(Observation, Observation.source_id == Source.id).distinct()
        ).all()
        assert sources == [f"4500101 (4500101), upload {number}: งบการเงิน"]
        deeds = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert deeds == ["upload checked", "upload confirmed", "record-observations", "upload accepted"]


def test_the_preview_says_what_would_change(desk: Desk) -> None:
    desk.records.add("place,period,roads,people\n4500101,2023,40,1200\n")
    found = desk.service.preview(desk.keep())
    assert found.counts is not None
    assert {name: found.counts[name] for name in ("new", "revised", "unchanged")} == {
        "new": 0, "revised": 1, "unchanged": 1,
    }  # fmt: skip
    (change,) = found.changes
    assert (change.line, change.place, change.indicator, change.before, change.value) == (
        2, "4500101", "roads", 40.0, 50.0,
    )  # fmt: skip
    assert found.periods == (2023,)
    assert desk.records.counts()[0] == 2  # looking stores nothing


def test_a_place_touches_its_own_rows_only(desk: Desk) -> None:
    number = desk.keep(BOTH)
    assert desk.reasons(number) == [(3, "the row is of another place than yours")]
    with pytest.raises(Invalid):
        desk.service.confirm(number, APPROVER, "")
    assert desk.reasons(desk.keep(OWN, "4500102")) == [(2, "the row is of another place than yours")]
    assert desk.reasons(desk.keep(BOTH.replace("4500101", "5500101")))[0][0] == 3  # an earlier code is its own as well
    assert desk.reasons(desk.keep("code,year_ce,clinics\n50,2023,1\n")) == [
        (2, "the row is of another place than yours")
    ]


def test_what_a_questionnaire_asks_is_not_uploaded_by_a_place(desk: Desk) -> None:
    desk.records.service.catalogue = replace(catalogue(), questionnaires={"asking": questionnaire("clinics")})
    text = "code,year_ce,clinics\n4500101,2023,3\n"
    assert desk.reasons(desk.keep(text)) == [(1, "the indicator comes from a self-assessment")]
    assert desk.reasons(desk.keep(text, None)) == []


def questionnaire(*codes: str) -> QuestionnaireEntry:
    """One that asks for some indicators."""
    asked = Section("all", tuple(Question(code, "number") for code in codes))
    return QuestionnaireEntry(Questionnaire("asking", "1", "none", None, (asked,)), NAMED, {}, {}, "{}")


def test_a_source_column_does_not_hide_the_place(desk: Desk) -> None:
    number = desk.keep("code,year_ce,clinics,source\n4500101,2023,3,somebody else\n")
    desk.confirm(number)
    desk.accept(number)
    with desk.records.sessions() as session:
        assert session.scalars(select(Source.text)).all() == [f"4500101 (4500101), upload {number}: งบการเงิน"]


def test_an_analyst_stores_at_confirmation(desk: Desk) -> None:
    number = desk.keep(BOTH, None)
    desk.confirm(number, ANALYST)
    assert len(desk.records.rows()) == 4
    record = desk.record(number)
    assert [event.deed for event in record.events] == ["checked", "confirmed", "accepted"]
    assert record.events[-1].recording_id
    assert record.events[-2].recording_id is None


def test_an_analyst_may_load_fictional_figures_of_fictional_places(desk: Desk) -> None:
    number = desk.keep("code,year_ce,clinics\nD000001,2023,3\n", None)
    desk.confirm(number, ANALYST)
    with desk.records.sessions() as session:
        assert session.scalars(select(Recording.demo)).all() == [True]
    mixed = desk.keep("code,year_ce,clinics\nD000001,2023,3\n4500101,2023,3\n", None)
    assert desk.reasons(mixed) == [(2, "the place is a fictional one")]


def test_what_changed_since_is_shown_before_it_is_confirmed(desk: Desk) -> None:
    number = desk.keep()
    shown = desk.shown(number)
    desk.records.add("place,period,roads\n4500101,2023,41\n")
    with pytest.raises(Changed):
        desk.service.confirm(number, APPROVER, shown)
    assert desk.record(number).state == "checked"
    desk.confirm(number)
    desk.records.add("place,period,roads\n4500101,2023,42\n", on_conflict="revise")
    with pytest.raises(Changed):
        desk.service.accept(number, REVIEWER, shown)
    assert desk.record(number).state == "confirmed"
    assert desk.service.preview(number).changes[0].before is None  # people is new
    desk.accept(number)
    assert [row[2] for row in desk.records.rows() if row[5] is False] == [1200.0, 50.0]


def test_an_analysts_confirmation_of_something_else_stores_nothing(desk: Desk) -> None:
    number = desk.keep(BOTH, None)
    before = desk.records.counts()
    with pytest.raises(Changed):
        desk.service.confirm(number, ANALYST, "0" * 64)
    assert desk.records.counts() == before
    assert desk.record(number).state == "checked"


def test_the_choices_change_what_is_read_until_it_is_confirmed(desk: Desk) -> None:
    number = desk.keep("code,period,roads\n4500101,2566,50\n")
    assert desk.service.preview(number).periods == (2023,)
    assert any("nothing in the file says the era" in note for note in desk.service.preview(number).notes)
    desk.service.choose(number, Choices(era="ce"))
    assert desk.reasons(number) == [(2, "is not a year that can be meant")]
    desk.service.choose(number, Choices(era="be"))
    desk.confirm(number)
    with pytest.raises(Conflict):
        desk.service.choose(number, Choices(era="ce"))


def test_the_sheet_is_chosen_and_the_others_are_named(desk: Desk) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("ปก").write(0, 0, "รายงาน")
        page = book.add_worksheet("ข้อมูล")
        page.write_row(0, 0, ["code", "year_ce", "roads"])
        page.write_row(1, 0, [4500101, 2023, 50])
    number = desk.keep(buffer.getvalue())
    found = desk.service.preview(number)
    assert found.sheets == ("ปก", "ข้อมูล")
    assert found.problems
    desk.service.choose(number, Choices(sheet="ข้อมูล"))
    found = desk.service.preview(number)
    assert found.problems == ()
    assert "the sheet «ข้อมูล» was read; others: ปก" in found.notes
    desk.service.choose(number, Choices(sheet="ไม่มี"))
    assert "has no sheet" in desk.service.preview(number).problems[0].reason
    assert desk.service.preview(number).sheets == ("ปก", "ข้อมูล")


def test_headings_below_a_title_are_found_and_said(desk: Desk) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.merge_range("A1:C1", "รายงานถนน")
        page.write_row(1, 0, ["รหัสพื้นที่", "ปี (พ.ศ.)", "roads"])
        page.write_row(2, 0, [4500101, 2566, 50])
    found = desk.service.preview(desk.keep(buffer.getvalue()))
    assert [(one.reason, one.cure) for one in found.problems] == [
        ("the headings stand on line 2", "delete the lines above them")
    ]


def test_a_year_for_a_file_without_one(desk: Desk) -> None:
    number = desk.keep("code,roads\n4500101,50\n")
    assert desk.reasons(number) == [(1, "nothing says which period the values are of")]
    desk.service.choose(number, Choices(period=2023))
    assert desk.service.preview(number).periods == (2023,)


def test_nobody_decides_on_figures_of_his_own(desk: Desk) -> None:
    number = desk.keep()
    desk.confirm(number)
    for own in (EDITOR, APPROVER):
        with pytest.raises(Forbidden):
            desk.accept(number, own)
        with pytest.raises(Forbidden):
            desk.service.give_back(number, own, "wrong")
    assert desk.record(number).state == "confirmed"


def test_returned_with_a_reason(desk: Desk) -> None:
    number = desk.keep()
    with pytest.raises(Conflict):
        desk.service.give_back(number, REVIEWER, "too early")
    desk.confirm(number)
    with pytest.raises(Invalid):
        desk.service.give_back(number, REVIEWER, "  ")
    desk.service.give_back(number, REVIEWER, "ปีไม่ตรง")
    record = desk.record(number)
    assert (record.state, record.events[-1].reason) == ("returned", "ปีไม่ตรง")
    for deed in (lambda: desk.accept(number), lambda: desk.confirm(number), lambda: desk.service.withdraw(number, 1)):
        with pytest.raises(Conflict):
            deed()
    assert desk.records.rows() == []


def test_withdrawn(desk: Desk) -> None:
    number = desk.keep()
    desk.service.withdraw(number, EDITOR)
    with pytest.raises(Conflict):
        desk.confirm(number)
    assert desk.record(number).state == "withdrawn"


def test_a_file_that_cannot_be_read_changes_nothing_but_is_kept(desk: Desk) -> None:
    number = desk.keep("รหัส อปท.,ปี (พ.ศ.),[roads]\n4500101,2566,x\n9999999,2566,50\n4500101,2567,500\n")
    assert desk.reasons(number) == [(2, "is not a number")]
    number = desk.keep("รหัส อปท.,ปี (พ.ศ.),[roads]\n9999999,2566,50\n4500101,2567,500\n")
    assert desk.reasons(number) == [(2, "no place has this code"), (3, "is impossible")]
    assert desk.service.file(number).startswith("รหัส".encode())


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"%PDF-1.7"])
def test_wrong_kinds_are_not_kept(desk: Desk, content: bytes) -> None:
    with pytest.raises(WrongKind):
        desk.keep(content)
    assert count(desk, Upload) == count(desk, UploadFile) == count(desk, UploadEvent) == 0


def test_without_a_source_nothing_is_kept(desk: Desk) -> None:
    with pytest.raises(Invalid, match="where the figures come from"):
        desk.keep(source=" ")
    assert count(desk, Upload) == 0


def test_what_is_not_there(desk: Desk) -> None:
    for call in (desk.service.preview, desk.service.file, lambda number: desk.service.choose(number, Choices())):
        with pytest.raises(NotFound):
            call(77)


def test_accepting_twice_at_once_stores_once(desk: Desk) -> None:
    number = desk.keep()
    desk.confirm(number)
    shown = desk.shown(number)

    def accept(_: int) -> bool:
        try:
            desk.service.accept(number, REVIEWER, shown)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(accept, range(4))) == [False, False, False, True]
    assert desk.records.counts()[:2] == (2, 1)


def test_figures_that_are_stored_already_are_accepted_without_a_recording(desk: Desk) -> None:
    desk.records.add("place,period,roads,people\n4500101,2023,50,1200\n")
    number = desk.keep()
    desk.confirm(number)
    desk.accept(number)
    record = desk.record(number)
    assert (record.state, record.events[-1].recording_id) == ("accepted", None)
    assert desk.records.counts()[1] == 1


def test_lists_reach_as_far_as_the_permission(desk: Desk) -> None:
    first, second, third = desk.keep(), desk.keep(OWN.replace("4500101", "4500102"), "4500102"), desk.keep(BOTH, None)
    desk.confirm(first)
    desk.confirm(second)
    only = Reach(places=frozenset({desk.records.place_id("4500102")}))
    with desk.records.sessions() as session:
        assert [one.id for one in uploads(session, only, False, 10)] == [second]
        assert [one.id for one in uploads(session, Reach(), True, 10)] == [third]
        assert [one.id for one in waiting(session, Reach(everywhere=True))] == [first, second]
        assert [one.id for one in waiting(session, only)] == [second]
    desk.accept(first)
    desk.service.give_back(second, REVIEWER, "no")
    with desk.records.sessions() as session:
        assert waiting(session, Reach(everywhere=True)) == ()


DEEDS = ("confirm", "accept", "give_back", "withdraw")


def test_no_order_of_deeds_leads_elsewhere_than_the_table_says(desk: Desk) -> None:
    """Random orders of deeds: the state is the fold of what succeeded, and observations come with acceptance only."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(DEEDS), max_size=5))
    def run(deeds: list[str]) -> None:
        number = desk.keep()
        calls: dict[str, Callable[[], None]] = {
            "confirm": lambda: desk.confirm(number),
            "accept": lambda: desk.accept(number),
            "give_back": lambda: desk.service.give_back(number, REVIEWER, "no"),
            "withdraw": lambda: desk.service.withdraw(number, EDITOR),
        }
        names = dict(zip(DEEDS, ("confirmed", "accepted", "returned", "withdrawn"), strict=True))
        state: str | None = "checked"
        for deed in deeds:
            allowed = names[deed] in FOLLOWS.get(state, ())
            if allowed:
                calls[deed]()
                state = names[deed]
            else:
                with pytest.raises(Conflict):
                    calls[deed]()
        record = desk.record(number)
        assert record.state == state == state_of(event.deed for event in record.events)
        assert bool(record.deed("accepted")) == (state == "accepted")

    run()


def test_events_out_of_order_change_nothing() -> None:
    assert state_of([]) is None
    assert state_of(["accepted"]) is None
    assert state_of(["checked", "accepted", "confirmed", "checked", "returned", "accepted"]) == "returned"


def test_a_recording_is_whole_or_nothing_when_the_note_fails(desk: Desk) -> None:
    number = desk.keep(BOTH, None)
    shown = desk.shown(number)
    with pytest.raises(Exception, match=r"(?i)foreign key"):  # there is no such account
        desk.service.confirm(number, 9999, shown)
    assert desk.records.counts()[:2] == (0, 0)
    assert desk.record(number).state == "checked"
