"""Deliveries from partners: looked at as a whole, applied row by row in one transaction, answered with a receipt."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy.exc import IntegrityError

from cityindex.database import writing
from cityindex.definitions.agreements import RECEIVE, Agreement
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import CityIndexError, Conflict, Forbidden, Invalid, Problem, Unavailable
from cityindex.formats.observations import ObservationTable, ReadOptions, read_observations
from cityindex.formats.packages import SUFFIXES, Source, Taken, take
from cityindex.formats.problems import Problems
from cityindex.models import Delivery, now
from cityindex.queries.exchange.deliveries import APPLIED, last_sequence, numbered
from cityindex.queries.exchange.delivery_rows import cohort
from cityindex.services.exchange.deliveries import store_places
from cityindex.services.exchange.manifests import Gap, Manifest, check_clock, check_terms, read_manifest
from cityindex.services.exchange.partners import PartnerKeys, in_force
from cityindex.services.exchange.received_scores import count_scores, look_through, store_scores
from cityindex.services.exchange.signing import MANIFEST, RECEIPT, Signing, Unsigned, claimed
from cityindex.services.exchange.trail import Entry, alone, head, note
from cityindex.services.observations.observations import Observations, ObservationsImport
from cityindex.services.observations.plan import NEW, REVISED, UNCHANGED, Plan, RecordReport
from cityindex.services.observations.rules import NO_PLACE, check_same_place, check_values, find_places, say_cells
from cityindex.services.observations.writer import lock_for_writing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

MOST_REJECTED = 10_000
"""A delivery with more rows that cannot be taken is refused as a whole: something is wrong with all of it."""


class Bent(Invalid):
    """The package is not what was signed: it may have been bent on its way, and is asked for again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt. `again`: the delivery was applied before, and this is the receipt of that time."""

    signed: str
    again: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose key a package came with: the agreements that it opens, and whether it still does at this moment."""

    name: str
    agreements: frozenset[str]
    still: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class _Came:
    """A delivery that was believed: the agreement, what was signed, by whom it came."""

    agreement: Agreement
    manifest: Manifest
    signed: str
    sender: Sender


