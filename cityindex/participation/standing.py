"""Which of several targets for the same thing stands before the others, and since when.

A place, its province and the country may each have set a value for the same indicator and year. Where one value has to
be told, the foremost owner's is; what stood before it stays in the history with its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """An owner says a value at a moment, or takes it back (None)."""

    owner: str
    value: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Stood:
    """A value that stood before the others from `since` on, up to `until` (None: it still does)."""

    owner: str
    value: float
    since: datetime
    until: datetime | None = None


def stood(deeds: Iterable[Deed], owners: Sequence[str]) -> Iterator[Stood]:
    """What stood foremost, from the first to the last. `deeds` in the order of time; `owners` the foremost first.

    A deed that changes nothing of what is told (another owner's, or the same value again) begins nothing anew.
    """
    said: dict[str, float] = {}
    now: Stood | None = None
    for deed in deeds:
        if deed.value is None:
            said.pop(deed.owner, None)
        else:
            said[deed.owner] = deed.value
        owner = next((one for one in owners if one in said), None)
        if (owner, said.get(owner or "")) == ((now.owner, now.value) if now else (None, None)):
            continue
        if now is not None and now.since < deed.at:
            yield replace(now, until=deed.at)
        now = None if owner is None else Stood(owner, said[owner], deed.at)
    if now is not None:
        yield now
