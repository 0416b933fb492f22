"""Values of an indicator as a CSV for people: UTF-8 with a byte order mark, which Excel needs for Thai."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value of a place in a period, with codes and labels; the period in both eras."""

    indicator: str
    name_th: str
    name_en: str
    unit: str
    place: str
    place_th: str
    place_en: str
    place_type: str
    province: str
    province_th: str
    period: int
    period_be: int
    value: float
    status: str
    status_th: str
    status_en: str
    source: str
    demo: bool


def write_values(lines: Iterable[ValueLine]) -> bytes:
    """The table with a header; numbers in full precision.

    Text that a spreadsheet program would compute is led by an apostrophe.
    """
    stream = io.StringIO()
    stream.write(BOM)
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(field.name for field in fields(ValueLine))
    writer.writerows(map(_safe, map(astuple, lines)))
    return stream.getvalue().encode()


def _safe(row: tuple[object, ...]) -> list[object]:
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell for cell in row]
