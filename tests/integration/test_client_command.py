"""`cityindex client`, as an operator and as a script call it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

import pytest

from cityindex.app import Application
from cityindex.cli import run as command_line
from cityindex.config import read_settings
from tests.integration import small

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def app(database_url: str) -> Iterator[Application]:
    app = Application(read_settings({"CITYINDEX_DATABASE_URL": database_url}))
    small.fill(app.engine)
    yield app
    app.engine.dispose()


@pytest.fixture
def client(app: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cityindex", "client", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line(app)
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def test_the_key_stands_alone_on_standard_output(app: Application, client: Command) -> None:
    code, out, err = client("add", "Dashboard", "--scope", "assessments:follow@50", "--scope", "scores:read")
    assert code == 0
    caller = app.clients.identify(out.strip())
    assert caller is not None
    assert (caller.name, caller.rate) == ("Dashboard", 3000)
    assert caller.scopes == ("assessments:follow@50", "scores:read")
    assert "shown this once" in err
    _, listed, _ = client("list", "--json")
    assert out.strip() not in listed
    assert json.loads(listed)["clients"][0]["keys"] == [{"key": caller.key, "start": out[:10]}]


@pytest.mark.parametrize("scope", ["money:read", "scores", "scores:read@nowhere"])
def test_a_scope_that_cannot_be_meant_makes_nothing(client: Command, scope: str) -> None:
    code, out, err = client("add", "Dashboard", "--scope", scope)
    assert (code, out) == (2, "")
    assert scope in err
    assert json.loads(client("list", "--json")[1]) == {"clients": []}


def test_revoking_and_closing(app: Application, client: Command) -> None:
    made = json.loads(client("add", "Dashboard", "--days", "1", "--json")[1])
    assert client("revoke", str(made["key"]))[0] == 0
    assert app.clients.identify(made["secret"]) is None
    assert client("revoke", "99")[0] == 3
    assert client("close", str(made["client"]))[0] == 0
    assert client("close", str(made["client"]))[0] == 5
    assert "closed" in client("list")[1]
