"""Scores that a partner sends: looked through row by row, and kept beside our own, never among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import delete, select

from cityindex.database import bulk_insert
from cityindex.definitions.agreements import Agreement
from cityindex.formats.problems import Problems
from cityindex.formats.score_rows import LINE, SCHEMA, read_scores
from cityindex.models import Place, ReceivedScore
from cityindex.queries.exchange.delivery_rows import cohort

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEY = ("framework", "period", "node", "place_id")
SAID = tuple(name for name in SCHEMA if name not in ("place", "framework", "period", "node"))
COLUMNS = ("agreement", *KEY, *SAID, "delivery_id")


@dataclass(frozen=True, eq=False)
class LookedThrough:
    """The rows that can be taken, with the row of each one's place, and how many were read."""

    rows: pl.DataFrame
    read: int


def look_through(session: Session, agreement: Agreement, file: Path, problems: Problems) -> LookedThrough:
    """Read the rows; those of other places, frameworks, parts or years than agreed go to `problems`."""
    rows = read_scores(file, problems).with_columns(pl.col("mark").fill_null(""))
    read = len(rows) + len({one.row for one in problems.kept})
    taken = _Taken(session, agreement)
    kept = []
    for row in rows.iter_rows(named=True):
        wrong = taken.wrong(row)
        if wrong is None:
            kept.append(row | {"place_id": taken.places[row["place"]]})
        else:
            column, reason, cure = wrong
            problems.add(reason, cure, row=row[LINE], column=column, value=str(row[column]))
    return LookedThrough(pl.DataFrame(kept, {**SCHEMA, LINE: pl.Int32(), "place_id": pl.Int64()}), read)


class _Taken:
    """What an agreement lets in."""

    def __init__(self, session: Session, agreement: Agreement) -> None:
        self.agreement = agreement
        self.places = {code: number for number, code in session.execute(select(Place.id, Place.code))}
        self.allowed = {row[0] for row in session.execute(cohort(agreement))}
        self.nodes = {one.framework: one.nodes for one in agreement.scores}

    def wrong(self, row: dict[str, Any]) -> tuple[str, str, str] | None:
        """The column that is wrong, why, and the cure; None for a row that can be taken."""
        cure = "leave it out, or change the agreement"
        if row["place"] not in self.places:
            return "place", "no place has this code", "correct the code"
        if self.places[row["place"]] not in self.allowed:
            return "place", "the place is not in the agreement", cure
        nodes = self.nodes.get(row["framework"])
        if nodes is None:
            return "framework", "the framework is not in the agreement", cure
        if nodes and row["node"] not in nodes:
            return "node", "the part is not in the agreement", cure
        if not self.agreement.in_period(row["period"]):
            return "period", "the year is not in the agreement", cure
        return None


def count_scores(session: Session, agreement: str, found: LookedThrough) -> dict[str, int]:
    """How many rows are new, the same as before or revised."""
    before = {row[:4]: row[4:] for row in session.execute(_stored(agreement))}
    counts = {"new": 0, "unchanged": 0, "revised": 0}
    for row in found.rows.iter_rows(named=True):
        held = before.get(tuple(row[name] for name in KEY))
        same = held == tuple(row[name] for name in SAID)
        counts["new" if held is None else "unchanged" if same else "revised"] += 1
    return counts


def store_scores(session: Session, to: tuple[str, int], found: LookedThrough, withdrawn: Iterable[str]) -> None:
    """Write the rows under an agreement and delivery (`to`), in its transaction.

    What an earlier edition said of the same framework and period goes, and so does what the partner has withdrawn.
    """
    agreement, delivery = to
    of_ours = delete(ReceivedScore).where(ReceivedScore.agreement == agreement)
    for key in withdrawn:
        framework, _, period = str(key).partition("/")
        if not period.isdecimal():
            continue
        gone = (ReceivedScore.framework == framework, ReceivedScore.period == int(period))
        session.execute(of_ours.where(*gone))
    for framework, period, run in found.rows.select("framework", "period", "run").unique().iter_rows():
        same = (ReceivedScore.framework == framework, ReceivedScore.period == period)
        session.execute(of_ours.where(*same, ReceivedScore.run != run))
        ids = found.rows.filter(framework=framework, period=period)["place_id"].unique().to_list()
        session.execute(of_ours.where(*same, ReceivedScore.place_id.in_(ids)))
    rows = found.rows.with_columns(agreement=pl.lit(agreement), delivery_id=pl.lit(delivery))
    bulk_insert(session, "received_score", COLUMNS, rows.select(COLUMNS).iter_rows())


def _stored(agreement: str) -> Any:
    columns = [getattr(ReceivedScore, name) for name in (*KEY, *SAID)]
    return select(*columns).where(ReceivedScore.agreement == agreement)
