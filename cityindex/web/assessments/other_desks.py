"""What waits for somebody beside assessments: what places wrote, what residents said, what came back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import ngettext
from sqlalchemy import Select

from cityindex.models import now
from cityindex.queries.accounts.counts import counts
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.knowledge import knowledge, written
from cityindex.queries.knowledge.desks import last_moved
from cityindex.queries.knowledge.reviewed import RETURNED, SUBMITTED
from cityindex.queries.participation.consultations import to_answer, to_read
from cityindex.services.accounts.roles import Permission
from cityindex.web.permissions import reach
from cityindex.web.session import database


@dataclass(frozen=True, slots=True)
class Desk:
    """How many wait there, in words, and where."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class _Kind:
    permission: Permission
    find: Callable[[Reach], Select[Any]]
    words: Callable[[int], str]
    endpoint: str


def _knowledge(deed: str) -> Callable[[Reach], Select[Any]]:
    return lambda within: last_moved(knowledge.TABLES, deed, within)


def _proposals(deed: str) -> Callable[[Reach], Select[Any]]:
    return lambda within: last_moved(written.TABLES, deed, within)


KINDS = (
    _Kind(
        Permission.REVIEW_KNOWLEDGE, _knowledge(SUBMITTED),
        lambda n: ngettext("%(num)s item of knowledge to decide on", "%(num)s items of knowledge to decide on", n),
        "sharing.index",
    ),
    _Kind(
        Permission.REVIEW_PROPOSALS, _proposals(SUBMITTED),
        lambda n: ngettext("%(num)s proposal to decide on", "%(num)s proposals to decide on", n), "proposing.index",
    ),
    _Kind(
        Permission.SHARE_KNOWLEDGE, _knowledge(RETURNED),
        lambda n: ngettext("%(num)s item of knowledge came back", "%(num)s items of knowledge came back", n),
        "sharing.index",
    ),
    _Kind(
        Permission.PROPOSE, _proposals(RETURNED),
        lambda n: ngettext("%(num)s proposal came back", "%(num)s proposals came back", n), "proposing.index",
    ),
    _Kind(
        Permission.MODERATE, to_read,
        lambda n: ngettext("%(num)s reason of a resident to read", "%(num)s reasons of residents to read", n),
        "consulting.index",
    ),
    _Kind(
        Permission.ASK_RESIDENTS, lambda within: to_answer(within, now()),
        lambda n: ngettext("%(num)s consultation is over and wants answers",
                           "%(num)s consultations are over and want answers", n),
        "consulting.index",
    ),
)  # fmt: skip


def other_desks() -> list[Desk]:
    """Those on which anything lies, for whoever reads. One query, or none for somebody without such a role."""
    within = {str(at): reach(kind.permission) for at, kind in enumerate(KINDS)}
    found = counts(database(), {at: KINDS[int(at)].find(where) for at, where in within.items() if where})
    return list(_told({int(at): many for at, many in found.items() if many}))


def _told(found: dict[int, int]) -> Iterator[Desk]:
    for at, many in found.items():
        yield Desk(KINDS[at].words(many), url_for(KINDS[at].endpoint))
