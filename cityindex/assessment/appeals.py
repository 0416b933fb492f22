"""Appeals in the history of an assessment: made, decided, in time or not, and whether they changed a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cityindex.assessment.workflow import Deed, Event


@dataclass(frozen=True, slots=True)
class Appeals:
    """How many appeals there were. `in_time` and `changed` are of those decided; `late` are open beyond their time."""

    made: int = 0
    decided: int = 0
    in_time: int = 0
    changed: int = 0
    late: int = 0

    @property
    def open(self) -> int:
        return self.made - self.decided

    def __add__(self, other: Appeals) -> Appeals:
        return Appeals(
            self.made + other.made,
            self.decided + other.decided,
            self.in_time + other.in_time,
            self.changed + other.changed,
            self.late + other.late,
        )


def appeals(events: Iterable[Event], days: int, moment: datetime) -> Appeals:
    """The appeals among the events of one assessment, each to be decided within `days`; open ones as of `moment`."""
    found, made = Appeals(), None
    for event in events:
        if event.deed is Deed.APPEALED:
            made = event.at
            found += Appeals(made=1)
        elif event.deed is Deed.APPEAL_DECIDED and made is not None:
            in_time = event.at <= made + timedelta(days=days)
            found += Appeals(decided=1, in_time=int(in_time), changed=int(bool(event.detail.get("upheld"))))
            made = None
    late = made is not None and moment > made + timedelta(days=days)
    return found + Appeals(late=int(late))
