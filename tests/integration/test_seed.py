"""`cityindex seed`: facts by the importers of everybody, and a demo that comes and goes as a whole."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, text

from cityindex.app import Application
from cityindex.assessment.workflow import Deed, State
from cityindex.calendars import day_of
from cityindex.cli import run as command_line
from cityindex.config import read_settings
from cityindex.definitions.fingerprint import canonical_json, sha256
from cityindex.errors import Conflict
from cityindex.formats.observations import ObservationTable
from cityindex.models import (
    AssessmentEvent,
    Base,
    Boundary,
    BoundarySet,
    DefinitionRecord,
    EvidenceFile,
    Membership,
    Observation,
    Place,
    PlaceCode,
    Publication,
    Recording,
    Round,
    Run,
    Score,
    Source,
    now,
)
from cityindex.queries.assessments.answers import submission
from cityindex.queries.assessments.rounds import assessments, rounds
from cityindex.queries.observations.observations import has_observations
from cityindex.services.accounts.roles import ROLES
from cityindex.services.assessments.submissions import draft_of, frozen
from cityindex.services.demo.accounts import DEMO_ACCOUNTS
from cityindex.services.demo.courses import DISMISSED, PENDING, UPHELD
from cityindex.services.demo.demo import FRAMEWORKS, SOURCE, YEARS
from cityindex.services.demo.rounds import ROUNDS
from cityindex.services.observations.observations import ObservationsImport
from cityindex.services.places.places import PlacesImport
from cityindex.services.seeding import NETWORK, Listed
from tests.databases import MakeDatabase
from tests.demo import demo_file, evidence_of, seeds_of

STEPS = 8 + len(FRAMEWORKS) + len(ROUNDS)
Dump = dict[str, list[tuple[Any, ...]]]
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Application]:
    with opened(database_url, tmp_path) as app:
        yield app


@dataclass(frozen=True)
class Made:
    """The seeds and the demo in a database; every row before the demo came; what makes databases like it."""

    app: Application
    before: Dump
    databases: MakeDatabase

    @contextmanager
    def another(self, evidence: Path) -> Iterator[Application]:
        """The same in a database of its own, which may be changed."""
        self.app.engine.dispose()
        shutil.copytree(self.app.settings.evidence_url, evidence)
        with opened(self.databases.like(self.app.settings.database_url), evidence) as app:
            yield app


@contextmanager
def opened(url: str, evidence: Path) -> Iterator[Application]:
    app = Application(read_settings({"CITYINDEX_DATABASE_URL": url, "CITYINDEX_EVIDENCE_URL": str(evidence)}))
    yield app
    app.engine.dispose()


@pytest.fixture(scope="module", params=["spatialite", "postgis"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """To be read only. SpatiaLite's is the one that all tests read, that on PostGIS was broken off and completed."""
    folder = tmp_path_factory.mktemp("demo")
    databases = request.getfixturevalue(f"{request.param}_databases")
    if request.param == "spatialite":
        file = demo_file()
        with opened(f"sqlite:///{shutil.copy(seeds_of(file), folder / 'seeds.sqlite')}", folder) as app:
            before = dump(app, "audit_event")
        shutil.copytree(evidence_of(file), folder / "evidence")
        with opened(f"sqlite:///{shutil.copy(file, folder / 'demo.sqlite')}", folder / "evidence") as app:
            yield Made(app, before, databases)
        return
    with opened(databases(), folder / "evidence") as app:
        app.seeding.seed()
        before = dump(app, "audit_event")
        steps = app.demo.add()
        assert [next(steps), next(steps)] == ["demo: 400 fictional municipalities", "demo: 400 cells as their areas"]
        assert len(list(app.demo.add())) == STEPS - 2
        yield Made(app, before, databases)


@pytest.fixture(scope="module")
def demo(made: Made) -> Application:
    return made.app


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def call(app: Application, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["cityindex", *arguments])
        with pytest.raises(SystemExit) as done:
            command_line(app)
        out, err = capsys.readouterr()
        return int(done.value.code or 0), out + err

    return call


