"""What looks like data about persons: names of columns and contents of cells. It is refused, and never repeated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from cityindex.errors import Problem
from cityindex.thai import arabic_digits, normalise

DIGITS = 13
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "pid cid nid ssn person citizen firstname lastname surname fullname nickname forename prefix passport "
        "birthdate birthday dob phone telephone mobile email household householder hid houseid hcode houseno address "
        "fname lname mname hhid hhno hhcode idcard cardid thaiid nationalid citizenid personid passportno tel lineid",
    )
)
PAIRS = re.compile(
    r"(?<![a-z])(first|last|full|given|family|middle|person|head|father|mother|member)\W*_*(name)|(?<![a-z])(national|citizen|person|house|"
    r"household|hh|card|id)\W*_*(id|card|no|number|code)\b|^names?$|^id$|house\W*_*hold\W*_*(head|member)"
)
THAI = re.compile(
    "ชื่อ.{0,3}สกุล|นามสกุล|ชื่อตัว|ชื่อเล่น|ชื่อจริง|คำนำหน้า|ประจำตัวประชาชน|บัตรประชาชน|เลขบัตร|เลขประจำตัว|เลขประชาชน|"
    "วันเกิด|โทรศัพท์|เบอร์โทร|อีเมล|บ้านเลขที่|เลขที่บ้าน|รหัสบ้าน|ที่อยู่|หัวหน้าครัวเรือน|ผู้ปกครอง|บิดา|มารดา|^ชื่อ$|^ราย?ชื่อ$|สมาชิกในครัวเรือน|"
    r"^ชื่อ(ผู้|คน|เจ้า|หัวหน้า|สมาชิก|บุคคล)|รหัส(บุคคล|ครัวเรือน|สมาชิก)|เลข.{0,5}(13|๑๓|สิบสาม).{0,3}หลัก|เลขที่บัตร|เจ้าบ้าน|โทร\.|มือถือ|ไอดีไลน์|หนังสือเดินทาง"
)
COUNTED = re.compile(r"^(จำนวน|ร้อยละ|สัดส่วน|num|number|count|total|share|percent|rate|no_of|n_)")
TITLED = re.compile(
    r"^(?!นายก(ฯ|เทศ|อบ|องค์|สมา|เมือง|\s)|นาย(อำเภอ|ทะเบียน|จ้าง|ช่าง|หน้า))"  # offices, not names
    r"(นาย|นาง|นางสาว|น\.ส\.|ด\.ช\.|ด\.ญ\.|เด็กชาย|เด็กหญิง|mr\.?|mrs\.?|ms\.?|miss)\s*\S{2,}\s+\S{2,}",
    re.IGNORECASE,
)
SHARE = re.compile(r"-?(0|[1-9]\d{0,5})\.\d+")
"""A number with many decimals, as programs write shares."""
POWER = re.compile(r"\d(\.\d+)?e\+?\d\d?", re.IGNORECASE)
"""A number as spreadsheets shorten long ones."""
LETTERS = re.compile(r"[^\W\d_]+")
PHONE = re.compile(r"(?<![\d.])(\+66|0)([\s\-.()]{0,2}\d){8,9}(?!\d)")
MAIL = re.compile(r"\S@\S")

MOMENT = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T,]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?( ?[AP]M|Z)?)?", re.IGNORECASE)
"""A day, with or without the time of day: its digits are no number of anybody."""

TAKE_OUT = "take it out: only figures of whole areas are taken"
COLUMN = (
    "this column looks as if it held data about persons or households",
    TAKE_OUT,
)
NUMBER = ("there are thirteen digits in it, as in the number of a person", TAKE_OUT)
REACHED = ("there is a telephone number or an e-mail address in it", TAKE_OUT)
WORDS = (
    "there are words in it, and the feed does not name this column",
    "take it out; if it names an area, add its name to area_names of the feed",
)
NAME = ("it looks like the name of a person", TAKE_OUT)


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
    rows: Iterable[tuple[int, Mapping[str, str]]],
    areas: Collection[str],
    named: Collection[str] | None = None,
    most: int = 200,
) -> list[Problem]:
    """A problem for each cell that holds a number of a person or how to reach one, or a name where no area is named.

    Where `named` is given, columns outside of it may hold numbers only. A value is never repeated.
    """
    known = {_plain(one) for one in areas}
    fed = None if named is None else {_plain(one) for one in named} | known
    found: list[Problem] = []
    for line, cells in rows:
        for column, value in cells.items():
            plain = _plain(column)
            fault = _fault(value, an_area=plain in known, numbers_only=fed is not None and plain not in fed)
            if fault:
                found.append(Problem(*fault, row=line, column=column))
        if len(found) >= most:
            break
    return found


def _fault(value: str, *, an_area: bool, numbers_only: bool) -> tuple[str, str] | None:
    if holds_number(value):
        return NUMBER
    if reaches_somebody(value):
        return REACHED
    if not an_area and TITLED.match(normalise(value)):
        return NAME
    return WORDS if numbers_only and LETTERS.search(value) and not POWER.fullmatch(value.strip()) else None


def tells_of_persons(column: str) -> bool:
    """Whether the name of a column tells of persons or of single households; counts of them are not meant."""
    plain = _plain(column)
    if COUNTED.match(plain):
        return False
    words = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unicodedata.normalize("NFKC", column)).lower())
    return bool(ENGLISH & set(words) or PAIRS.search(plain) or THAI.search(plain))


def holds_number(text: str) -> bool:
    """Whether thirteen digits follow one another, whatever digits they are and whatever but letters parts them."""
    plain = arabic_digits(unicodedata.normalize("NFKC", text)).strip()
    if MOMENT.fullmatch(plain):
        return False
    if POWER.fullmatch(plain):
        return len(f"{Decimal(plain):.0f}") == DIGITS
    if sum(char.isdigit() for char in plain) < DIGITS or SHARE.fullmatch(plain):
        return False
    return any(_reach(list(map(len, re.findall(r"\d+", piece)))) for piece in LETTERS.split(plain))


def reaches_somebody(text: str) -> bool:
    """Whether there is a telephone number of Thailand or an e-mail address in a text."""
    plain = arabic_digits(unicodedata.normalize("NFKC", text)).strip()
    if MOMENT.fullmatch(plain) or SHARE.fullmatch(plain):
        return False
    return bool(MAIL.search(plain) or PHONE.search(plain))


def _reach(lengths: Sequence[int]) -> bool:
    """Whether some neighbours among groups of digits have thirteen together."""
    return any(
        total == DIGITS for start in range(len(lengths)) for total in accumulate(lengths[start : start + DIGITS])
    )


def _plain(column: str) -> str:
    return normalise(column).lower()
