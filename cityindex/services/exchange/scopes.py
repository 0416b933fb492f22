"""What a key opens: data sets x actions x places, in a small grammar.

    DATASET:ACTION          on all places
    DATASET:ACTION@CODE     on one place; the code of a province means the places in it, too

    deliveries:exchange@AGREEMENT   deliveries, their state and comments under one agreement

`read` is what is published: it needs no key, and a scope for it says what a client wants it for. `follow` is what goes
on before that: how far assessments are, never what is in a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cityindex.errors import Invalid, NotFound, Problem
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.places.places import find_place

READ, FOLLOW, EXCHANGE = "read", "follow", "exchange"
DELIVERIES = "deliveries"
DATASETS: Mapping[str, tuple[str, ...]] = {
    "places": (READ,),
    "indicators": (READ,),
    "scores": (READ,),
    "observations": (READ,),
    "programmes": (READ,),
    "assessments": (READ, FOLLOW),
    DELIVERIES: (EXCHANGE,),
}
"""The actions that each data set knows."""
FORM = re.compile(r"([a-z]+):([a-z]+)(?:@([0-9A-Za-z_-]{1,32}))?")


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One data set and action, at one place (its code) or everywhere. Of deliveries, `place` is the agreement."""

    dataset: str
    action: str
    place: str | None = None

    def __str__(self) -> str:
        return f"{self.dataset}:{self.action}" + (f"@{self.place}" if self.place else "")


def read_scopes(text: str | Iterable[str]) -> tuple[Scope, ...]:
    """Scopes from lines or words. Raises `Invalid` that names every one that cannot be meant, with the cure."""
    words = text.split() if isinstance(text, str) else list(text)
    problems = [problem for word in words if (problem := _problem(word))]
    if problems:
        raise Invalid("some scopes cannot be meant", problems)
    found = (FORM.fullmatch(word) for word in dict.fromkeys(words))
    return tuple(Scope(match[1], match[2], match[3]) for match in found if match)


def known_places(session: Session, scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The scopes with the present codes of their places. Raises `Invalid` for a place that is not there."""
    return tuple(Scope(one.dataset, one.action, _code(session, one) if one.place else None) for one in scopes)


def written(scopes: Iterable[Scope]) -> str:
    return "\n".join(map(str, scopes))


def within(asked: Iterable[Scope], held: Iterable[Scope]) -> bool:
    """Whether all that is asked for is held, word for word or everywhere."""
    known = set(held)
    return all(one in known or Scope(one.dataset, one.action) in known for one in asked)


def agreements_of(scopes: Iterable[Scope]) -> frozenset[str]:
    """The agreements under which scopes open deliveries."""
    return frozenset(one.place for one in scopes if one.dataset == DELIVERIES and one.place)


def reach_of(session: Session, scopes: Iterable[Scope], dataset: str, action: str) -> Reach:
    """Where scopes open a data set for an action."""
    held = [one.place for one in scopes if (one.dataset, one.action) == (dataset, action)]
    places = [find_place(session, code).place for code in held if code]
    return Reach(
        everywhere=None in held,
        places=frozenset(one.id for one in places),
        provinces=frozenset(one.id for one in places if one.place_type == "province"),
    )


def _problem(word: str) -> Problem | None:
    match = FORM.fullmatch(word)
    if match is None:
        return Problem("this is no scope", "write DATASET:ACTION or DATASET:ACTION@CODE", column="scope", value=word)
    if match[1] not in DATASETS:
        return Problem("there is no such data set", f"write one of {', '.join(DATASETS)}", column="scope", value=word)
    if match[2] not in DATASETS[match[1]]:
        cure = f"{match[1]} knows {' and '.join(DATASETS[match[1]])}"
        return Problem("the data set does not know this action", cure, column="scope", value=word)
    if match[1] == DELIVERIES and match[3] is None:
        cure = f"write {DELIVERIES}:{EXCHANGE}@AGREEMENT"
        return Problem("deliveries are opened by agreement", cure, column="scope", value=word)
    return None


def _code(session: Session, scope: Scope) -> str:
    if scope.dataset == DELIVERIES:
        return scope.place or ""
    try:
        return find_place(session, scope.place or "").place.code
    except NotFound as error:
        problem = Problem("there is no such place", "write the code of a place", column="scope", value=str(scope))
        raise Invalid(str(error), [problem]) from error