def dump(app: Application, *without: str) -> Dump:
    """Every row of every table, as the database gives it."""
    with app.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr)
            for name in Base.metadata.tables
            if name not in without
        }


def scalars(app: Application, query: Any) -> list[Any]:
    with app.sessions() as session:
        return list(session.scalars(query))


def run_of(definition: str, demo: bool) -> Run:
    words = dict.fromkeys(("created_by", "data_fingerprint", "library", "parameters", "summary"), "{}")
    return Run(framework="x", version="1", period=2023, definition=definition, cutoff=0, demo=demo, **words)


def one_real_figure(app: Application) -> None:
    table = ObservationTable(
        places=("3500102",),
        indicators=("population",),
        sources=(),
        place=np.zeros(1, np.int32),
        indicator=np.zeros(1, np.int16),
        period=np.full(1, 2023, np.int16),
        value=np.array([120_000.0]),
        status=np.full(1, ord("A"), np.uint8),
        source=None,
        line=np.full(1, 2, np.int32),
        scheme="dla",
        notes=(),
    )
    app.observations.record(table, ObservationsImport("real.csv", "test", "a register"))


def test_the_facts_are_there(app: Application) -> None:
    assert str(app.seeding.seed()) == "seeds: 1,015 places, 77 shapes of provinces, 13 learning cities"
    counts = select(Place.place_type, func.count()).group_by(Place.place_type)
    with app.sessions() as session:
        types = {kind: number for kind, number in session.execute(counts)}
        hat_yai = session.scalars(
            select(Place).join(PlaceCode).where(PlaceCode.scheme == "dopa", PlaceCode.code == "9098")
        ).one()
        district = session.get(Place, hat_yai.district_id)
        sourceless = session.scalar(select(func.count()).select_from(Place).where(Place.source == ""))
    assert types == {
        "province": 77, "district": 928, "bangkok": 1, "city-municipality": 6, "town-municipality": 3,
    }  # fmt: skip
    assert (hat_yai.code, hat_yai.name_th, hat_yai.area_km2) == ("3901101", "หาดใหญ่", 21.0)
    assert district is not None
    assert district.name_th == "หาดใหญ่"
    assert not sourceless


def test_learning_cities_are_municipalities_provinces_and_bangkok_with_their_dates(app: Application) -> None:
    app.seeding.seed()
    query = (
        select(Place.code, Membership.joined, Membership.joined_precision, Membership.note, Membership.source)
        .join(Place, Place.id == Membership.place_id)
        .where(Membership.programme == NETWORK)
    )
    with app.sessions() as session:
        members = {code: rest for code, *rest in session.execute(query)}
    assert set(members) >= {"BMA", "64", "21", "91", "3500102", "4630102"}
    assert members["3570102"][:2] == [date(2019, 1, 1), "year"]
    assert members["4560102"][:2] == [date(2022, 9, 2), "day"]
    assert members["3400102"][2] == "ต้นทางระบุเพียง “เมือง” / the source says only “city”"
    assert all(source.strip() for *_, source in members.values())


def test_seeding_again_changes_nothing(app: Application) -> None:
    app.seeding.seed()
    before = dump(app)
    assert str(app.seeding.seed()) == "the seeds are all there already"
    assert dump(app) == before


def test_a_register_knows_better_than_the_seeds(app: Application) -> None:
    app.seeding.seed()
    row = {"code": "4630102", "place_type": "town-municipality", "name_th": "ตากใหม่", "area_km2": "7.5"}
    app.places.import_register(Listed(tuple(row), [(2, row)]), PlacesImport("newer.csv", "test"))
    app.seeding.seed()
    with app.sessions() as session:
        place = session.scalars(select(Place).where(Place.code == "4630102")).one()
    assert (place.name_th, place.area_km2, place.source) == ("ตากใหม่", 7.5, "newer.csv")


