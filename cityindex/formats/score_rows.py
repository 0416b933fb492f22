"""Scores in a delivery: a row a place and part of a framework, with the edition that it is of."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cityindex.errors import Invalid
from cityindex.formats.problems import Problems
from cityindex.formats.tables import open_table

SCHEMA = pl.Schema(
    {
        "place": pl.String(),
        "framework": pl.String(),
        "period": pl.Int32(),
        "node": pl.String(),
        "score": pl.Float64(),
        "rank": pl.Int32(),
        "rank_low": pl.Int32(),
        "rank_high": pl.Int32(),
        "coverage": pl.Float64(),
        "version": pl.String(),
        "run": pl.Int32(),
        "mark": pl.String(),
    }
)
KEY = ("place", "framework", "period", "node")
NEEDED = (*KEY, "version", "run")
LINE = "line"


def read_scores(path: Path, problems: Problems) -> pl.DataFrame:
    """Rows of scores with their `line`. Rows that cannot be meant go to `problems` and are left out.

    Raises `Invalid` for a file that is no table of scores.
    """
    reader = open_table(path)
    if reader.header != tuple(SCHEMA):
        raise Invalid(f"a delivery of scores has the columns {', '.join(SCHEMA)}")
    parts = [batch.frame.with_columns(pl.Series(LINE, batch.lines)) for batch in reader.batches()]
    reader.problems.raise_if_any()
    if not parts:
        return pl.DataFrame(schema={**SCHEMA, LINE: pl.Int32()})
    text = pl.concat(parts)
    frame = text.with_columns(pl.col(name).cast(kind, strict=False) for name, kind in SCHEMA.items())
    bad = _unreadable(text, frame, problems) | _impossible(frame, problems)
    return frame.filter(~bad)


def _unreadable(text: pl.DataFrame, frame: pl.DataFrame, problems: Problems) -> pl.Series:
    bad = pl.Series([False] * len(frame))
    for name in SCHEMA:
        wrong = frame[name].is_null() & (text[name].is_not_null() & (text[name].cast(pl.String) != ""))
        wrong |= frame[name].is_null() if name in NEEDED else False
        _say(text, name, wrong, ("is not read", "write it as the agreement says"), problems)
        bad |= wrong
    return bad


def _impossible(frame: pl.DataFrame, problems: Problems) -> pl.Series:
    """Ranks below 1, shares of coverage outside 0 to 1, numbers that are none, and rows that stand twice."""
    rules = {
        "score": ~frame["score"].is_finite(),
        "coverage": ~frame["coverage"].is_between(0, 1),
        "rank": frame["rank"] < 1,
    }
    bad = pl.Series([False] * len(frame))
    for name, wrong in rules.items():
        found = wrong.fill_null(value=False)
        _say(frame, name, found, ("cannot be", "correct it"), problems)
        bad |= found
    twice = frame.select(KEY).is_duplicated()
    _say(frame, "node", twice, ("the same place, part and period stand twice", "keep one of the rows"), problems)
    return bad | twice


def _say(frame: pl.DataFrame, column: str, wrong: pl.Series, why: tuple[str, str], problems: Problems) -> None:
    for row in frame.filter(wrong).iter_rows(named=True):
        value = "" if row[column] is None else str(row[column])
        problems.add(*why, row=row[LINE], column=column, value=value)
