"""What looks like data about persons: names of columns and contents of cells. It is refused, and never repeated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

from cityindex.errors import Problem
from cityindex.thai import arabic_digits, normalise

DIGITS = 13
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "pid cid nid ssn person citizen firstname lastname surname fullname nickname forename prefix passport "
        "birthdate birthday dob phone telephone mobile email household householder hid houseid hcode houseno address",
    )
)
PAIRS = re.compile(
    r"(?<![a-z])(first|last|full|given|family|middle|person|head|father|mother|member)\W*_*(name)|(?<![a-z])(national|citizen|person|house|"
    r"household|card|id)\W*_*(id|card|no|number|code)\b|^names?$|^id$|house\W*_*hold\W*_*(head|member)"
)
THAI = re.compile(
    "ชื่อ.{0,3}สกุล|นามสกุล|ชื่อตัว|ชื่อเล่น|ชื่อจริง|คำนำหน้า|ประจำตัวประชาชน|บัตรประชาชน|เลขบัตร|เลขประจำตัว|เลขประชาชน|"
    "วันเกิด|โทรศัพท์|เบอร์โทร|อีเมล|บ้านเลขที่|เลขที่บ้าน|รหัสบ้าน|ที่อยู่|หัวหน้าครัวเรือน|ผู้ปกครอง|บิดา|มารดา|^ชื่อ$|^ราย?ชื่อ$|สมาชิกในครัวเรือน"
)
COUNTED = re.compile(r"^(จำนวน|ร้อยละ|สัดส่วน|num|number|count|total|share|percent|rate|no_of|n_)")
TITLED = re.compile(
    r"^(นาย|นาง|นางสาว|น\.ส\.|ด\.ช\.|ด\.ญ\.|เด็กชาย|เด็กหญิง|mr\.?|mrs\.?|ms\.?|miss)\s*\S{2,}\s+\S{2,}", re.IGNORECASE
)
BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212.\u00a0/_]+")
SHARE = re.compile(r"-?\d{1,6}\.\d+")
"""A number with many decimals, as programs write shares."""
LONG = re.compile(r"(?<!\d)\d{13}(?!\d)")

COLUMN = (
    "this column looks as if it held data about persons or households",
    "take it out: only sums of areas are taken",
)
NUMBER = ("there are thirteen digits in it, as in the number of a person", "take it out: only sums of areas are taken")
NAME = ("it looks like the name of a person", "take it out: only sums of areas are taken")


def personal_columns(header: Sequence[str], areas: Collection[str]) -> list[Problem]:
    """A problem for each column whose name tells of persons; `areas` are names of columns that name an area.

    A heading that holds a number of a person itself is named by where it stands.
    """
    known = {_plain(one) for one in areas}
    found = []
    for at, column in enumerate(header, start=1):
        shown = f"column {at}" if holds_number(column) or TITLED.match(column.strip()) else column
        if shown != column:
            found.append(Problem(*NUMBER, row=1, column=shown))
        elif _plain(column) not in known and tells_of_persons(column):
            found.append(Problem(*COLUMN, row=1, column=shown))
    return found


def personal_cells(
    rows: Iterable[tuple[int, Mapping[str, str]]], areas: Collection[str], most: int = 200
) -> list[Problem]:
    """A problem for each cell that holds a number of a person, or a name where no area is named. Never its value."""
    known = {_plain(one) for one in areas}
    found: list[Problem] = []
    for line, cells in rows:
        for column, value in cells.items():
            if holds_number(value):
                found.append(Problem(*NUMBER, row=line, column=column))
            elif _plain(column) not in known and TITLED.match(normalise(value)):
                found.append(Problem(*NAME, row=line, column=column))
        if len(found) >= most:
            break
    return found


def tells_of_persons(column: str) -> bool:
    """Whether the name of a column tells of persons or of single households; counts of them are not meant."""
    plain = _plain(column)
    if COUNTED.match(plain):
        return False
    words = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unicodedata.normalize("NFKC", column)).lower())
    return bool(ENGLISH & set(words) or PAIRS.search(plain) or THAI.search(plain))


def holds_number(text: str) -> bool:
    """Whether thirteen digits follow one another, whatever digits they are and however they are parted."""
    if sum(char.isdigit() for char in text) < DIGITS or SHARE.fullmatch(text.strip()):
        return False
    return bool(LONG.search(BETWEEN.sub("", arabic_digits(unicodedata.normalize("NFKC", text)))))


def _plain(column: str) -> str:
    return normalise(column).lower()