def test_every_row_of_the_demo_says_so(demo: Application) -> None:
    places = scalars(demo, select(Place).where(Place.code.like("D%")))
    assert len(places) == 400
    assert all(place.demo and place.source == SOURCE and place.name_th.startswith("ตัวอย่าง") for place in places)
    assert all((place.name_en or "").startswith("Demo ") for place in places)
    assert all(scalars(demo, select(Recording.demo)))
    assert all(scalars(demo, select(Run.demo)))
    assert scalars(demo, select(Round.demo)) == [True] * len(ROUNDS)
    assert all(scalars(demo, select(Membership.demo).where(Membership.programme != NETWORK)))
    assert scalars(demo, select(Source.text).where(~Source.text.contains("verified self-assessment"))) == [SOURCE]
    levels = scalars(demo, select(BoundarySet.level).where(BoundarySet.demo, BoundarySet.source == SOURCE))
    assert levels == ["municipality"]


def test_no_generated_figure_stands_under_a_real_name(demo: Application) -> None:
    real = select(Place.id).where(~Place.demo)
    assert scalars(demo, select(Observation.place_id).where(Observation.place_id.in_(real)).limit(1)) == []
    assert scalars(demo, select(Score.place_id).where(Score.place_id.in_(real)).limit(1)) == []
    in_demo_set = select(Boundary.place_id).join(BoundarySet, BoundarySet.id == Boundary.set_id).where(BoundarySet.demo)
    assert len(set(scalars(demo, in_demo_set.where(Boundary.place_id.not_in(real))))) == 400
    assert scalars(demo, in_demo_set.where(Boundary.place_id.in_(real))) == []
    with demo.sessions() as session:
        assert has_observations(session, demo=True)
        assert not has_observations(session, demo=False)


def test_both_frameworks_are_published_for_five_years(demo: Application) -> None:
    with demo.sessions() as session:
        rows = session.execute(select(Publication.framework, Publication.period).order_by(Publication.id)).all()
    assert [row for row in rows if row.framework in FRAMEWORKS] == [
        (framework, year) for framework in FRAMEWORKS for year in YEARS
    ]


def test_most_places_are_ranked_and_the_gates_of_coverage_bite(demo: Application) -> None:
    query = (
        select(Score.rank)
        .join(Run, Run.id == Score.run_id)
        .where(Run.framework == FRAMEWORKS[0], Run.period == YEARS[-1], Score.position == 0)
    )
    ranks = scalars(demo, query)
    assert len(ranks) == 400
    assert 350 < sum(rank is not None for rank in ranks) < 400


def test_assessments_are_in_every_state_and_every_file_is_there(demo: Application) -> None:
    with demo.sessions() as session:
        rounds_ = {(one.questionnaire, one.period): one for one in rounds(session)}
        states = {
            key: Counter(one.standing.state for one in assessments(session, Round.id == found.id))
            for key, found in rounds_.items()
        }
        late = session.scalars(select(Round.deadline).order_by(Round.deadline.desc())).first()
    now_, before, first = (states["digital-maturity", year] for year in (2026, 2025, 2024))
    assert [sum(one.values()) for one in (now_, before, first)] == [334] * 3
    assert now_.keys() == {State.OPEN, State.SUBMITTED, State.RETURNED, State.APPROVED, State.PUBLISHED}
    assert before.keys() == {State.OPEN, State.PUBLISHED, State.APPEALED}
    assert first.keys() == {State.OPEN, State.PUBLISHED}
    assert late is not None
    assert late > day_of(now())
    assert demo.evidence.missing() == ()
    assert len(scalars(demo, select(EvidenceFile.sha256))) > 500


def test_what_was_frozen_is_what_is_stored(demo: Application) -> None:
    """Of a submission whose answers nobody could have touched since."""
    with demo.sessions() as session:
        waiting = [one for one in assessments(session, Round.period == 2026) if one.standing.state is State.SUBMITTED]
        for record in waiting[:10]:
            kept = submission(session, record.id, record.standing.submission)
            assert kept.sha256 == sha256(canonical_json(frozen(draft_of(session, record), kept.number)))


