"""The form of places' own codes: the ones that pages and files use."""

from __future__ import annotations

import re

from cityindex.thai import arabic_digits

AREA, LOCAL = "tis1099", "dla"
"""The schemes of places' own codes: of provinces and districts, and of local governments (Bangkok is `BMA` there)."""


def own_scheme(code: str) -> str:
    """The scheme of a place's own code: two or four digits name an area, anything else a local government."""
    return AREA if re.fullmatch(r"\d{2}|\d{4}", code) else LOCAL


def own_code(text: str) -> str:
    """A place's own code as it is stored: Arabic digits, and seven digits where a zero was put before them."""
    code = arabic_digits(text).strip().upper()
    return code[1:] if re.fullmatch(r"0\d{7}", code) else code
