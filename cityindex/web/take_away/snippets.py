"""Programs of a few lines that read a view again: in Python and in R, which need nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cityindex.formats.taken import Column

NUMBERS = ("number", "whole")


def python(url: str, columns: Sequence[Column], heading: Sequence[str]) -> str:
    """`url` is of the CSV; `heading` are lines that say what it is."""
    numbers = [column.code for column in columns if column.kind in NUMBERS]
    return f"""{_remarks(heading)}
import csv
import io
import urllib.request

ADDRESS = {_text(url)}
NUMBERS = {_texts(numbers)}

with urllib.request.urlopen(ADDRESS) as answer:
    rows = list(csv.DictReader(io.TextIOWrapper(answer, encoding="utf-8-sig", newline="")))
for row in rows:
    for name in NUMBERS:
        row[name] = float(row[name]) if row[name] else None  # an empty cell is missing, never zero

print(len(rows), "rows; the first ones:")
for row in rows[:5]:
    print(row)
"""


def r(url: str, columns: Sequence[Column], heading: Sequence[str]) -> str:
    """As `python`, for R."""
    texts = [column.code for column in columns if column.kind == "text"]
    classes = ", ".join(f'{_text(code)} = "character"' for code in texts)
    return f"""{_remarks(heading)}
view <- read.csv(
  {_text(url)},
  fileEncoding = "UTF-8-BOM",
  na.strings = "",
  colClasses = c({classes})
)
head(view)  # an empty cell is NA: missing, never zero
"""


def _remarks(lines: Sequence[str]) -> str:
    return "\n".join(f"# {' '.join(line.split())}" for line in lines if line)


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _texts(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)
