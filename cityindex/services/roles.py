"""Who may do what: one table of roles. A page names the permission it needs; only this table says who has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What pages ask for."""

    SEE_RECORDS = "see-records"
    """What was imported and run, published or not, and the trail of deeds."""
    PUBLISH = "publish"
    """Move the pointer that the public side reads, and move it back."""
    SEE_ACCOUNTS = "see-accounts"
    """Who has an account, and in which role."""


@dataclass(frozen=True, slots=True)
class Role:
    """`of_place`: held for one place at a time, never for the whole site."""

    may: frozenset[Permission] = frozenset()
    of_place: bool = False


ROLES: Mapping[str, Role] = {
    "editor": Role(of_place=True),
    "approver": Role(of_place=True),
    "reviewer": Role(),
    "programme-officer": Role(),
    "methodologist": Role(frozenset({Permission.SEE_RECORDS, Permission.PUBLISH})),
    "administrator": Role(frozenset({Permission.SEE_RECORDS, Permission.PUBLISH, Permission.SEE_ACCOUNTS})),
}


def permissions_of(grants: Iterable[tuple[str, bool]]) -> frozenset[Permission]:
    """What (role, held for one place only) pairs allow on the whole site. What is held for a place allows nothing."""
    held = (ROLES[role].may for role, for_place in grants if role in ROLES and not for_place)
    return frozenset().union(*held)
