"""Evidence beside answers: who puts it there, who reads it, and where else the same file is used."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.assessment.workflow import Deed
from cityindex.config import read_settings
from cityindex.errors import Conflict, NotFound
from cityindex.formats.file_kinds import Refusal, Refused
from cityindex.gateways.evidence import FolderStore, Source, TooLarge
from cityindex.gateways.scanner import NoScanner, Scan, Verdict
from cityindex.models import AuditEvent, EvidenceFile
from cityindex.queries.evidence import Use, evidence, evidence_of, uses
from cityindex.services.assessments import NotAnswerable
from cityindex.services.described import Described, Fault, WrongEvidence
from cityindex.services.doctor import examine
from cityindex.services.evidence import EvidenceKeeping, Limits, Scans, Unreadable
from tests import files
from tests.integration.small_round import SmallRound, small_round

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
def world(engine: Engine) -> SmallRound:
    return small_round(engine)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "evidence")


@pytest.fixture
def keeping(engine: Engine, store: FolderStore) -> EvidenceKeeping:
    return EvidenceKeeping(sessionmaker(engine, expire_on_commit=False), store, NoScanner(), LIMITS)


def test_a_file_stands_beside_its_question(world: SmallRound, keeping: EvidenceKeeping, engine: Engine) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)
    assert (made.kind, made.name, made.note, made.dated) == ("file", "แผนดิจิทัล.pdf", "หน้า 3", date(2025, 9, 30))
    assert (made.media_type, made.size, made.verdict) == ("application/pdf", len(files.pdf()), "unscanned")
    assert made.uploaded_by == editor
    assert made.uploaded_at.date() != made.dated
    with Session(engine) as session:
        assert dict(evidence_of(session, here)) == {"staff": (made,)}
    opened = keeping.read(made.id, world.grants(editor))
    assert opened.stream.read() == files.pdf()
    opened.stream.close()


def test_what_is_refused_leaves_nothing_behind(world: SmallRound, keeping: EvidenceKeeping, store: FolderStore) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    with pytest.raises(Refused) as refused:
        keeping.add_file(here, "staff", io.BytesIO(files.WINDOWS_PROGRAM), Described("plan.pdf"), editor)
    assert refused.value.why is Refusal.PROGRAM
    with pytest.raises(TooLarge):
        keeping.add_file(here, "staff", io.BytesIO(files.pdf() + bytes(LIMITS.file)), SAID, editor)
    with pytest.raises(NotFound):
        keeping.add_file(here, "nonsense", io.BytesIO(files.pdf()), SAID, editor)
    with pytest.raises(NotFound):
        keeping.add_file(9999, "staff", io.BytesIO(files.pdf()), SAID, editor)
    assert list(store.list()) == []
    assert world.rows() == []


def test_all_files_of_an_assessment_have_a_limit(
    world: SmallRound, keeping: EvidenceKeeping, store: FolderStore
) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    large = [files.pdf(str(number)).replace(b"%%EOF", b"%" * 90_000 + b"\n%%EOF") for number in range(3)]
    first = keeping.add_file(here, "staff", io.BytesIO(large[0]), SAID, editor)
    keeping.add_file(here, "plan", io.BytesIO(large[0]), SAID, editor)  # the same file takes no more room
    keeping.add_file(here, "plan", io.BytesIO(large[1]), SAID, editor)
    with pytest.raises(WrongEvidence) as wrong:
        keeping.add_file(here, "staff", io.BytesIO(large[2]), SAID, editor)
    assert wrong.value.faults == {"file": Fault.TOO_MUCH}
    assert len(list(store.list())) == 2
    for one in world.rows():
        if one.sha256 == first.sha256:
            keeping.remove(one.id, editor)
    keeping.add_file(here, "staff", io.BytesIO(large[2]), SAID, editor)


def test_sent_twice_is_there_once(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]

    def send(_: int) -> int:
        return keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    links = {keeping.add_link(here, "plan", "https://example.go.th/a", SAID, editor).id for _ in range(2)}
    assert len(links) == 1
    assert len(world.rows()) == 2
    first = world.rows()[0].id
    keeping.remove(first, editor)
    assert keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor).id != first


def test_the_same_file_of_two_places_at_once(world: SmallRound, keeping: EvidenceKeeping, engine: Engine) -> None:
    people = {code: world.person("editor", code) for code in world.assessments}

    def send(code: str) -> str | None:
        here = world.assessments[code]
        return keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, people[code]).sha256

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, world.assessments))) == 1
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(EvidenceFile)) == 1
    assert len(world.rows()) == len(world.assessments)


def test_a_link_is_of_the_web(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    made = keeping.add_link(here, "plan", "  https://www.example.go.th/แผน?ปี=2566 ", Described(), editor)
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
            keeping.add_link(here, "plan", url, SAID, editor)
        assert refused.value.faults == {"url": fault}, url
    with pytest.raises(NotFound):
        keeping.read(made.id, world.grants(editor))  # there is no file to read


def test_everything_wrong_is_said_at_once(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    said = Described("n" * 201, "x" * 2001, tomorrow, date(2020, 1, 1))
    with pytest.raises(WrongEvidence) as wrong:
        keeping.add_link(here, "plan", "mailto:a@b", said, editor)
    assert wrong.value.faults == {
        "url": Fault.URL_SCHEME,
        "name": Fault.NAME_LONG,
        "note": Fault.NOTE_LONG,
        "dated": Fault.DATE_FUTURE,
        "valid_until": Fault.VALID_BEFORE,
    }
    assert len(wrong.value.problems) == 5
    with pytest.raises(WrongEvidence) as nameless:
        keeping.add_file(here, "plan", io.BytesIO(files.pdf()), Described("\u202e \u200b"), editor)
    assert nameless.value.faults == {"name": Fault.NAME_MISSING}


def test_names_turn_no_letters_around(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    said = Described("plan\u202efdp.exe\n แผน 2566/2567")
    made = keeping.add_file(here, "plan", io.BytesIO(files.pdf()), said, editor)
    assert made.name == "planfdp.exe แผน 2566/2567"


def test_dates_and_notes_can_be_put_right(world: SmallRound, keeping: EvidenceKeeping, engine: Engine) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    made = keeping.add_file(here, "plan", io.BytesIO(files.pdf()), SAID, editor)
    now = keeping.change(made.id, Described("", "หน้า 4", date(2025, 10, 1), date(2030, 1, 1)), editor)
    assert (now.name, now.note, now.dated, now.valid_until) == (
        "แผนดิจิทัล.pdf",
        "หน้า 4",
        date(2025, 10, 1),
        date(2030, 1, 1),
    )
    assert (now.uploaded_at, now.sha256) == (made.uploaded_at, made.sha256)
    with Session(engine) as session:
        told = session.scalars(select(AuditEvent)).one()
    assert (told.actor, told.subject) == (f"account {editor}", f"evidence {made.id}")
    assert "2025-09-30" in (told.detail or "")
    with pytest.raises(WrongEvidence):
        keeping.change(made.id, Described(valid_until=date(2020, 1, 1), dated=date(2021, 1, 1)), editor)


def test_removed_evidence_stays_for_what_was_submitted(
    world: SmallRound, keeping: EvidenceKeeping, engine: Engine
) -> None:
    editor, reviewer, here = world.person("editor", "M1"), world.person("reviewer"), world.assessments["M1"]
    made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)
    world.submit("M1")
    world.happened("M1", Deed.RETURNED)
    keeping.remove(made.id, editor)
    with pytest.raises(NotFound):
        keeping.remove(made.id, editor)
    with Session(engine) as session:
        assert evidence_of(session, here) == {}
        assert evidence(session, made.id).removed_at is not None
    keeping.read(made.id, world.grants(reviewer)).stream.close()


def test_nothing_changes_while_the_assessment_is_elsewhere(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)
    world.submit("M1")
    for deed in (
        lambda: keeping.add_file(here, "staff", io.BytesIO(files.png()), SAID, editor),
        lambda: keeping.add_link(here, "staff", "https://example.go.th", SAID, editor),
        lambda: keeping.change(made.id, SAID, editor),
        lambda: keeping.remove(made.id, editor),
    ):
        with pytest.raises(NotAnswerable):
            deed()
    assert [one.removed_at for one in world.rows()] == [None]


def test_time_is_over(engine: Engine, keeping: EvidenceKeeping, store: FolderStore) -> None:
    late = small_round(engine, due=date(2026, 1, 31))
    editor = late.person("editor", "M1")
    with pytest.raises(Conflict, match="ended"):
        keeping.add_file(late.assessments["M1"], "staff", io.BytesIO(files.pdf()), SAID, editor)
    assert list(store.list()) == []


def test_only_who_may_read_the_assessment_reads_its_evidence(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)

    def reads(person: int) -> bool:
        try:
            keeping.read(made.id, world.grants(person)).stream.close()
        except NotFound:
            return False
        return True

    own = [editor, world.person("approver", "M1"), world.person("advisor", "M1"), world.person("programme-officer")]
    others = [world.person("editor", "M2"), world.person("methodologist"), world.person("reviewer", "M2")]
    reviewers = [world.person("reviewer"), world.person("reviewer", "M1")]
    assert all(map(reads, own))
    assert not any(map(reads, others))
    assert not any(map(reads, reviewers)), "a draft is for nobody else"
    world.submit("M1")
    assert all(map(reads, own + reviewers))
    assert not any(map(reads, others))
    world.happened("M1", Deed.RETURNED)
    later = keeping.add_file(here, "staff", io.BytesIO(files.png()), SAID, editor)
    with pytest.raises(NotFound):
        keeping.read(later.id, world.grants(reviewers[0]))
    with pytest.raises(NotFound):
        keeping.read(later.id + 1, world.grants(editor))


def test_nobody_opens_what_the_scanner_holds(
    world: SmallRound, keeping: EvidenceKeeping, engine: Engine, store: FolderStore
) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    keeping.scanner = told = Told()
    told.verdict = Scan(Verdict.WAITING, "clamd does not answer")
    made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)
    assert (made.verdict, made.finding, made.readable) == ("waiting", "clamd does not answer", False)
    with pytest.raises(Unreadable, match="clamd does not answer"):
        keeping.read(made.id, world.grants(editor))
    assert keeping.scan_waiting() == Scans(waiting=1)
    told.verdict = Scan(Verdict.CLEAN)
    assert keeping.scan_waiting() == Scans(clean=1)
    assert keeping.scan_waiting() == Scans()
    keeping.read(made.id, world.grants(editor)).stream.close()
    told.verdict = Scan(Verdict.INFECTED, "Eicar")
    bad = keeping.add_file(here, "plan", io.BytesIO(files.png()), SAID, editor)
    assert (bad.verdict, bad.readable) == ("infected", False)
    with pytest.raises(Unreadable, match="Eicar"):
        keeping.read(bad.id, world.grants(editor))


def test_what_a_scanner_said_stands_until_one_says_something_else(world: SmallRound, keeping: EvidenceKeeping) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    keeping.scanner = told = Told()

    def add(verdict: Verdict) -> str | None:
        told.verdict = Scan(verdict)
        made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)
        return made.verdict

    assert [add(Verdict.CLEAN), add(Verdict.WAITING)] == ["clean", "clean"]
    assert [add(Verdict.INFECTED), add(Verdict.WAITING), add(Verdict.UNSCANNED)] == ["infected"] * 3
    assert add(Verdict.CLEAN) == "clean"


def test_a_file_that_the_store_lost_is_named(world: SmallRound, keeping: EvidenceKeeping, store: FolderStore) -> None:
    editor, here = world.person("editor", "M1"), world.assessments["M1"]
    made = keeping.add_file(here, "staff", io.BytesIO(files.pdf()), SAID, editor)
    assert keeping.missing() == ()
    store.remove(made.sha256 or "")
    assert keeping.missing() == (made.sha256,)
    with pytest.raises(NotFound):
        keeping.read(made.id, world.grants(editor))
    assert keeping.scan_waiting() == Scans(), "there is no scanner"
    keeping.scanner = Told()
    assert keeping.scan_waiting() == Scans(waiting=1)


def test_the_same_file_twice_is_shown_as_such(world: SmallRound, keeping: EvidenceKeeping, engine: Engine) -> None:
    later = small_round(engine, period=2027)
    people = {code: world.person("editor", code) for code in ("M1", "M2", "M3")}

    def add(round_: SmallRound, code: str, question: str) -> int:
        here = round_.assessments[code]
        return keeping.add_file(here, question, io.BytesIO(files.pdf()), SAID, people[code]).id

    first = add(world, "M1", "plan")
    mine, again = add(later, "M1", "staff"), add(later, "M1", "plan")
    add(later, "M2", "staff")
    add(later, "M3", "staff")
    later.submit("M2")
    here = later.assessments["M1"]
    place = ("M1", later.places["M1"])
    with Session(engine) as session:
        own = uses(session, here)
        everywhere = uses(session, here, everywhere=True)
    earlier = Use("earlier", "plan", 2026, place[1], "เทศบาล M1", "Town M1")
    assert own == {
        mine: (Use("here", "plan", 2027, place[1], "เทศบาล M1", "Town M1"), earlier),
        again: (Use("here", "staff", 2027, place[1], "เทศบาล M1", "Town M1"), earlier),
    }
    other = Use("elsewhere", "staff", 2027, later.places["M2"], "เทศบาล M2", "Town M2")
    assert set(everywhere[mine]) == {*own[mine], other}, "M3 has submitted nothing: its draft is nobody's business"
    keeping.remove(again, people["M1"])
    keeping.remove(first, people["M1"])
    with Session(engine) as session:
        assert uses(session, here) == {}


def test_what_was_carried_over_is_no_second_use(world: SmallRound, keeping: EvidenceKeeping, engine: Engine) -> None:
    later = small_round(engine, period=2027)
    editor = world.person("editor", "M1")
    made = keeping.add_file(world.assessments["M1"], "plan", io.BytesIO(files.pdf()), SAID, editor)
    with Session(engine) as session:
        copy = next(one for one in world.rows() if one.id == made.id)
        values = {name: getattr(copy, name) for name in ("question", "kind", "sha256", "name", "note", "uploaded_at")}
        session.add(type(copy)(assessment_id=later.assessments["M1"], carried_from=made.id, **values))
        session.commit()
        assert uses(session, later.assessments["M1"], everywhere=True) == {}
        assert uses(session, world.assessments["M1"], everywhere=True) == {}


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
