"""Letters on both databases, sent through a real SMTP server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.errors import Invalid, NotFound
from cityindex.formats.invitations import Invitee
from cityindex.gateways.mail import Mail
from cityindex.models import Letter
from cityindex.resources import resource_root
from cityindex.services.letters import LINKED, WAITS, Letters, Sent
from cityindex.web.assessments.deeds import LETTERS
from tests.integration.persons import GOOD, HERE, OPERATOR, World
from tests.mailbox import Box, free_port, post_office


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def box(world: World) -> Iterator[Box]:
    """A mail server; the letters of `world` go there."""
    with post_office() as found:
        world.letters = Letters(world.sessions, Mail(found.url), "https://city.example.go.th", world.clock)
        yield found


def invite(world: World, *names: str) -> None:
    rows = [Invitee(2 + n, f"{name}@example.go.th", "สมศรี", "editor", "M1") for n, name in enumerate(names)]
    world.invitations.invite(rows, OPERATOR)


def row(world: World) -> Letter:
    with Session(world.engine) as session:
        return session.scalars(select(Letter)).one()


def test_a_letter_arrives_in_both_languages_and_once(world: World, box: Box) -> None:
    invite(world, "a")
    assert world.letters.send_letters() == Sent(1, 0, 0)
    assert world.letters.send_letters() == Sent(0, 0, 0)
    (message,) = box.taken
    assert message["To"] == "a@example.go.th"
    assert message["From"] == "index@example.go.th"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.go.th>")
    assert message["Subject"] == "เชิญใช้งานระบบดัชนีเมือง / You are invited to City Index"
    text = message.get_content()
    assert "8 ม.ค. 2569" in text
    assert "8 Jan 2026" in text
    token = text.split("/th/account/welcome/")[1].split()[0]
    world.accounts.choose_password(token, GOOD)
    assert row(world).details == "{}"


def test_no_link_lies_in_the_database_before_or_after(world: World, box: Box) -> None:
    invite(world, "a")
    assert row(world).details
    with Session(world.engine) as session:
        assert "welcome" not in str([vars(one) for one in session.scalars(select(Letter))])


def test_a_server_that_is_down_is_tried_again_later_and_later(world: World) -> None:
    url = f"smtp://127.0.0.1:{free_port()}?starttls=no&from=index@example.go.th"
    world.letters = Letters(world.sessions, Mail(url), "https://x", world.clock)
    invite(world, "a")
    for wait in WAITS:
        assert world.letters.send_letters() == Sent(0, 1, 0)
        assert world.letters.send_letters() == Sent(0, 0, 0)
        world.clock.at += wait
    assert "does not answer" in (row(world).error or "")
    assert world.letters.send_letters() == Sent(0, 1, 0)
    assert row(world).next_try_at is None
    assert sum(WAITS, timedelta()) > timedelta(days=1)


def test_what_is_refused_for_good_is_not_tried_again_and_the_rest_goes(world: World, box: Box) -> None:
    invite(world, "a", "b")
    box.answers = ["550 no such person"]
    assert world.letters.send_letters() == Sent(1, 0, 1)
    world.clock.at += timedelta(days=2)
    assert world.letters.send_letters() == Sent(0, 0, 0)
    with Session(world.engine) as session:
        errors = session.scalars(select(Letter.error).order_by(Letter.id)).all()
    assert errors == ["550 no such person", None]


def test_what_is_refused_for_now_goes_later(world: World, box: Box) -> None:
    invite(world, "a")
    box.answers = ["451 try later"]
    assert world.letters.send_letters() == Sent(0, 1, 0)
    world.clock.at += WAITS[0]
    assert world.letters.send_letters() == Sent(1, 0, 0)
    assert len(box.taken) == 1


def test_a_crash_between_sending_and_noting_sends_the_same_letter(world: World, box: Box) -> None:
    """It goes once more, under the same name, so that a mail server may know it again; the newest link works."""
    invite(world, "a")

    real, world.letters.sessions = world.letters.sessions, Crashing(world.letters.sessions, after=1)
    with pytest.raises(KeyboardInterrupt):
        world.letters.send_letters()
    world.letters.sessions = real
    assert world.letters.send_letters() == Sent(0, 0, 0)
    world.clock.at += WAITS[0]
    assert world.letters.send_letters() == Sent(1, 0, 0)
    assert len({message["Message-ID"] for message in box.taken}) == 1
    assert len(box.taken) == 2


class Crashing:
    """Gives out sessions, and crashes after some."""

    def __init__(self, sessions: Any, after: int) -> None:
        self.sessions, self.left = sessions, after

    def __call__(self) -> Session:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        found: Session = self.sessions()
        return found


def test_a_forgotten_password(world: World, box: Box) -> None:
    """The answer is the same for an unknown address; one letter a quarter of an hour; the old password stays good."""
    world.add("boss", "administrator")
    for address in ("BOSS@example.go.th", "boss@example.go.th", "nobody@example.go.th"):
        assert world.accounts.forgotten(address, HERE) is None
    assert world.letters.send_letters() == Sent(1, 0, 0)
    assert world.accounts.sign_in("boss@example.go.th", GOOD, HERE)
    text = box.taken[0].get_content()
    assert "2 Jan 2026" in text
    token = text.split("/th/account/welcome/")[1].split()[0]
    world.clock.at += timedelta(days=1, seconds=1)
    with pytest.raises(NotFound):
        world.accounts.choose_password(token, GOOD)


def test_without_mail_letters_wait_and_are_taken_out_once(world: World) -> None:
    invite(world, "a")
    assert world.letters.send_letters() == Sent(0, 0, 0)
    message = world.letters.hand_out(row(world).id, "account 9")
    assert message.to == "a@example.go.th"
    assert row(world).handed_by == "account 9"
    for number in (row(world).id, 99):
        with pytest.raises(NotFound):
            world.letters.hand_out(number, "account 9")


def test_letters_of_a_closed_account_are_not_sent(world: World, box: Box) -> None:
    invite(world, "a")
    world.accounts.close("a@example.go.th", "test")
    assert world.letters.send_letters() == Sent(0, 0, 0)
    assert box.taken == []


def test_every_kind_of_letter_has_words_in_both_languages_and_a_name() -> None:
    folder: Path = resource_root("templates") / "email"
    found = {path.name.split(".")[0] for path in folder.iterdir()}
    assert {f"{kind}.{language}.txt" for kind in found for language in ("th", "en")} == {
        path.name for path in folder.iterdir()
    }
    assert set(LINKED) <= found
    assert found <= set(LETTERS)
    for path in folder.iterdir():
        assert ("{{ token }}" in path.read_text()) == (path.name.split(".")[0] in LINKED), path.name


@pytest.mark.parametrize("url", ["smtp://", "http://mail", "smtp://mail.example", "smtp://mail:port?from=a@b.c", "x"])
def test_a_mail_setting_that_cannot_be_read(url: str) -> None:
    with pytest.raises(Invalid, match="CITYINDEX_MAIL_URL"):
        Mail(url)


def test_mail_is_encrypted_unless_it_is_said_otherwise() -> None:
    assert Mail("smtp://a%40b.c:p%2Fw@mail.example").starttls
    assert Mail("smtp://a%40b.c:p%2Fw@mail.example").password == "p/w"
    assert Mail("smtps://mail.example?from=a@b.c").encrypted
    assert not Mail("smtp://mail.example?from=a@b.c&starttls=no").starttls


def test_a_server_without_encryption_gets_no_letter(world: World, box: Box) -> None:
    invite(world, "a")
    assert world.letters.mail is not None
    world.letters.mail.starttls = True
    assert world.letters.send_letters() == Sent(0, 1, 0)
    assert box.taken == []
