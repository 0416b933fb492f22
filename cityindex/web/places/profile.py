"""All that the profile of a place shows: the same on the page, on paper and in the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cityindex.models import now
from cityindex.queries.knowledge.of_place import Shared, shared_by
from cityindex.queries.participation.consultations import OpenRecord, open_at
from cityindex.queries.places import places as queries
from cityindex.queries.places.neighbours import Neighbour, neighbours_of
from cityindex.queries.places.places import CodeRecord, PlaceRecord, SpellRecord
from cityindex.queries.places.programmes import MembershipRecord, memberships_of
from cityindex.queries.plans.plans import ActionRecord, shown_plan
from cityindex.queries.runs.behind import Asked, figures_told, heirs_of
from cityindex.queries.runs.explanations import explanation
from cityindex.queries.runs.place_scores import PlaceEdition
from cityindex.web.assessments import maturity_view
from cityindex.web.editions.explain_view import Why, why_of
from cityindex.web.editions.shown_editions import heed_run, opened
from cityindex.web.participation.target_view import Listed, of_place
from cityindex.web.places.around import Where, where_of
from cityindex.web.places.history import History, history_of
from cityindex.web.places.view import Figures, View, choose, editions_of, entry_of, figures_of, view_of

AREAS = ("province", "district")
"""Not listed among local governments unless they are looked for."""


@dataclass(frozen=True)
class Profile:
    """A place, in the edition that was chosen where any holds it: then `view` is there.

    `why` is None where there is no score, or where it cannot be taken apart; `maturity` is the newest published
    self-assessment; `within` counts the places inside an area by type; `plan` has lines where the place shows it;
    `asked` is what its residents are asked now.
    """

    place: PlaceRecord
    codes: Sequence[CodeRecord]
    spells: Sequence[SpellRecord]
    memberships: Sequence[MembershipRecord]
    figures: Figures
    where: Where
    view: View | None
    why: Why | None
    history: History | None
    maturity: maturity_view.View | None
    neighbours: Sequence[Neighbour]
    targets: Sequence[Listed]
    within: Mapping[str, int]
    shared: Shared
    plan: Sequence[ActionRecord]
    asked: Sequence[OpenRecord]


def profile_of(session: Session, place: PlaceRecord, framework: str, period: int | None) -> Profile:
    """The profile in an edition, by default the latest of the first framework. Raises `NotFound` for another one."""
    editions = editions_of(session, place.id, heed_run())
    chosen = choose(editions, *opened(framework, period))
    told = figures_told(session, chosen.run if chosen else None, _asked(session, place, chosen))
    figures = figures_of(told.now.get(place.id, ()))
    # Before the rest, for it reads more arrays of the run than the rest does.
    parts = explanation(session, chosen.run, place.id) if chosen else None
    view = view_of(session, place, editions, editions.index(chosen), told.known) if chosen else None
    return Profile(
        place=place,
        codes=queries.codes_of(session, place.id),
        spells=queries.spells_of(session, place.id),
        memberships=memberships_of(session, place.id),
        figures=figures,
        where=where_of(session, place),
        view=view,
        why=why_of(parts, view.entry) if parts and view else None,
        history=_history(view, editions) if view else None,
        maturity=_maturity(session, place, editions),
        neighbours=neighbours_of(session, place, chosen.run if chosen else None),
        targets=of_place(place, figures=figures),
        within=queries.counts_by_type(session, place.id) if place.place_type in AREAS else {},
        shared=shared_by(session, place.id, place.code),
        plan=shown_plan(session, place.id),
        asked=open_at(session, place.id, now()),
    )


def _asked(session: Session, place: PlaceRecord, chosen: PlaceEdition | None) -> Asked:
    if chosen is None or place.province_id is None:
        return Asked([place.id])
    return Asked([place.id], [place.province_id], heirs_of(entry_of(session, chosen.definition).framework))


def _history(view: View, editions: Sequence[PlaceEdition]) -> History | None:
    same = [one for one in editions if one.framework == view.edition.framework]
    return history_of(view.entry, same, view.comparable)


def _maturity(session: Session, place: PlaceRecord, editions: Sequence[PlaceEdition]) -> maturity_view.View | None:
    assessed = next((one.framework for one in editions if maturity_view.has_results(one)), None)
    return None if assessed is None else maturity_view.maturity_of(session, place.id, editions, assessed, None)
