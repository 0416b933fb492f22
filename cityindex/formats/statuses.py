"""Which letter of SDMX CL_OBS_STATUS a score has: the same at every door and in every file."""

from __future__ import annotations

from cityindex.scoring.results import FLAG_NAMES

NORMAL, MISSING, DOES_NOT_APPLY = "A", "O", "M"
BY_FLAG = {
    "": NORMAL, "pilot": NORMAL, "inherited": "E", "filled": "I", "imputed": "I", "not-applicable": DOES_NOT_APPLY,
}  # fmt: skip
"""What is not here is a missing value."""
BY_MARK = {"provisional": "P"}
"""Of a normal value, by the mark of its edition, where it is not A."""


def letters(mark: str, *, missing: bool = False) -> list[str]:
    """By the number of the flag, under the mark of the edition; `missing` for cells without a score."""
    return [letter(name, mark, missing=missing) for name in FLAG_NAMES]


def letter(flag: str, mark: str, *, missing: bool) -> str:
    found = BY_FLAG.get(flag, MISSING)
    if missing:
        return found if found == DOES_NOT_APPLY else MISSING
    return BY_MARK.get(mark, NORMAL) if found == NORMAL else found