def test_appeals_wait_and_were_decided(demo: Application) -> None:
    with demo.sessions() as session:
        events = session.execute(select(AssessmentEvent.deed, AssessmentEvent.detail)).all()
    decided = [json.loads(detail)["upheld"] for deed, detail in events if deed == Deed.APPEAL_DECIDED]
    assert sorted(decided) == [False] * DISMISSED + [True] * UPHELD
    assert sum(deed == Deed.APPEALED for deed, _ in events) == DISMISSED + UPHELD + PENDING
    assert any(deed == Deed.EXTENDED for deed, _ in events)


def test_adding_the_demo_again_changes_nothing(demo: Application, command: Command) -> None:
    before = dump(demo)
    code, said = command(demo, "seed", "--demo")
    assert code == 0
    assert "the demo is all there already" in said.splitlines()
    assert dump(demo) == before


def test_the_accounts_that_are_printed_can_sign_in(demo: Application, command: Command) -> None:
    lines = [line.split() for line in command(demo, "seed", "--demo")[1].splitlines()]
    printed = [line for line in lines if len(line) == 3 and "@" in line[1]]
    assert [role for role, _, _ in printed] == [account.role for account in DEMO_ACCOUNTS]
    assert {role for role, _, _ in printed} == set(ROLES)
    assert all(demo.accounts.sign_in(email, password, "127.0.0.1").account for _, email, password in printed)


def test_the_demo_goes_as_if_it_had_never_been(made: Made, command: Command, tmp_path: Path) -> None:
    with made.another(tmp_path / "evidence") as app:
        assert list(app.evidence.store.list())
        assert dump(app, "audit_event") != made.before
        assert command(app, "seed", "--remove-demo") == (0, "demo removed: 400 places with all that belongs to them\n")
        assert dump(app, "audit_event") == made.before
        assert list(app.evidence.store.list()) == []
        assert command(app, "seed", "--remove-demo") == (0, "there is no demo\n")


def test_real_boundaries_that_the_demo_closed_are_in_force_again(app: Application) -> None:
    app.seeding.seed()
    with app.sessions.begin() as session:
        session.add(BoundarySet(level="municipality", source="a real one", fingerprint="f" * 64))
    steps = app.demo.add()
    next(steps), next(steps)
    closed = select(BoundarySet.valid_to).where(BoundarySet.source == "a real one")
    assert scalars(app, closed) != [None]
    app.demo.remove()
    assert scalars(app, closed) == [None]


def test_a_real_edition_outlives_the_demo(app: Application) -> None:
    app.seeding.seed()
    next(app.demo.add())
    with app.sessions.begin() as session:
        session.add_all([DefinitionRecord(fingerprint=print_, kind="framework", content="{}") for print_ in "ab"])
        session.flush()
        runs = [run_of("a", demo=True), run_of("b", demo=False)]
        session.add_all(runs)
        session.flush()
        session.add_all(
            Publication(framework=run.framework, period=run.period, run_id=run.id, action="published", by="test")
            for run in runs
        )
    app.demo.remove()
    assert scalars(app, select(Run.id)) == scalars(app, select(Publication.run_id)) == [runs[1].id]
    assert scalars(app, select(DefinitionRecord.fingerprint)) == ["b"]


def test_real_observations_refuse_the_demo(app: Application, command: Command) -> None:
    app.seeding.seed()
    one_real_figure(app)
    before = dump(app)
    with pytest.raises(Conflict):
        app.demo.require_allowed(production=False)
    code, said = command(app, "seed", "--demo")
    assert code == 5
    assert "real observations" in said
    assert "CITYINDEX_DATABASE_URL" in said
    assert dump(app) == before


def test_production_refuses_the_demo(database_url: str, command: Command) -> None:
    settings = {
        "CITYINDEX_DATABASE_URL": database_url,
        "CITYINDEX_ENV": "production",
        "CITYINDEX_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    }
    app = Application(read_settings(settings))
    code, said = command(app, "seed", "--demo")
    assert code == 4
    assert "CITYINDEX_ENV" in said
    assert scalars(app, select(Place.id).limit(1)) == []
    app.engine.dispose()


def test_adding_and_removing_at_once_is_refused(app: Application, command: Command) -> None:
    assert command(app, "seed", "--demo", "--remove-demo")[0] == 2
