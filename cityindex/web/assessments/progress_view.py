"""What the page of a programme shows of its assessments: published results, and the open round in counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from cityindex import charts
from cityindex.assessment.appeals import Appeals
from cityindex.calendars import day_of
from cityindex.charts.country import Spot, country
from cityindex.definitions.catalogue import FrameworkEntry, Programme
from cityindex.models import now
from cityindex.queries.assessments.progress import (
    FEWEST,
    CohortPlace,
    Funnel,
    Gap,
    Movement,
    Spread,
    cohort,
    funnel,
    gaps,
    movement,
    spreads_by_group,
    spreads_by_pillar,
)
from cityindex.queries.assessments.results import PublishedRound, RunResults, run_results
from cityindex.queries.assessments.rounds import RoundRecord, rounds
from cityindex.queries.runs.editions import Edition
from cityindex.scoring import ladder
from cityindex.services.accounts.roles import Permission
from cityindex.web.assessments.maturity_view import Ladder
from cityindex.web.editions.shown_editions import run_is_named, shown_editions
from cityindex.web.filters import translated
from cityindex.web.pages.home import land_of
from cityindex.web.permissions import may
from cityindex.web.places.view import comparable, entry_of, name_in
from cityindex.web.session import application

GROUPS = (("region", "regions"), ("place_type", "place-types"), ("population_band", "population-bands"))
"""What the cohort is divided by, with the code list that names the groups."""


@dataclass(frozen=True)
class Group:
    """A way to divide the cohort: its spreads, with their names, as a picture and for a table."""

    kind: str
    spreads: Sequence[tuple[str, Spread]]
    chart: Markup


@dataclass(frozen=True)
class Published:
    """The newest edition over the members of today. `baseline` is None where there is no earlier comparable one."""

    entry: FrameworkEntry
    edition: Edition
    ladder: Ladder
    members: int
    map: Markup | None
    round: PublishedRound | None
    pillars: Group
    groups: Sequence[Group]
    gaps: Sequence[Gap]
    movement: Movement | None
    baseline: Edition | None
    editions: Sequence[Edition]

    @property
    def index(self) -> Spread:
        return self.pillars.spreads[0][1]

    @property
    def appeals(self) -> Appeals | None:
        return self.round.appeals if self.round else None

    def name(self, code: str) -> str:
        return name_in(self.entry, code)


@dataclass(frozen=True)
class OpenRound:
    """The newest round while it goes on.

    Its counts are for the programme office; for everybody once something of it is published, where there are enough
    members to say them.
    """

    round: RoundRecord
    funnel: Funnel | None

    @property
    def closed(self) -> bool:
        return self.round.closed_on is not None or self.round.deadline < day_of(now())


def published(session: Session, programme: Programme, wanted: int | None = None) -> Published | None:
    """The published results of a programme for a period; None where nothing is published.

    Without a period, the newest edition that holds at least half of its round: a round that is being published is
    shown on its own tab until then.
    """
    if programme.framework is None or not application().catalogue.questionnaires_for(programme.framework):
        return None
    editions = shown_editions(programme.framework)
    places = cohort(session, programme.code)
    if not editions or not places:
        return None
    named = next((one for one in editions if run_is_named(one.run)), None)
    edition = named or next((one for one in editions if one.period == wanted), None) or _settled(session, editions)
    entry, results = entry_of(session, edition.definition), run_results(session, edition.run)
    rows, levels = results.rows([one.id for one in places]), entry.framework.levels
    if not rows.size or not levels:
        return None
    baseline = _baseline(entry, edition, editions)
    return Published(
        entry=entry,
        edition=edition,
        ladder=Ladder(entry),
        members=len(places),
        map=_map(session, entry, results, places),
        round=results.round,
        pillars=group_of("", [(name_in(entry, one.code), one) for one in spreads_by_pillar(results, rows, levels)]),
        groups=[_named(kind, spreads_by_group(results, rows, levels, kind), codes) for kind, codes in GROUPS],
        gaps=[one for one in gaps(results, rows) if one.places],
        movement=movement(run_results(session, baseline.run), results, places, levels) if baseline else None,
        baseline=baseline,
        editions=editions,
    )


def open_round(session: Session, programme: Programme, members: int) -> OpenRound | None:
    """The newest round of a programme; None where there is none."""
    found = rounds(session, programme.code)
    if not found:
        return None
    counts = funnel(session, found[0].id)
    told = may(Permission.RUN_ROUNDS) or (counts.public and members >= FEWEST)
    return OpenRound(found[0], counts if told else None)


def _settled(session: Session, editions: Sequence[Edition]) -> Edition:
    for one in editions:
        made_from = run_results(session, one.run).round
        if made_from is None or 2 * len(made_from.places) >= made_from.cohort:
            return one
    return editions[0]


def _baseline(entry: FrameworkEntry, edition: Edition, editions: Sequence[Edition]) -> Edition | None:
    """The first edition before, made with the same version, where its scores can be compared over time."""
    same = [one for one in editions if one.version == edition.version and one.period < edition.period]
    return same[-1] if same and comparable(entry) else None


def _named(kind: str, spreads: Sequence[Spread], codes: str) -> Group:
    items: Mapping[str, Any] = application().catalogue.codelist(codes).items
    order = {code: at for at, code in enumerate(items)}
    known = sorted(spreads, key=lambda one: order.get(one.code, len(order)))
    return group_of(kind, [(translated(items[one.code].name) if one.code in items else one.code, one) for one in known])


def group_of(kind: str, spreads: Sequence[tuple[str, Spread]]) -> Group:
    """Named spreads with their picture; without a kind, the first one is the index."""
    rows = [
        charts.Stack(
            name,
            one.counts,
            ngettext("%(num)s place", "%(num)s places", one.places) if one.places else gettext("no data"),
            mine=not kind and at == 0,
        )
        for at, (name, one) in enumerate(spreads)
    ]
    said = "; ".join(f"{row.label}: {', '.join(map(str, row.counts))}" for row in rows)
    caption = charts.Caption(gettext("How many places stand on each level"), said)
    return Group(kind, spreads, Markup(charts.stacks(rows, caption)))  # noqa: S704


def _map(session: Session, entry: FrameworkEntry, results: RunResults, places: Sequence[CohortPlace]) -> Markup | None:
    """A dot for every member with a known position, in the colour of its level."""
    levels = entry.framework.levels
    scores = dict(zip(results.ids.tolist(), results.score[:, 0].tolist(), strict=True))
    rungs: list[list[Spot]] = [[] for _ in levels]
    missing: list[Spot] = []
    for one in places:
        if one.longitude is None or one.latitude is None:
            continue
        standing = ladder.standing(levels, scores.get(one.id))
        (rungs[standing.number] if standing else missing).append((one.longitude, one.latitude))
    if not any(rungs):
        return None
    steps = Ladder(entry)
    said = "; ".join(f"{steps.rung(at)}: {len(spots)}" for at, spots in enumerate(rungs))
    caption = charts.Caption(gettext("Members by level: %(name)s", name=translated(entry.name)), said)
    drawn = country(land_of(session), rungs, missing, caption, first=0)
    return Markup(drawn)  # noqa: S704
