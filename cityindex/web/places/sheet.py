"""The profile of a place as one sheet of paper."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.queries.observations.observations import PlaceObservation
from cityindex.queries.runs.ways_up import ways_up
from cityindex.web.editions.ways_view import Up, up_of
from cityindex.web.filters import translated
from cityindex.web.participation import target_words
from cityindex.web.places import words as place_words
from cityindex.web.places.profile import Profile
from cityindex.web.places.view import Line, View
from cityindex.web.session import application

FIGURES = 16
"""Reported figures that a sheet has room for, where there is no score to show."""
MOST = 10
"""Domains that a sheet has room for; of a framework with more, those of the greatest weight."""


MOST_TARGETS = 6
"""Targets that a sheet has room for; all of them stand on the page."""


def sheet_of(session: Session, profile: Profile) -> str:
    """The sheet as HTML; the same profile gives the same text, whenever it is asked for."""
    view = profile.view
    return render_template(
        "paper/place.html",
        profile=profile,
        domains=_domains(view) if view else (),
        up=_ways(session, profile, view) if view else None,
        newest=_newest(profile),
        words=place_words,
        programme=_programme,
        aims=[one for one in profile.targets if not one.proposed][:MOST_TARGETS],
        say=target_words,
    )


def _domains(view: View) -> Sequence[Line]:
    lines = [line for line in view.lines if line.result.node.level == 1]
    kept = sorted(lines, key=lambda line: -line.result.node.weight)[:MOST]
    return [line for line in lines if line in kept]


def _newest(profile: Profile) -> Sequence[tuple[IndicatorEntry, PlaceObservation]]:
    """The newest figures of a place, with what they are of; figures of indicators that are not defined are left out."""
    known = application().catalogue.indicators
    found = [(known[code], values[0]) for code, values in sorted(profile.figures.items()) if code in known]
    return found[:FIGURES]


def _ways(session: Session, profile: Profile, view: View) -> Up | None:
    found = ways_up(session, view.edition.run, profile.place.id)
    return up_of(found, view.entry) if found else None


def _programme(code: str) -> str:
    known = application().catalogue.programmes
    return translated(known[code].name) if code in known else code
