"""The demo: fictional municipalities with generated figures and published editions, added and removed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from cityindex.errors import Conflict, Forbidden
from cityindex.formats.features import Features, read_features
from cityindex.formats.observations import ObservationTable
from cityindex.models import Account, BoundarySet, Place, Publication, Run
from cityindex.queries.observations.observations import has_observations
from cityindex.resources import resource_root
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.demo.accounts import DEMO_ACCOUNTS
from cityindex.services.demo.places import DemoPlace, demo_places
from cityindex.services.demo.plans import DemoAims
from cityindex.services.demo.removal import remove_demo
from cityindex.services.demo.rounds import ROUNDS, DemoRound, DemoRounds
from cityindex.services.demo.values import demo_values
from cityindex.services.observations.observations import ObservationsImport
from cityindex.services.places.boundaries import BoundariesImport
from cityindex.services.places.places import PlacesImport
from cityindex.services.runs.inputs import needed
from cityindex.services.seeding import SHAPES, Listed

if TYPE_CHECKING:
    from cityindex.definitions.catalogue import Catalogue, IndicatorEntry
    from cityindex.services.accounts.accounts import Accounts
    from cityindex.services.demo.consultations import DemoConsultations
    from cityindex.services.demo.knowledge import DemoKnowledge
    from cityindex.services.observations.observations import Observations
    from cityindex.services.places.boundaries import Boundaries
    from cityindex.services.places.places import Places
    from cityindex.services.runs.publication import Publishing
    from cityindex.services.runs.scoring import Scoring

BY = "seed --demo"
SEED = 2569
YEARS = range(2021, 2026)
"""Fiscal years 2564 to 2568: the last ones that figures could be complete of in November 2569."""
FRAMEWORKS = ("livable-city", "local-capacity")
SOURCE = "ข้อมูลตัวอย่าง สร้างขึ้น ไม่ใช่ข้อมูลจริง / Demo data, generated; not real"
HEADER = ("code", "place_type", "name_th", "name_en", "province", "lat", "lon", "area_km2", "population")


@dataclass(frozen=True)
class Importers:
    """The doors that demo data goes in by: the same as for any file."""

    places: Places
    boundaries: Boundaries
    observations: Observations
    shared: DemoKnowledge
    asked: DemoConsultations


@dataclass(frozen=True)
class Editions:
    """What scores and publishes."""

    scoring: Scoring
    publishing: Publishing


class Demo:
    """The use cases of `cityindex seed --demo` and `--remove-demo`."""

    accounts_to_try = DEMO_ACCOUNTS

    def __init__(
        self, catalogue: Catalogue, importers: Importers, editions: Editions, accounts: Accounts, rounds: DemoRounds
    ) -> None:
        self.sessions = accounts.sessions
        self.rounds = rounds
        self.catalogue = catalogue
        self.importers = importers
        self.editions = editions
        self.accounts = accounts

    def require_allowed(self, production: bool) -> None:
        """Raise `Forbidden` in production and `Conflict` where real observations are."""
        if production:
            raise Forbidden("this is a production system (CITYINDEX_ENV): use another database for the demo")
        with self.sessions() as session:
            if has_observations(session, demo=False):
                raise Conflict(
                    "the database holds real observations, and demo data never stands beside them: "
                    "set CITYINDEX_DATABASE_URL to another database"
                )

    def add(self) -> Iterator[str]:
        """Add what is not there yet, step by step; says in words what each step added. Needs the seeds."""
        steps: list[Callable[[], str]] = [self._add_places, self._add_cells, self._add_figures]
        steps += [partial(self._publish, framework) for framework in FRAMEWORKS]
        steps += [self._add_accounts, self._add_members, *(partial(self._add_round, asked) for asked in ROUNDS)]
        steps += [self._add_knowledge, self.importers.asked.add, DemoAims(self.sessions, self.catalogue).add]
        told = 0
        for step in steps:
            if line := step():
                told += 1
                yield f"demo: {line}"
        if not told:
            yield "the demo is all there already"

    def remove(self) -> str:
        """Take the demo away whole, in one transaction."""
        removed = remove_demo(self.sessions, BY)
        for sha256 in removed.files:
            self.rounds.store.remove(sha256)
        return f"demo removed: {removed.places} places with all that belongs to them" if removed else "there is no demo"

    def _add_places(self) -> str:
        with self.sessions() as session:
            if session.scalar(select(Place.id).where(Place.demo).limit(1)):
                return ""
        places = generated_places()
        rows = [(line, _row(place)) for line, place in enumerate(places, start=2)]
        how = PlacesImport("demo places", BY, source=SOURCE, demo=True)
        self.importers.places.import_register(Listed(HEADER, rows), how)
        return f"{len(places)} fictional municipalities"

    def _add_cells(self) -> str:
        with self.sessions() as session:
            if session.scalar(select(BoundarySet.id).where(BoundarySet.demo).limit(1)):
                return ""
        places = generated_places()
        cells = np.array([place.cell for place in places], dtype=object)
        features = Features(Path("demo cells"), ("code",), tuple((place.code,) for place in places), cells, "OGC:CRS84")
        how = BoundariesImport(key="code", level="municipality", by=BY, source=SOURCE, demo=True)
        self.importers.boundaries.import_layer(features, how)
        return f"{len(places)} cells as their areas"

    def _add_figures(self) -> str:
        with self.sessions() as session:
            if has_observations(session, demo=True):
                return ""
        table = figures(generated_places(), self._indicators())
        self.importers.observations.record(table, ObservationsImport("demo figures", BY, SOURCE, demo=True))
        return f"{len(table):,} generated figures of {len(table.indicators)} indicators, {YEARS[0]} to {YEARS[-1]}"

    def _add_accounts(self) -> str:
        with self.sessions() as session:
            known = set(session.scalars(select(Account.email).where(Account.closed_at.is_(None))))
        missing = [account for account in DEMO_ACCOUNTS if account.email not in known]
        for account in missing:
            new = NewAccount(account.email, account.role, account.place, account.called, account.password)
            self.accounts.add(new, BY)
        return f"{len(missing)} accounts to sign in with" if missing else ""

    def _add_members(self) -> str:
        return self.rounds.add_members(generated_places())

    def _add_round(self, asked: DemoRound) -> str:
        return self.rounds.add_round(asked, generated_places())

    def _add_knowledge(self) -> str:
        return self.importers.shared.add(generated_places())

    def _indicators(self) -> list[IndicatorEntry]:
        codes = {code for name in FRAMEWORKS for code in needed(self.catalogue.framework(name).framework)}
        return [self.catalogue.indicator(code) for code in sorted(codes)]

    def _publish(self, framework: str) -> str:
        query = (
            select(Publication.period)
            .join(Run, Run.id == Publication.run_id)
            .where(Publication.framework == framework, Run.demo)
        )
        with self.sessions() as session:
            done = set(session.scalars(query))
        years = [year for year in YEARS if year not in done]
        for year in years:
            self.editions.publishing.publish(self.editions.scoring.run(framework, year, BY), BY)
        return f"{framework} scored and published for {', '.join(map(str, years))}" if years else ""


@cache
def generated_places() -> tuple[DemoPlace, ...]:
    """The demo municipalities in the seeds' shapes of provinces; the same every time."""
    shapes = read_features(resource_root("seeds") / SHAPES)
    provinces = {code: shape for (code,), shape in zip(shapes.properties, shapes.geometries, strict=True)}
    return tuple(demo_places(provinces, SEED))


def figures(places: Sequence[DemoPlace], entries: Sequence[IndicatorEntry]) -> ObservationTable:
    """The generated figures as a file of observations would give them; what is missing is left out."""
    values = demo_values(places, entries, YEARS, SEED)
    codes = sorted(place.code for place in places)
    order = np.argsort([place.code for place in places])
    indicators = sorted(values)
    cube = np.stack([values[code][order] for code in indicators])
    indicator, place, year = np.nonzero(~np.isnan(cube))
    count = len(indicator)
    return ObservationTable(
        places=tuple(codes),
        indicators=tuple(indicators),
        sources=(),
        place=place.astype(np.int32),
        indicator=indicator.astype(np.int16),
        period=(year + YEARS[0]).astype(np.int16),
        value=cube[indicator, place, year],
        status=np.full(count, ord("A"), np.uint8),
        source=None,
        line=np.arange(2, count + 2, dtype=np.int32),
        scheme="dla",
        notes=(),
    )


def _row(place: DemoPlace) -> dict[str, str]:
    values = (
        place.code, place.place_type, place.name_th, place.name_en, place.province, place.latitude, place.longitude,
        place.area_km2, place.population,
    )  # fmt: skip
    return {name: str(value) for name, value in zip(HEADER, values, strict=True)}
