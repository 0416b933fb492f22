"""Which editions a page shows: those in force, or the one that its address names (`run=7`), followed since or not.

A page that asks here can be cited: its permalink names the run, and shows the same figures for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, g, request, url_for

from cityindex.calendars import common_year
from cityindex.errors import Invalid, NotFound
from cityindex.queries.runs.editions import Edition, current_editions, run_record, standing_edition
from cityindex.web.session import database

MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Followed:
    """An edition that a page shows although a later one is in force (None where none is)."""

    shown: Edition
    later: Edition | None

    @property
    def url(self) -> str:
        """The page of the framework with what is in force."""
        return url_for("frameworks.edition", code=self.shown.framework, period=self.shown.period)


def install(app: Flask) -> None:
    app.jinja_env.globals["followed_edition"] = lambda: g.get("followed_edition")


def shown_editions(framework: str | None = None) -> tuple[Edition, ...]:
    """As `current_editions`, with the run that the address names in place of the one in force for its period.

    It comes first where the address names no period, so that it is the one a page opens on. Raises `NotFound` for a
    run that was never published, was taken back, or is of another framework than the one asked for.
    """
    g.names_run = True
    editions = current_editions(database(), framework)
    named = _named(framework)
    if named is None:
        return editions
    in_force = next((one for one in editions if _same_period(one, named)), None)
    if in_force is None or in_force.run != named.run:
        g.followed_edition = Followed(named, in_force)
    others = [one for one in editions if not _same_period(one, named)]
    if not _asked_period():
        return (named, *others)
    return tuple(sorted([named, *others], key=lambda one: (one.framework, -one.period)))


def heed_run() -> Sequence[int]:
    """For a page that reads editions itself: the runs to show where its address names one, else none (those in force).

    Raises `NotFound` as `shown_editions` does.
    """
    g.names_run = True
    return [one.run for one in shown_editions()] if run_is_named() else []


def opened(framework: str, period: int | None) -> tuple[str, int | None]:
    """The framework and period to open on: of the run that the address names, else those it says. Raises `NotFound`."""
    g.names_run = True
    named = _named(framework or None)
    return (named.framework, named.period) if named else (framework, period)


def names_run() -> bool:
    """Whether the page of this request shows the run that an address names."""
    return bool(g.get("names_run"))


def run_is_named(run: int | None = None) -> bool:
    """Whether the address of this request names a run (this one, where one is given), and its page heeds it."""
    named = request.args.get("run", "")
    return names_run() and bool(named) and run in (None, int(named))


def _named(framework: str | None) -> Edition | None:
    wanted = request.args.get("run", "")
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) <= MOST_DIGITS):
        raise NotFound("a run is named by its number")
    record = run_record(database(), int(wanted))
    if framework not in (None, record.framework) or _asked_period() not in ("", str(record.period)):
        raise NotFound(f"run {record.id} is not of {framework or 'any framework'} and {_asked_period()}")
    return standing_edition(database(), record.framework, record.period, record.id)


def _asked_period() -> str:
    """The period of the address, as a year of the common era; empty where it names none, or what is no year."""
    asked = (request.view_args or {}).get("period") or request.args.get("period", "")
    try:
        return str(common_year(asked)) if asked else ""
    except Invalid:
        return ""


def _same_period(one: Edition, other: Edition) -> bool:
    return (one.framework, one.period) == (other.framework, other.period)
