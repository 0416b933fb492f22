"""The table of roles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cityindex.services.roles import ROLES, Permission, permissions_of


def test_each_permission_is_held_by_a_role() -> None:
    assert permissions_of((role, False) for role in ROLES) == frozenset(Permission)


def test_an_administrator_may_do_everything_and_a_municipality_nothing_for_the_whole_site() -> None:
    assert permissions_of([("administrator", False)]) == frozenset(Permission)
    assert not any(role.may for role in ROLES.values() if role.of_place)


def test_only_an_administrator_sees_accounts() -> None:
    assert [code for code, role in ROLES.items() if Permission.SEE_ACCOUNTS in role.may] == ["administrator"]


@given(st.lists(st.sampled_from([*ROLES, "unknown"])))
def test_a_role_held_for_a_place_allows_nothing_elsewhere(roles: list[str]) -> None:
    assert permissions_of((role, True) for role in roles) == frozenset()


@given(st.lists(st.tuples(st.sampled_from([*ROLES, "unknown"]), st.booleans())))
def test_roles_only_add_up(grants: list[tuple[str, bool]]) -> None:
    alone = [permissions_of([grant]) for grant in grants]
    assert permissions_of(grants) == frozenset().union(*alone)
