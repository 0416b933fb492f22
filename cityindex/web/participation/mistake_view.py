"""Reports of mistakes as pages show them: what a figure is called, how it stands, links to the form, corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask, url_for
from flask_babel import gettext
from markupsafe import Markup

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.participation.mistakes import About, Correction, Figure, corrections, score_figure, value_figure
from cityindex.queries.places.places import PlaceRecord
from cityindex.web.editions.shown_editions import run_is_named, shown_editions
from cityindex.web.editions.structure import structure
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import period as show_period
from cityindex.web.filters import score, translated
from cityindex.web.session import application, database

INDEX = "index"
"""What an address may call the top of every framework."""


class Told(Protocol):
    """What is said of a figure: of one that stands, and of one that was reported."""

    @property
    def code(self) -> str: ...
    @property
    def framework(self) -> str: ...
    @property
    def period(self) -> int | None: ...
    @property
    def shown(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure an address means. `code` is an indicator, or with a framework one of its parts; empty: not said."""

    place: PlaceRecord | None
    code: str
    framework: str
    period: int | None


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        report_link=report_link, corrections_shown=corrections_shown, figure_name=name, figure_shown=shown,
        figure_period=period_words,
    )  # fmt: skip


def report_link(
    place: str = "", code: str = "", framework: str = "", period: int | None = None, run: int | None = None
) -> str:
    """The form for a mistake in a figure, with as much of it chosen as is known."""
    said: dict[str, Any] = {"place": place, "code": code, "framework": framework, "period": period, "run": run}
    return url_for("mistakes.report", **{name: value for name, value in said.items() if value})


def corrections_shown(
    places: Iterable[str] = (), codes: Iterable[str] = (), framework: str = "", period: int | None = None
) -> Sequence[Correction]:
    """What was accepted about the figures of a page; nothing where its address names a run, for it never changes."""
    return () if run_is_named() else corrections(database(), About(tuple(places), tuple(codes), framework, period))


def figure_of(asked: Asked) -> Figure | None:
    """The figure that is meant, as it stands; None where too little was said. Raises `NotFound`."""
    if not asked.code:
        return None
    if not asked.framework:
        if asked.code not in application().catalogue.indicators:
            raise NotFound(f"there is no indicator {asked.code}")
        return value_figure(database(), asked.place, asked.code, asked.period)
    edition = next((one for one in shown_editions(asked.framework) if asked.period in (None, one.period)), None)
    if edition is None:
        raise NotFound(f"there is no edition of {asked.framework} for {asked.period}")
    entry = entry_of(edition)
    code = structure(entry).index.code if asked.code == INDEX else asked.code
    entry.node_name(code)
    return score_figure(database(), asked.place, edition, code)


def choices(framework: str) -> list[tuple[str, str]]:
    """What may be chosen: the parts of a framework, or all indicators by their names."""
    entry = _framework(framework)
    if entry is None:
        known = application().catalogue.indicators.values()
        return sorted(((one.code, translated(one.name)) for one in known), key=lambda pair: pair[1])
    return [(one.code, f"{'– ' * one.level}{translated(one.name)}") for one in structure(entry).elements]


def name(of: Told) -> str:
    """What a figure is called: the indicator, or the part of a framework and the framework."""
    entry = _framework(of.framework)
    if entry is None:
        known = application().catalogue.indicators.get(of.code)
        return translated(known.name) if known else of.code
    if of.code in (INDEX, structure(entry).index.code):
        return gettext("Score and rank: %(framework)s", framework=translated(entry.name))
    try:
        part = translated(entry.node_name(of.code))
    except NotFound:  # the framework has changed since
        part = of.code
    return gettext("Score of %(part)s: %(framework)s", part=part, framework=translated(entry.name))


def shown(of: Told) -> Markup:
    """The figure itself, with its unit."""
    from cityindex.web.places.words import reported_value  # the pages read this module

    if of.framework:
        return Markup("{}").format(score(of.shown))
    return reported_value(of.shown, application().catalogue.indicators.get(of.code))


def period_words(of: Told) -> str:
    """The period of a figure; empty where none was named."""
    if of.period is None:
        return ""
    entry, known = _framework(of.framework), application().catalogue.indicators.get(of.code)
    kind = entry.framework.period if entry else known.indicator.period if known else None
    return show_period(of.period, kind or "calendar-year")


def _framework(code: str) -> FrameworkEntry | None:
    return application().catalogue.frameworks.get(code)
