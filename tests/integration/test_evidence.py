"""Evidence beside answers: who puts it there, who reads it, and where else the same file is used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cityindex.config import read_settings
from cityindex.errors import Conflict, NotFound
from cityindex.formats.file_kinds import Refusal, Refused
from cityindex.gateways.evidence import FolderStore, Source, TooLarge
from cityindex.gateways.scanner import NoScanner, Scan, Verdict
from cityindex.models import AuditEvent, Evidence, EvidenceFile
from cityindex.queries.accounts.accounts import account
from cityindex.queries.assessments.evidence import (
    EvidenceRecord,
    Use,
    Where,
    evidence,
    evidence_of,
    evidence_submitted,
    uses,
)
from cityindex.queries.assessments.rounds import assessment
from cityindex.services.accounts.roles import Held
from cityindex.services.assessments.assessments import NotAnswerable
from cityindex.services.assessments.described import Described, Fault, WrongEvidence
from cityindex.services.assessments.evidence import EvidenceKeeping, Limits, Scans, Unreadable
from cityindex.services.assessments.submissions import draft_of
from cityindex.services.doctor import examine
from tests import files
from tests.databases import MakeDatabase
from tests.integration.assessing import PERIOD, PLACES, World, answer, approve, give_back, opened, prepared, submit

LIMITS = Limits(file=100_000, assessment=250_000)
SAID = Described("แผนดิจิทัล.pdf", "หน้า 3", date(2025, 9, 30))


class Told:
    """A scanner that says what it is told to say."""

    def __init__(self) -> None:
        self.verdict = Scan(Verdict.CLEAN)

    def scan(self, stream: Source) -> Scan:
        assert stream.read(4)
        return self.verdict


@pytest.fixture
def world(databases: MakeDatabase) -> Iterator[World]:
    world = prepared(databases)
    opened(world)
    yield world
    world.application.engine.dispose()


@pytest.fixture
def engine(world: World) -> Engine:
    return world.application.engine


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "evidence")


@pytest.fixture
def keeping(world: World, store: FolderStore) -> EvidenceKeeping:
    return EvidenceKeeping(world.application.sessions, store, NoScanner(), LIMITS)


def rows(world: World) -> list[Evidence]:
    with world.application.sessions() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def grants(world: World, person: int) -> tuple[Held, ...]:
    with world.application.sessions() as session:
        found = account(session, person)
        assert found is not None
        return found.held


def add(keeping: EvidenceKeeping, number: int, question: str = "digital_plan", by: int = 1) -> EvidenceRecord:
    """The same PDF each time."""
    return keeping.add_file(number, question, io.BytesIO(files.pdf()), SAID, by)


def test_a_file_stands_beside_its_question(world: World, keeping: EvidenceKeeping, engine: Engine) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
    assert (made.kind, made.name, made.note, made.dated) == ("file", "แผนดิจิทัล.pdf", "หน้า 3", date(2025, 9, 30))
    assert (made.media_type, made.size, made.verdict) == ("application/pdf", len(files.pdf()), "unscanned")
    assert made.uploaded_by == editor
    assert made.uploaded_at.date() != made.dated
    with Session(engine) as session:
        assert dict(evidence_of(session, here)) == {"digital_plan": (made,)}
    opened = keeping.read(made.id, grants(world, editor))
    assert opened.stream.read() == files.pdf()
    opened.stream.close()


def test_what_is_refused_leaves_nothing_behind(world: World, keeping: EvidenceKeeping, store: FolderStore) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    with pytest.raises(Refused) as refused:
        keeping.add_file(here, "digital_plan", io.BytesIO(files.WINDOWS_PROGRAM), Described("plan.pdf"), editor)
    assert refused.value.why is Refusal.PROGRAM
    with pytest.raises(TooLarge):
        keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf() + bytes(LIMITS.file)), SAID, editor)
    with pytest.raises(NotFound):
        keeping.add_file(here, "nonsense", io.BytesIO(files.pdf()), SAID, editor)
    with pytest.raises(NotFound):
        keeping.add_file(9999, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
    assert list(store.list()) == []
    assert rows(world) == []


def test_all_files_of_an_assessment_have_a_limit(world: World, keeping: EvidenceKeeping, store: FolderStore) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    large = [files.pdf(str(number)).replace(b"%%EOF", b"%" * 90_000 + b"\n%%EOF") for number in range(3)]
    first = keeping.add_file(here, "digital_plan", io.BytesIO(large[0]), SAID, editor)
    keeping.add_file(here, "website", io.BytesIO(large[0]), SAID, editor)  # the same file takes no more room
    keeping.add_file(here, "website", io.BytesIO(large[1]), SAID, editor)
    with pytest.raises(WrongEvidence) as wrong:
        keeping.add_file(here, "digital_plan", io.BytesIO(large[2]), SAID, editor)
    assert wrong.value.faults == {"file": Fault.TOO_MUCH}
    assert len(list(store.list())) == 2
    for one in rows(world):
        if one.sha256 == first.sha256:
            keeping.remove(one.id, editor)
    keeping.add_file(here, "digital_plan", io.BytesIO(large[2]), SAID, editor)


def test_sent_twice_is_there_once(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")

    def send(_: int) -> int:
        return keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    links = {keeping.add_link(here, "website", "https://example.go.th/a", SAID, editor).id for _ in range(2)}
    assert len(links) == 1
    assert len(rows(world)) == 2
    first = rows(world)[0].id
    keeping.remove(first, editor)
    assert keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor).id != first


def test_the_same_file_of_two_places_at_once(world: World, keeping: EvidenceKeeping, engine: Engine) -> None:

    def send(code: str) -> str | None:
        return add(keeping, world.assessment_of(code), by=world.people["editor"]).sha256

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, PLACES))) == 1
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(EvidenceFile)) == 1
    assert len(rows(world)) == len(PLACES)


def test_a_link_is_of_the_web(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    made = keeping.add_link(here, "website", "  https://www.example.go.th/แผน?ปี=2566 ", Described(), editor)
    assert (made.kind, made.url, made.name) == ("link", "https://www.example.go.th/แผน?ปี=2566", "www.example.go.th")
    assert made.readable
    wrong = {
        "": Fault.URL_MISSING,
        "javascript:alert(1)": Fault.URL_SCHEME,
        "data:text/html,<script>": Fault.URL_SCHEME,
        "file:///etc/passwd": Fault.URL_SCHEME,
        "ftp://example.go.th": Fault.URL_SCHEME,
        "www.example.go.th": Fault.URL_WRONG,
        "https://": Fault.URL_WRONG,
        "//example.go.th": Fault.URL_WRONG,
        "https://exa mple.go.th": Fault.URL_WRONG,
        "https://[::1": Fault.URL_WRONG,
        "https://example.go.th:99999/": Fault.URL_WRONG,
        "https://a:b@example.go.th/": Fault.URL_PASSWORD,
        "https://example.go.th/" + "a" * 2000: Fault.URL_LONG,
    }
    for url, fault in wrong.items():
        with pytest.raises(WrongEvidence) as refused:
            keeping.add_link(here, "website", url, SAID, editor)
        assert refused.value.faults == {"url": fault}, url
    with pytest.raises(NotFound):
        keeping.read(made.id, grants(world, editor))  # there is no file to read


def test_everything_wrong_is_said_at_once(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    said = Described("n" * 201, "x" * 2001, tomorrow, date(2020, 1, 1))
    with pytest.raises(WrongEvidence) as wrong:
        keeping.add_link(here, "website", "mailto:a@b", said, editor)
    assert wrong.value.faults == {
        "url": Fault.URL_SCHEME,
        "name": Fault.NAME_LONG,
        "note": Fault.NOTE_LONG,
        "dated": Fault.DATE_FUTURE,
        "valid_until": Fault.VALID_BEFORE,
    }
    assert len(wrong.value.problems) == 5
    with pytest.raises(WrongEvidence) as nameless:
        keeping.add_file(here, "website", io.BytesIO(files.pdf()), Described("\u202e \u200b"), editor)
    assert nameless.value.faults == {"name": Fault.NAME_MISSING}


def test_names_turn_no_letters_around(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    said = Described("plan\u202efdp.exe\n แผน 2566/2567")
    made = keeping.add_file(here, "website", io.BytesIO(files.pdf()), said, editor)
    assert made.name == "planfdp.exe แผน 2566/2567"


def test_dates_and_notes_can_be_put_right(world: World, keeping: EvidenceKeeping, engine: Engine) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    made = keeping.add_file(here, "website", io.BytesIO(files.pdf()), SAID, editor)
    now = keeping.change(made.id, Described("", "หน้า 4", date(2025, 10, 1), date(2030, 1, 1)), editor)
    assert (now.name, now.note, now.dated, now.valid_until) == (
        "แผนดิจิทัล.pdf",
        "หน้า 4",
        date(2025, 10, 1),
        date(2030, 1, 1),
    )
    assert (now.uploaded_at, now.sha256) == (made.uploaded_at, made.sha256)
    with Session(engine) as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence changed")).one()
    assert (told.actor, told.subject) == (f"account {editor}", f"evidence {made.id}")
    assert "2025-09-30" in (told.detail or "")
    with pytest.raises(WrongEvidence):
        keeping.change(made.id, Described(valid_until=date(2020, 1, 1), dated=date(2021, 1, 1)), editor)


def test_removed_evidence_stays_for_what_was_submitted(world: World, keeping: EvidenceKeeping, engine: Engine) -> None:
    editor, reviewer, here = world.people["editor"], world.people["reviewer"], world.assessment_of("M1")
    made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
    submit(world, here)
    give_back(world, here, "digital_plan")
    keeping.remove(made.id, editor)
    with pytest.raises(NotFound):
        keeping.remove(made.id, editor)
    with Session(engine) as session:
        assert evidence_of(session, here) == {}
        assert evidence(session, made.id).removed_at is not None
    keeping.read(made.id, grants(world, reviewer)).stream.close()


def test_nothing_changes_while_the_assessment_is_elsewhere(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
    submit(world, here)
    for deed in (
        lambda: keeping.add_file(here, "digital_plan", io.BytesIO(files.png()), SAID, editor),
        lambda: keeping.add_link(here, "digital_plan", "https://example.go.th", SAID, editor),
        lambda: keeping.change(made.id, SAID, editor),
        lambda: keeping.remove(made.id, editor),
    ):
        with pytest.raises(NotAnswerable):
            deed()
    assert [one.removed_at for one in rows(world)] == [None]


def test_time_is_over(world: World, keeping: EvidenceKeeping, store: FolderStore) -> None:
    keeping.clock = lambda: datetime.now(UTC) + timedelta(days=60)
    with pytest.raises(Conflict, match="ended"):
        add(keeping, world.assessment_of("M1"), by=world.people["editor"])
    assert list(store.list()) == []


def test_only_who_may_read_the_assessment_reads_its_evidence(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)

    def reads(person: int) -> bool:
        try:
            keeping.read(made.id, grants(world, person)).stream.close()
        except NotFound:
            return False
        return True

    own = [world.people[name] for name in ("editor", "colleague", "approver", "advisor", "officer", "administrator")]
    others = [world.people[name] for name in ("other-editor", "other-approver", "methodologist")]
    reviewers = [world.people[name] for name in ("reviewer", "second-reviewer")]
    assert all(map(reads, own))
    assert not any(map(reads, others))
    assert not any(map(reads, reviewers)), "a draft is for nobody else"
    submit(world, here)
    assert all(map(reads, own + reviewers))
    assert not any(map(reads, others))
    give_back(world, here, "digital_plan")
    later = keeping.add_file(here, "digital_plan", io.BytesIO(files.png()), SAID, editor)
    with pytest.raises(NotFound):
        keeping.read(later.id, grants(world, reviewers[0]))
    with pytest.raises(NotFound):
        keeping.read(later.id + 1, grants(world, editor))


def test_nobody_opens_what_the_scanner_holds(
    world: World, keeping: EvidenceKeeping, engine: Engine, store: FolderStore
) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    keeping.scanner = told = Told()
    told.verdict = Scan(Verdict.WAITING, "clamd does not answer")
    made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
    assert (made.verdict, made.finding, made.readable) == ("waiting", "clamd does not answer", False)
    with pytest.raises(Unreadable, match="clamd does not answer"):
        keeping.read(made.id, grants(world, editor))
    assert keeping.scan_waiting() == Scans(waiting=1)
    told.verdict = Scan(Verdict.CLEAN)
    assert keeping.scan_waiting() == Scans(clean=1)
    assert keeping.scan_waiting() == Scans()
    keeping.read(made.id, grants(world, editor)).stream.close()
    told.verdict = Scan(Verdict.INFECTED, "Eicar")
    bad = keeping.add_file(here, "website", io.BytesIO(files.png()), SAID, editor)
    assert (bad.verdict, bad.readable) == ("infected", False)
    with pytest.raises(Unreadable, match="Eicar"):
        keeping.read(bad.id, grants(world, editor))


def test_what_a_scanner_said_stands_until_one_says_something_else(world: World, keeping: EvidenceKeeping) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    keeping.scanner = told = Told()

    def add(verdict: Verdict) -> str | None:
        told.verdict = Scan(verdict)
        made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
        return made.verdict

    assert [add(Verdict.CLEAN), add(Verdict.WAITING)] == ["clean", "clean"]
    assert [add(Verdict.INFECTED), add(Verdict.WAITING), add(Verdict.UNSCANNED)] == ["infected"] * 3
    assert add(Verdict.CLEAN) == "clean"


def test_a_file_that_the_store_lost_is_named(world: World, keeping: EvidenceKeeping, store: FolderStore) -> None:
    editor, here = world.people["editor"], world.assessment_of("M1")
    made = keeping.add_file(here, "digital_plan", io.BytesIO(files.pdf()), SAID, editor)
    assert keeping.missing() == ()
    store.remove(made.sha256 or "")
    assert keeping.missing() == (made.sha256,)
    with pytest.raises(NotFound):
        keeping.read(made.id, grants(world, editor))
    assert keeping.scan_waiting() == Scans(), "there is no scanner"
    keeping.scanner = Told()
    assert keeping.scan_waiting() == Scans(waiting=1)


def test_the_same_file_twice_is_shown_as_such(world: World, keeping: EvidenceKeeping, engine: Engine) -> None:
    before = world.assessment_of("M1")
    opened(world, PERIOD + 1)
    here, editor = world.assessment_of("M1"), world.people["editor"]
    first = add(keeping, before, "website", editor).id
    mine, again = add(keeping, here, by=editor).id, add(keeping, here, "website", editor).id
    for code in ("M2", "M3"):
        add(keeping, world.assessment_of(code), by=editor)
    submit(world, world.assessment_of("M2"))
    with Session(engine) as session:
        own = uses(session, here)
        everywhere = uses(session, here, everywhere=True)

    def use(where: Where, code: str, question: str, period: int = PERIOD + 1) -> Use:
        return Use(where, question, period, world.places[code], f"เทศบาล {code}", f"Town {code}")

    earlier = use("earlier", "M1", "website", PERIOD)
    assert own == {
        mine: (use("here", "M1", "website"), earlier),
        again: (use("here", "M1", "digital_plan"), earlier),
    }
    elsewhere = use("elsewhere", "M2", "digital_plan")
    assert set(everywhere[mine]) == {*own[mine], elsewhere}, "M3 has submitted nothing: its draft is nobody's business"
    keeping.remove(again, editor)
    keeping.remove(first, editor)
    with Session(engine) as session:
        assert uses(session, here) == {}


def test_what_was_carried_over_is_no_second_use(world: World, keeping: EvidenceKeeping, engine: Engine) -> None:
    before = world.assessment_of("M1")
    answer(world, before, "digital_plan", "3")
    made = add(keeping, before, by=world.people["editor"])
    submit(world, before)
    approve(world, before)
    opened(world, PERIOD + 1)
    here = world.assessment_of("M1")
    with Session(engine) as session:
        (carried,) = evidence_of(session, here)["digital_plan"]
        assert (carried.carried_from, carried.sha256, carried.dated) == (made.id, made.sha256, made.dated)
        assert uses(session, here, everywhere=True) == {}
        assert uses(session, before, everywhere=True) == {}
    keeping.read(carried.id, grants(world, world.people["editor"])).stream.close()


def test_a_submission_keeps_what_was_said_of_its_evidence(
    world: World, keeping: EvidenceKeeping, engine: Engine
) -> None:
    here, editor = world.assessment_of("M1"), world.people["editor"]
    made = add(keeping, here, by=editor)
    submit(world, here)
    give_back(world, here, "digital_plan")
    keeping.change(made.id, Described("ชื่อใหม่", "ร่าง", date(2024, 1, 1), date(2024, 12, 31)), editor)
    keeping.remove(made.id, editor)
    with Session(engine) as session:
        (frozen,) = evidence_submitted(session, here, 1)["digital_plan"]
    said = ("id", "name", "note", "dated", "valid_until")
    assert [getattr(frozen, name) for name in said] == [getattr(made, name) for name in said]
    assert frozen.removed_at is not None


@pytest.mark.parametrize("said", [Described("", "หน้า 9"), Described("", valid_until=date(2030, 1, 1))])
def test_what_is_said_of_evidence_after_the_approver_looked_is_not_submitted(
    world: World, keeping: EvidenceKeeping, said: Described
) -> None:
    here, editor = world.assessment_of("M1"), world.people["editor"]
    made = add(keeping, here, by=editor)
    with world.application.sessions() as session:
        seal = draft_of(session, assessment(session, here)).seal
    keeping.change(made.id, replace(said, dated=made.dated), editor)
    with pytest.raises(Conflict):
        world.application.submissions.submit(here, seal, world.people["approver"])


def test_an_operator_is_told_what_ails(engine: Engine, database_url: str, tmp_path: Path) -> None:
    def findings(**settings: str) -> dict[str, tuple[str, str]]:
        environ = {f"CITYINDEX_{name.upper()}": value for name, value in settings.items()}
        found = examine(read_settings({"CITYINDEX_DATABASE_URL": database_url, **environ}))
        return {one.what: (one.state, one.cure) for one in found}

    folder = tmp_path / "evidence"
    fine = findings(evidence_url=str(folder), scanner_url="command:/bin/true")
    assert (fine["Evidence"], fine["Virus scanner"]) == (("ok", ""), ("ok", ""))
    assert list(FolderStore(folder).list()) == []
    assert findings(evidence_url=str(folder))["Virus scanner"][0] == "optional"
    (tmp_path / "in-the-way").write_text("")
    bad = findings(evidence_url=str(tmp_path / "in-the-way"), scanner_url="command:/no/such/program")
    assert (bad["Evidence"][0], bad["Virus scanner"][0]) == ("missing", "missing")
    assert "CITYINDEX_EVIDENCE_URL" in bad["Evidence"][1]
    assert findings(evidence_url=str(folder), scanner_url="nonsense")["Virus scanner"][0] == "missing"
