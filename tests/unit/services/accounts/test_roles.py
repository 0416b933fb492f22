"""The table of roles, and where a grant reaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.services.accounts.roles import (
    HANDS_IN,
    JUDGING,
    ROLES,
    Grant,
    Permission,
    Scope,
    gives,
    may_at,
    permissions_of,
    reach,
    roles_given,
)

ENDED = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Spot:
    id: int
    province_id: int | None = None


PROVINCE, TOWN, NEIGHBOUR, FAR = Spot(10), Spot(11, 10), Spot(12, 10), Spot(21, 20)
CAPITAL = Spot(1)  # lies in no province
SPOTS = (PROVINCE, TOWN, NEIGHBOUR, FAR, CAPITAL)
GRANTS = st.builds(Grant, st.sampled_from([*ROLES, "unknown"]), st.sampled_from([None, 10, 11]))


def test_each_permission_is_held_by_a_role() -> None:
    assert frozenset().union(*(role.may for role in ROLES.values())) == frozenset(Permission)
    assert frozenset().union(*(role.gives for role in ROLES.values())) == frozenset(ROLES)


def test_an_administrator_neither_answers_nor_judges() -> None:
    left = frozenset(Permission) - permissions_of([Grant("administrator")])
    own = {Permission.ANSWER, Permission.APPROVE_ASSESSMENT, Permission.COMMENT}
    own |= {Permission.SHARE_KNOWLEDGE, Permission.PROPOSE}
    of_residents = {one for one in Permission if one.endswith("-targets")} | {
        Permission.ASK_RESIDENTS,
        Permission.MODERATE,
    }
    assert left == {*own, *of_residents, *JUDGING}


def test_only_an_administrator_sees_accounts_and_makes_more_of_his_kind() -> None:
    assert [code for code, role in ROLES.items() if Permission.SEE_ACCOUNTS in role.may] == ["administrator"]
    assert [code for code, role in ROLES.items() if "administrator" in role.gives] == ["administrator"]


def test_a_province_administrator_gives_editors_and_approvers_of_the_province_and_no_more() -> None:
    held = [Grant("province-administrator", 10)]
    assert roles_given(held) == ("editor", "approver")
    assert [gives(held, "editor").covers(spot) for spot in SPOTS] == [True, True, True, False, False]
    assert not gives(held, "reviewer")
    may = [Permission.INVITE, Permission.SET_PROVINCE_TARGETS, Permission.MODERATE]
    assert [one for one in Permission if reach(held, one)] == may


@given(st.lists(st.builds(Grant, st.sampled_from([*ROLES, "unknown"]), st.just(10))))
def test_a_role_held_for_a_place_allows_nothing_on_the_whole_site(held: list[Grant]) -> None:
    assert permissions_of(held) == frozenset()


@given(st.lists(GRANTS))
def test_roles_only_add_up(held: list[Grant]) -> None:
    assert permissions_of(held) == frozenset().union(*(permissions_of([one]) for one in held))


@given(st.lists(GRANTS), st.sampled_from([one for one in Permission if one not in JUDGING]))
def test_what_is_ended_allows_nothing(held: list[Grant], permission: Permission) -> None:
    assert not reach([replace(one, ended_at=ENDED) for one in held], permission)


@pytest.mark.parametrize(
    ("held", "permission", "where"),
    [
        (Grant("editor", 11), Permission.ANSWER, [TOWN]),
        (Grant("editor", 11), Permission.APPROVE_ASSESSMENT, []),
        (Grant("approver", 11), Permission.APPROVE_ASSESSMENT, [TOWN]),
        # A province may take part itself: then its editor is not the editor of its municipalities.
        (Grant("editor", 10), Permission.ANSWER, [PROVINCE]),
        (Grant("editor"), Permission.ANSWER, []),
        (Grant("advisor", 10), Permission.SEE_ASSESSMENT, [PROVINCE, TOWN, NEIGHBOUR]),
        (Grant("advisor", 10), Permission.ANSWER, []),
        (Grant("reviewer", 10), Permission.REVIEW, [PROVINCE, TOWN, NEIGHBOUR]),
        (Grant("reviewer", 11), Permission.REVIEW, [TOWN]),
        (Grant("reviewer"), Permission.REVIEW, list(SPOTS)),
        (Grant("reviewer"), Permission.SEE_ASSESSMENT, []),
        (Grant("programme-officer"), Permission.SEE_ASSESSMENT, list(SPOTS)),
        (Grant("programme-officer", 10), Permission.SEE_ASSESSMENT, []),
        (Grant("unknown"), Permission.ANSWER, []),
    ],
)
def test_where_a_permission_reaches(held: Grant, permission: Permission, where: list[Spot]) -> None:
    assert [spot for spot in SPOTS if may_at([held], permission, spot)] == where


@pytest.mark.parametrize("role", sorted(HANDS_IN))
def test_nobody_reviews_where_he_had_a_hand_in(role: str) -> None:
    held = [Grant("reviewer", 10), Grant(role, 11)]
    assert [spot for spot in SPOTS if may_at(held, Permission.REVIEW, spot)] == [PROVINCE, NEIGHBOUR]
    ended = [held[0], replace(held[1], ended_at=ENDED)]
    assert not may_at(ended, Permission.REVIEW, TOWN)
    assert not may_at(ended, Permission.REVIEW, TOWN, since=ENDED - timedelta(days=1))
    assert may_at(ended, Permission.REVIEW, TOWN, since=ENDED + timedelta(days=1))


def test_who_advises_a_province_reviews_none_of_its_places() -> None:
    held = [Grant("reviewer"), Grant("advisor", 10)]
    assert [spot for spot in SPOTS if may_at(held, Permission.REVIEW, spot)] == [FAR, CAPITAL]


def test_what_a_role_may_be_held_for() -> None:
    assert {code for code, role in ROLES.items() if not role.of_place} == {
        "reviewer",
        "programme-officer",
        "methodologist",
        "administrator",
    }
    assert all(Scope.SITE in role.scopes or role.local for role in ROLES.values())
