"""Numbers as people write them: thousands separators, decimal commas, Thai digits; what reads two ways is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.errors import Invalid

MISSING = ("", "NA", "-", "..")
"""What stands for no value; a null does too."""
THAI_DIGITS = dict(zip("๐๑๒๓๔๕๖๗๘๙", "0123456789", strict=True))
SIGNS = {**THAI_DIGITS, "−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " "}
TABLE = {ord(sign): plain for sign, plain in SIGNS.items()}

SPACED = r"^[+-]?[1-9]\d{0,2}( \d{3})+([.,]\d+)?$"
GROUPED = r"^[+-]?[1-9]\d{0,2}((,\d{3}){2,}|(,\d{3})+\.\d+)$"
TWO_WAYS = r"^[+-]?[1-9]\d{0,2},\d{3}$"
COMMA = r"^[+-]?\d+,\d+$"
POINT_GROUPED = r"^[+-]?[1-9]\d{0,2}((\.\d{3}){2,}|(\.\d{3})+,\d+)$"
THREE_DECIMALS = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
MONEY = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,15})(?:\.\d+)?")
UNIT_OF_MONEY = re.compile(r"\s*(?:บาท|baht|thb|฿)$|^฿\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers. Positions count within the column."""

    values: NDArray[np.float64]
    """NaN where missing or bad."""
    bad: NDArray[np.int64]
    """Positions of what is no number; `fault` says why."""
    commas: NDArray[np.int64]
    """Positions of numbers that were read with a decimal comma."""
    points: NDArray[np.int64]
    """Positions such as 1.234, which are thousands in a column with decimal commas."""


def read_numbers(column: pl.Series, *, nan: bool = False) -> Numbers:
    """Read a column of text, or of numbers from Parquet, into float64.

    `1234.5`, `1,234,567`, `1,234.5`, `1 234`, `1.234,5`, `12,5`, `1e-3` and the same in Thai digits are read; null,
    empty, `NA`, `-` and `..` are missing, and `NaN` where `nan` says so (SDMX; a NaN of Parquet is missing always).
    `1,234` could mean two numbers and is bad, as are infinities and all else. Decimal commas need no care for the
    separator: in a comma-separated file such a number is quoted, or it would be two cells.
    """
    if column.dtype.is_numeric():
        return _from_numbers(column)
    text = column.cast(pl.String)
    values = text.cast(pl.Float64, strict=False).to_numpy().copy()
    odd = np.flatnonzero(~np.isfinite(values) & text.is_not_null().to_numpy())
    values[odd] = np.nan
    bad, commas = np.array([], np.int64), np.array([], np.int64)
    if len(odd):
        frame = _odd_numbers(text.gather(odd), nan)
        values[odd] = frame["value"].to_numpy()
        bad, commas = odd[frame["bad"].to_numpy()], odd[frame["comma"].to_numpy()]
    points = np.flatnonzero(text.str.contains(THREE_DECIMALS).fill_null(value=False).to_numpy())
    return Numbers(values, bad, commas, points)


def fault(text: str) -> tuple[str, str]:
    """Why `text` is no number, and the cure."""
    clean = plain(text)
    if re.fullmatch(TWO_WAYS, clean):
        whole, point = clean.replace(",", ""), clean.replace(",", ".")
        return f"could be read as {whole} or as {point}", f"write {whole} or {point}"
    if clean.endswith("%"):
        return "is not a plain number", "write the number without the sign, in the unit of the indicator"
    if re.fullmatch(r"[+-]?inf(inity)?", clean, re.IGNORECASE) or re.fullmatch(r"[+-]?[\d.]+[eE]\d+", clean):
        return "is infinite", "leave the cell empty, or write the value"
    return "is not a number", "write a number, or leave the cell empty where the value is missing"


def plain(text: str) -> str:
    """`text` stripped, with Arabic digits, plain blanks and a plain minus sign."""
    return text.translate(TABLE).strip()


def baht(text: str) -> float | None:
    """A sum of money as people write it: `1,234` is thousands here, and `บาท` may stand behind. None where empty.

    Raises `Invalid`.
    """
    written = UNIT_OF_MONEY.sub("", plain(text)).strip()
    if written in MISSING:
        return None
    if not MONEY.fullmatch(written):
        raise Invalid(f"«{text}» is no sum of money: write baht in digits")
    return float(written.replace(",", "").replace(" ", ""))


def _from_numbers(column: pl.Series) -> Numbers:
    values = column.cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
    infinite = np.flatnonzero(np.isinf(values))
    values[infinite] = np.nan
    none = np.array([], np.int64)
    return Numbers(values, infinite, none, none)


def _odd_numbers(text: pl.Series, nan: bool) -> pl.DataFrame:
    """Columns `value`, `bad` and `comma` for what a machine did not write."""
    raw = pl.col("text").str.replace_many(list(SIGNS), list(SIGNS.values())).str.strip_chars()
    bare = pl.when(raw.str.contains(SPACED)).then(raw.str.replace_all(" ", "")).otherwise(raw)
    cell = pl.col("cell")
    comma = cell.str.contains(COMMA) & ~cell.str.contains(TWO_WAYS) | cell.str.contains(POINT_GROUPED)
    usual = (
        pl.when(cell.str.contains(GROUPED))
        .then(cell.str.replace_all(",", "", literal=True))
        .when(comma)
        .then(cell.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(cell)
    )
    missing = cell.is_in([*MISSING, *(["NaN"] if nan else [])])
    value = usual.cast(pl.Float64, strict=False)
    good = value.is_finite().fill_null(value=False)
    return (
        pl.DataFrame({"text": text})
        .select(cell=bare)
        .select(
            value=pl.when(good).then(value).otherwise(float("nan")),
            bad=~(good | missing),
            comma=good & comma,
        )
    )