class Receiving:
    """Use cases of the receiving side."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        catalogue: Catalogue,
        papers: tuple[Signing, PartnerKeys],
        most: int,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.signing, self.partners = papers
        self.most = most
        self.clock = clock

    def receive(self, source: Source, sender: Sender) -> Receipt:
        """Take a package, apply what can be applied, and say so; what was applied before is answered alike.

        Nothing is applied where an error is raised: `Bent` and `Unsigned` for what may come whole another time, `Gap`
        with the number that is expected, `Conflict` for what the agreement does not allow or another content under a
        number that was applied, `Invalid` for rows that cannot be read, `Forbidden` for a key that opens none of it.
        """
        with tempfile.TemporaryDirectory(prefix="cityindex-delivery-") as folder:
            file = Path(folder) / "rows"
            taken = take(source, file, self.most)
            agreement = self._agreement(taken, sender)
            try:
                came = self._believed(taken, agreement, sender)
                return self._known(came) or self._apply(came, file.rename(file.with_suffix(_suffix(came))))
            except CityIndexError as error:
                self._refused(agreement, sender, taken, error)
                raise

    def _agreement(self, taken: Taken, sender: Sender) -> Agreement:
        """The agreement that a manifest names and the key opens; who may not know it is not told."""
        code = claimed(taken.manifest).get("agreement")
        if code not in sender.agreements:
            raise Forbidden("this key opens no delivery under the agreement that the manifest names")
        return in_force(self.catalogue.agreement(str(code)), RECEIVE)

    def _believed(self, taken: Taken, agreement: Agreement, sender: Sender) -> _Came:
        """Signature, hash, clock and terms are right, and the key is in force still."""
        manifest = read_manifest(self.partners.verified(agreement, taken.manifest, MANIFEST).content)
        if (manifest.sha256, manifest.bytes) != (taken.sha256, taken.size):
            raise Bent("the rows are not those that the manifest was signed for (SHA-256 or size)")
        check_terms(manifest, agreement)
        check_clock(manifest, self.clock())
        if not sender.still():
            raise Forbidden("the key has ended meanwhile: nothing was applied")
        return _Came(agreement, manifest, taken.manifest, sender)

    def _known(self, came: _Came) -> Receipt | None:
        """The receipt of the same delivery, if it was applied. Raises `Gap` or `Conflict` where it cannot come now."""
        code, sequence = came.agreement.code, came.manifest.sequence
        with self.sessions() as session:
            before = numbered(session, code, RECEIVE, sequence)
            expected = last_sequence(session, code, RECEIVE) + 1
        if before is not None:
            if before.sha256 != came.manifest.sha256:
                raise Conflict(f"{code}: delivery {sequence} was applied with another content")
            return Receipt(before.receipt or "", again=True)
        if sequence != expected:
            raise Gap(code, sequence, expected)
        return None

    def _apply(self, came: _Came, file: Path) -> Receipt:
        return (self._apply_scores if came.agreement.scores else self._apply_values)(came, file)

    def _apply_scores(self, came: _Came, file: Path) -> Receipt:
        rejected = Problems(came.agreement.code)
        with self.sessions() as session:
            found = look_through(session, came.agreement, file, rejected)
        if found.read != came.manifest.rows:
            raise Invalid(f"the manifest says {came.manifest.rows} rows, and there are {found.read}")
        _require_few(rejected)
        beside = _Beside(self, came, rejected)
        try:
            with self.sessions() as session:
                lock_for_writing(writing(session))
                beside.counts = count_scores(session, came.agreement.code, found)
                beside(session, None, None)
                withdrawn = claimed(came.signed).get("withdrawn", ())
                store_scores(session, (came.agreement.code, beside.delivery), found, withdrawn)
                store_places(session, beside.delivery, (), found.rows["place_id"].to_numpy())
                session.commit()
        except (IntegrityError, _Overtaken):  # as below
            before = self._known(came)
            if before is None:
                raise Unavailable("another delivery was applied meanwhile: send this one again") from None
            return before
        return Receipt(beside.receipt, again=False)

    def _apply_values(self, came: _Came, file: Path) -> Receipt:
        manifest = came.manifest
        options = ReadOptions(era=manifest.era, indicators=came.agreement.indicators)
        table = read_observations(file, options)
        if len(table) != manifest.rows:
            raise Invalid(f"the manifest says {manifest.rows} rows, and there are {len(table)}")
        _require_years(table, came.agreement)
        rejected = self._rejected(table, came.agreement)
        kept = _without(table, rejected)
        beside = _Beside(self, came, rejected)
        try:
            if len(kept):
                Observations(self.sessions, self.catalogue).record(kept, _import(came), beside=beside)
            else:
                self._nothing(beside)
        except (IntegrityError, _Overtaken):  # the same delivery came twice at once, and the other was quicker
            before = self._known(came)
            if before is None:
                raise Unavailable("another delivery was applied meanwhile: send this one again") from None
            return before
        return Receipt(beside.receipt, again=False)

    def _nothing(self, beside: _Beside) -> None:
        """Store the receipt of a delivery of which no row can be taken."""
        with self.sessions() as session:
            lock_for_writing(writing(session))
            beside(session, None, None)
            session.commit()

    def _rejected(self, table: ObservationTable, agreement: Agreement) -> Problems:
        """Rows that are impossible, of no place, or of a place outside the agreement, each with reason and cure."""
        problems, warnings = Problems(agreement.code), Problems(agreement.code)
        entries = [self.catalogue.indicator(code) for code in table.indicators]
        check_values(table, entries, problems, warnings)
        with self.sessions() as session:
            _, ids = find_places(session, table, agreement.demo, (problems, problems))
            allowed = [row[0] for row in session.execute(cohort(agreement))]
        check_same_place(table, ids, problems)
        outside = (ids != NO_PLACE) & ~np.isin(ids, allowed)
        why = ("the place is not in the agreement", "leave it out, or change the agreement")
        say_cells(table, outside[table.place], why, problems, place=True)
        _require_few(problems)
        return problems

    def _refused(self, agreement: Agreement, sender: Sender, taken: Taken, error: CityIndexError) -> None:
        """Written down in a transaction of its own; for what was refused, nothing else was."""
        facts = {"reason": str(error), "kind": type(error).__name__, "sha256": taken.sha256, "bytes": taken.size}
        with self.sessions() as session:
            alone(writing(session))
            note(session, Entry(sender.name, agreement.code, "refused", facts), self.clock())
            session.commit()


class _Overtaken(Exception):
    """Another process applied a delivery of the agreement meanwhile."""


class _Beside:
    """Stores the delivery with its receipt, in the transaction that stores the rows."""

    def __init__(self, receiving: Receiving, came: _Came, rejected: Problems) -> None:
        self.receiving, self.came, self.rejected = receiving, came, rejected
        self.receipt = ""
        self.delivery = 0
        self.counts: dict[str, int] = {}
        """New, unchanged and revised rows, where there is no plan that says so."""

    def __call__(self, session: Session, plan: Plan | None, recording: int | None) -> None:
        came, manifest = self.came, self.came.manifest
        alone(session)
        if last_sequence(session, came.agreement.code, RECEIVE) + 1 != manifest.sequence:
            raise _Overtaken
        if not came.sender.still():
            raise Forbidden("the key has ended meanwhile: nothing was applied")
        said = self._said(session, plan, recording)
        self.receipt = self.receiving.signing.sign(session, RECEIPT, said)
        row = Delivery(
            agreement=came.agreement.code,
            direction=RECEIVE,
            sequence=manifest.sequence,
            state=APPLIED,
            manifest=came.signed,
            sha256=manifest.sha256,
            rows=manifest.rows,
            cutoff=recording or 0,
            demo=manifest.demo,
            made_at=manifest.made_at,
            by=came.sender.name,
            settled_at=self.receiving.clock(),
            receipt=self.receipt,
            accepted=said["accepted"]["rows"],
            rejected=said["rejected_rows"],
        )
        session.add(row)
        session.flush()
        self.delivery = row.id
        if plan is not None:
            store_places(session, row.id, (), plan.place_ids[plan.table.place[plan.cells]])
        facts = {name: said[name] for name in ("sequence", "sha256", "recording")} | {
            "accepted": row.accepted,
            "rejected": row.rejected,
        }
        note(session, Entry(came.sender.name, row.agreement, "applied", facts, row.id), self.receiving.clock())

    def _said(self, session: Session, plan: Plan | None, recording: int | None) -> dict[str, Any]:
        """What the receipt says: what became of the rows, each that was not taken with its reason."""
        manifest = self.came.manifest
        outcomes = {"new": NEW, "unchanged": UNCHANGED, "revised": REVISED}
        counts = {name: plan.count(outcome) if plan else self.counts.get(name, 0) for name, outcome in outcomes.items()}
        report = RecordReport(plan, Problems(), recording, dry_run=False) if plan else None
        lines = len({problem.row for problem in self.rejected.kept})
        return {
            "agreement": manifest.agreement,
            "version": manifest.version,
            "sequence": manifest.sequence,
            "sha256": manifest.sha256,
            "applied_at": self.receiving.clock().isoformat(timespec="seconds"),
            "rows": manifest.rows,
            "accepted": {"rows": manifest.rows - lines, **counts},
            "by_indicator": report.by_indicator() if report else [],
            "rejected_rows": lines,
            "rejected": [_as_json(problem) for problem in self.rejected.kept],
            "recording": recording,
            "trail": head(session).as_json(),
        }


def _import(came: _Came) -> ObservationsImport:
    partner = came.agreement.partner.name
    return ObservationsImport(
        file=f"{came.agreement.code} {came.manifest.sequence}",
        by=came.sender.name,
        source=f"{partner.th} / {partner.en}",
        door="exchange",
        file_hash=came.manifest.sha256,
        on_conflict="revise",
        demo=came.agreement.demo,
    )


def _require_few(rejected: Problems) -> None:
    if rejected.count > MOST_REJECTED:
        raise Invalid(f"{rejected.count} rows cannot be taken: nothing was applied", rejected.kept[:100])


def _require_years(table: ObservationTable, agreement: Agreement) -> None:
    others = [year for year in table.periods if not agreement.in_period(year)]
    if others:
        years = ", ".join(map(str, others[:10]))
        cure = "send the years of the agreement only, in the era that the manifest names"
        problem = Problem("not agreed", cure, column="period", value=years)
        raise Invalid("there are years outside the agreement", [problem])


def _without(table: ObservationTable, rejected: Problems) -> ObservationTable:
    """The rows that nothing is wrong with."""
    lines = [problem.row for problem in rejected.kept if problem.row is not None]
    keep = ~np.isin(table.line, lines)
    columns = ("place", "indicator", "period", "value", "status", "line")
    cut: dict[str, Any] = {name: getattr(table, name)[keep] for name in columns}
    return replace(table, source=None if table.source is None else table.source[keep], **cut)


def _as_json(problem: Problem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("row", "column", "value", "reason", "cure")}


def _suffix(came: _Came) -> str:
    return SUFFIXES[came.manifest.format]


__all__ = ["Bent", "Receipt", "Receiving", "Sender", "Unsigned"]
