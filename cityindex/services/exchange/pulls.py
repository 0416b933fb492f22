"""Pulls: data of another service, fetched under a mapping, recorded as observations with where they came from."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.definitions.mappings import Flow, Mapping
from cityindex.errors import CityIndexError, Conflict, Invalid, NotFound, Problem, Unavailable
from cityindex.formats.observations import ObservationTable, ReadOptions, observations_from
from cityindex.formats.problems import Problems
from cityindex.formats.sdmx.mapped import Left, Mapped
from cityindex.formats.tables import open_table
from cityindex.gateways.statistics import Fetched, address_of
from cityindex.models import Pull, now
from cityindex.services.observations.observations import Observations, ObservationsImport
from cityindex.services.observations.plan import Plan, RecordReport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

RECORDED, UNCHANGED, REFUSED, UNREACHABLE = "recorded", "unchanged", "refused", "unreachable"
SHOWN_PROBLEMS = 50
SUFFIXES = {"csv": ".csv", "xml": ".xml"}


class Gateway(Protocol):
    """Fetches from the service."""

    def fetch(self, url: str, flow: Flow, target: Path) -> Fetched: ...


@dataclass(frozen=True, eq=False)
class Pulled:
    """What a pull found and did; `report` says which values are new, the same or revised."""

    mapping: str
    url: str
    fetched: Fetched
    left: Left
    report: RecordReport
    notes: tuple[str, ...]

    @property
    def outcome(self) -> str:
        return UNCHANGED if self.report.recording is None else RECORDED

    def as_json(self) -> dict[str, Any]:
        """The match report, as `--json` prints it and the ledger of pulls keeps it."""
        said = {"mapping": self.mapping, "url": self.url, **asdict(self.fetched), "notes": list(self.notes)}
        left = {"other_series": self.left.series, "places_left_out": self.left.places}
        return {**said, **left, "taken": self.left.by_indicator, **self.report.as_json()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is fetched, from where, for whom."""

    mapping: Mapping
    url: str
    by: str
    dry_run: bool


class Pulls:
    """Use cases of the scheduler and the command line."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        catalogue: Catalogue,
        observations: Observations,
        gateway: Gateway,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.observations = observations
        self.gateway = gateway
        self.clock = clock

    def pull(self, code: str, by: str, *, dry_run: bool = False, file: Path | None = None) -> Pulled:
        """Fetch (or read a `file` that was fetched), and record all of it or, where anything is wrong, nothing.

        A dry run stores nothing, and may look through a draft of a mapping. `NotFound`, `Conflict` for a mapping that
        is not in force, `Unavailable` where the service does not answer, `Invalid` with all that cannot be taken.
        """
        mapping = self.catalogue.mapping(code)
        if not (mapping.active or dry_run):
            raise Conflict(f"{code} is not in force ({mapping.status}): look through it with --dry-run")
        url = f"file:{file.name}" if file else address_of(mapping.flow, mapping.period)
        asked = _Asked(mapping, url, by, dry_run)
        with tempfile.TemporaryDirectory(prefix="cityindex-pull-") as folder:
            target = Path(folder) / f"data{file.suffix if file else SUFFIXES[mapping.flow.format]}"
            fetched = None
            try:
                fetched = _copied(file, target) if file else self.gateway.fetch(url, mapping.flow, target)
                return self._recorded(asked, fetched, target)
            except CityIndexError as error:
                if not dry_run:
                    self._failed(asked, fetched, error)
                raise

    def _recorded(self, asked: _Asked, fetched: Fetched, file: Path) -> Pulled:
        mapping, url = asked.mapping, asked.url
        reader = Mapped(open_table(file), mapping)
        columns = {"place": f"place:{mapping.place.scheme}"} if mapping.place.scheme else {}
        options = ReadOptions(columns, era=mapping.period.era, indicators=[one.indicator for one in mapping.series])
        table = observations_from(reader, file, options)
        _require_years(table, mapping)
        how = ObservationsImport(
            file=url,
            by=asked.by,
            source=_source(mapping),
            door="exchange",
            file_hash=fetched.sha256,
            on_conflict="revise",
            dry_run=asked.dry_run,
        )

        def pulled(report: RecordReport) -> Pulled:
            return Pulled(mapping.code, url, fetched, reader.left, report, table.notes)

        def beside(session: Session, plan: Plan, recording: int | None) -> None:
            done = pulled(RecordReport(plan, Problems(url), recording, dry_run=False))
            row = self._row(asked, fetched, done.outcome, done.as_json())
            row.recording_id = recording
            session.add(row)

        return pulled(self.observations.record(table, how, beside=beside))

    def _failed(self, asked: _Asked, fetched: Fetched | None, error: CityIndexError) -> None:
        """Written down in a transaction of its own; nothing else of it is."""
        outcome = UNREACHABLE if isinstance(error, Unavailable) else REFUSED
        problems = [asdict(one) for one in getattr(error, "problems", ())[:SHOWN_PROBLEMS]]
        with self.sessions() as session:
            writing(session).add(self._row(asked, fetched, outcome, {"reason": str(error), "problems": problems}))
            session.commit()

    def _row(self, asked: _Asked, fetched: Fetched | None, outcome: str, said: dict[str, Any]) -> Pull:
        return Pull(
            mapping=asked.mapping.code,
            version=asked.mapping.version,
            url=asked.url,
            at=self.clock(),
            by=asked.by,
            outcome=outcome,
            sha256=fetched.sha256 if fetched else None,
            bytes=fetched.bytes if fetched else None,
            modified=fetched.modified if fetched else None,
            said=json.dumps(said, ensure_ascii=False, default=str),
        )


def _source(mapping: Mapping) -> str:
    return f"{mapping.service.th} / {mapping.service.en}: {mapping.flow.agency} {mapping.flow.id}"


def _copied(file: Path, target: Path) -> Fetched:
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    shutil.copyfile(file, target)
    with target.open("rb") as stream:
        return Fetched(hashlib.file_digest(stream, "sha256").hexdigest(), target.stat().st_size, "")


def _require_years(table: ObservationTable, mapping: Mapping) -> None:
    """A service that answers with other years than it was asked for has understood another era."""
    since, until = mapping.period.since or 0, mapping.period.until or 9999
    others = [year for year in table.periods if not since <= year <= until]
    if others:
        cure = "look at `period` of the mapping: its era, or the years that it names"
        problem = Problem("not asked for", cure, column="period", value=", ".join(map(str, others[:10])))
        raise Invalid("there are years that were not asked for", [problem])
