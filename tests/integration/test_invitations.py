"""Inviting by a list, on both databases: everything wrong is told, nothing half done, nobody beyond his reach."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.formats.invitations import HEADINGS, TEMPLATE, Invitee, links, read_invitations, template
from cityindex.models import Account, RoleGrant
from cityindex.services.accounts import invitation_rules as rules
from cityindex.services.accounts import people
from cityindex.services.accounts.roles import NAMES
from cityindex.services.letters import WAITS
from cityindex.web.assessments.invitation_words import WORDS
from tests.integration.persons import GOOD, OPERATOR, OTHER, World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def row(number: int, email: str, role: str = "editor", place: str = "M1", name: str = "") -> Invitee:
    return Invitee(number, email, name, role, place)


def accounts(world: World) -> int:
    with Session(world.engine) as session:
        return session.scalar(select(func.count()).select_from(Account)) or 0


def test_each_person_gets_one_letter_with_a_link_that_works(world: World) -> None:
    rows = [
        row(2, "a@example.go.th", "ผู้กรอกข้อมูล", "M1", "สมศรี"),
        row(3, "A@example.go.th", "approver", "M1"),
        row(4, "b@example.go.th", "Reviewer", "10"),
        row(5, "c@example.go.th", "reviewer", ""),
    ]
    done = world.invitations.invite(rows, OPERATOR)
    assert len(done.accounts) == len(done.fresh) == 3
    first = done.accounts[0]
    assert world.roles(first) == [("editor", "M1"), ("approver", "M1")]
    assert [kind for _, kind in world.waiting()] == ["invitation"] * 3
    text = world.letter(first)
    assert "สมศรี" in text
    assert "ผู้กรอกข้อมูล ของเทศบาลตำบล" in text
    assert "editor of" in text
    assert "\n\n\n" not in text
    (token,) = set(re.findall(r"https://city.example.go.th/th/account/welcome/(\S+)", text))
    world.accounts.choose_password(token, GOOD)
    assert world.accounts.sign_in("a@example.go.th", GOOD, "x").account == first


def test_the_same_list_again_does_nothing(world: World) -> None:
    rows = [row(2, "a@example.go.th"), row(3, "b@example.go.th", "approver")]
    world.invitations.invite(rows, OPERATOR)
    again = world.invitations.invite([*rows, row(4, "a@example.go.th", "approver")], OPERATOR)
    assert (len(again.accounts), again.already) == (1, 2)
    assert accounts(world) == 2


def test_whoever_has_a_password_is_told_without_a_link(world: World) -> None:
    number = world.add("known", "methodologist")
    world.invitations.invite([row(2, "known@example.go.th", "approver")], OPERATOR)
    assert world.waiting() == [(number, "role")]
    text = world.letter(number)
    assert "/account/welcome/" not in text
    assert "https://city.example.go.th/en/account/login" in text


def test_every_bad_row_is_told_and_nothing_is_done(world: World) -> None:
    rows = [
        row(2, "nobody"),
        row(3, "a@example.go.th", "king"),
        row(4, "a@example.go.th", "editor", "Z9"),
        row(5, "a@example.go.th", "editor", ""),
        row(6, "a@example.go.th", "methodologist", "M1"),
        row(7, "a@example.go.th", "province-administrator", "M1"),
        row(8, "b@example.go.th"),
        row(9, "B@example.go.th"),
        row(10, "c@example.go.th"),
    ]
    with pytest.raises(Invalid) as refused:
        world.invitations.invite(rows, OPERATOR)
    found = [(one.row, one.column, one.reason) for one in refused.value.problems]
    assert found == [
        (2, "email", rules.NO_EMAIL[0]),
        (3, "role", people.NO_ROLE[0]),
        (4, "place", rules.NO_PLACE[0]),
        (5, "place", people.OF_PLACE[0]),
        (6, "place", people.OF_SITE[0]),
        (7, "place", people.OF_PROVINCE[0]),
        (9, "email", rules.TWICE[0]),
    ]
    assert refused.value.problems[1].value == "king"
    assert accounts(world) == 0
    assert world.waiting() == []


def test_all_that_can_be_wrong_has_words_in_the_readers_language() -> None:
    wrongs = [
        getattr(module, name)
        for module in (rules, people)
        for name in dir(module)
        if re.match("NO_|OF_|TWICE|NOT_", name)
    ]
    assert len(wrongs) >= 8
    assert {text for wrong in wrongs for text in wrong} <= set(WORDS)


def test_a_province_administrator_invites_in_the_province_only(world: World) -> None:
    inviter = world.inviter(world.add("province", "province-administrator", "10"))
    fine = [row(2, "a@example.go.th", "editor", "M0"), row(3, "b@example.go.th", "approver", "M2")]
    assert len(world.invitations.invite(fine, inviter).accounts) == 2
    for role, place in (("editor", "M1"), ("reviewer", "M0"), ("administrator", ""), ("province-administrator", "10")):
        with pytest.raises(Invalid) as refused:
            world.invitations.check([row(2, "c@example.go.th", role, place)], inviter)
        assert [one.reason for one in refused.value.problems] == [rules.NOT_YOURS[0]]


def test_an_officer_invites_no_administrator(world: World) -> None:
    inviter = world.inviter(world.add("officer", "programme-officer"))
    with pytest.raises(Invalid):
        world.invitations.invite([row(2, "a@example.go.th", "administrator", "")], inviter)
    world.invitations.invite([row(2, "a@example.go.th", "reviewer", "")], inviter)


def test_nobody_reaches_into_another_province(world: World) -> None:
    """Guessing numbers of grants and accounts leads to nothing, not even to whether they are there."""
    inviter = world.inviter(world.add("province", "province-administrator", "10"))
    done = world.invitations.invite([row(2, "far@example.go.th", "editor", "M1")], OPERATOR)
    (far,) = done.accounts
    mixed = world.invitations.invite([row(2, "mixed@example.go.th", "editor", "M0")], OPERATOR).accounts[0]
    world.invitations.invite([row(2, "mixed@example.go.th", "administrator", "")], OPERATOR)
    with Session(world.engine) as session:
        grant = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == far)).one()
    for call in (
        lambda: world.invitations.end_role(grant, inviter),
        lambda: world.invitations.end_role(999, inviter),
        lambda: world.invitations.send_again(far, inviter),
        lambda: world.invitations.send_again(mixed, inviter),  # a link would give the other role away, too
    ):
        with pytest.raises(NotFound):
            call()
    assert world.invitations.links([far, mixed], inviter) == []


@pytest.mark.parametrize("used", [True, False])
def test_whoever_held_a_link_gets_no_role_with_it_that_he_may_not_give(world: World, used: bool) -> None:
    province = world.inviter(world.add("province", "province-administrator", "10"))
    (number,) = world.invitations.invite([row(2, "soon@example.go.th", place="M0")], province).accounts
    (link,) = world.invitations.links([number], province)
    if used:
        world.accounts.choose_password(link.token, GOOD)
    same = world.invitations.invite([row(2, "soon@example.go.th", "approver", "M0")], province)
    assert (same.fresh == ()) == used, "he may give this role: nothing is ended"
    before = world.record(number).epoch
    done = world.invitations.invite([row(2, "soon@example.go.th", "administrator", "")], OPERATOR)
    assert done.fresh == (number,)
    assert world.record(number).epoch > before
    with pytest.raises((Forbidden, NotFound)):
        world.accounts.sign_in("soon@example.go.th", GOOD, "x")
    with pytest.raises(NotFound):
        world.accounts.choose_password(link.token, GOOD)
    assert world.waiting() == [(number, "invitation")]
    (token, *_) = re.findall(r"/account/welcome/(\S+)", world.letter(number))
    world.accounts.choose_password(token, OTHER)
    again = world.invitations.invite([row(2, "soon@example.go.th", "reviewer", "")], OPERATOR)
    assert again.fresh == (), "the link went to the person: it is not ended twice"
    assert world.accounts.sign_in("soon@example.go.th", OTHER, "x").account == number


def test_links_take_the_place_of_letters(world: World) -> None:
    done = world.invitations.invite([row(2, "a@example.go.th"), row(3, "b@example.go.th", "approver")], OPERATOR)
    handed = world.invitations.links(done.accounts, OPERATOR)
    assert [one.email for one in handed] == ["a@example.go.th", "b@example.go.th"]
    assert world.waiting() == []
    world.accounts.choose_password(handed[0].token, GOOD)
    assert [one.email for one in world.invitations.links(done.accounts, OPERATOR)] == ["b@example.go.th"]
    with pytest.raises(NotFound):  # the second file put an end to the first
        world.accounts.choose_password(handed[1].token, GOOD)


def test_a_letter_is_written_again_but_not_at_once(world: World) -> None:
    (number,) = world.invitations.invite([row(2, "a@example.go.th")], OPERATOR).accounts
    with pytest.raises(Conflict):
        world.invitations.send_again(number, OPERATOR)
    world.clock.at += WAITS[0]
    world.invitations.send_again(number, OPERATOR)
    assert world.waiting() == [(number, "invitation")] * 2


def test_ending_a_role(world: World) -> None:
    boss, other = world.add("boss", "administrator"), world.add("other", "administrator")
    with Session(world.engine) as session:
        grants = {one.account_id: one.id for one in session.scalars(select(RoleGrant))}
    with pytest.raises(Forbidden):
        world.invitations.end_role(grants[boss], world.inviter(boss))
    world.invitations.end_role(grants[other], world.inviter(boss))
    assert world.roles(other) == []
    assert [one.role for one in world.record(other).held] == ["administrator"]
    with pytest.raises(NotFound):
        world.invitations.end_role(grants[other], world.inviter(boss))


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_template_is_read_back(tmp_path: Path, language: str) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(template(language, [(NAMES["editor"][language], "editor")]))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["invitations", "roles"]
    book["invitations"].append(["a@example.go.th", "สมศรี", NAMES["editor"][language], "0100101"])
    book.save(path)
    assert read_invitations(path) == [Invitee(2, "a@example.go.th", "สมศรี", NAMES["editor"][language], "0100101")]
    assert all(heading in names for heading, names in zip(TEMPLATE[language], HEADINGS.values(), strict=True))


def test_a_list_without_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("อีเมล,ชื่อ\na@example.go.th,ก\n", encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        read_invitations(path)
    assert [one.column for one in refused.value.problems] == ["role", "place code"]


def test_links_are_text_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "links.xlsx"
    path.write_bytes(links("th", [("=1+1@example.go.th", "=cmd", "editor", "https://x/y", "1 ม.ค. 2569")]))
    cells = next(openpyxl.load_workbook(path).active.iter_rows(min_row=2))
    assert [cell.data_type for cell in cells] == ["s"] * 5
