"""`cityindex user`, as an operator and as a script call it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from cityindex.app import Application
from cityindex.cli import run as command_line
from cityindex.config import read_settings

Command = Callable[..., tuple[int, str, str]]
EMAIL, GOOD = "boss@example.go.th", "correct horse battery"


@pytest.fixture
def app(database_url: str) -> Iterator[Application]:
    environ = {"CITYINDEX_DATABASE_URL": database_url, "CITYINDEX_BASE_URL": "https://city.example.go.th/index"}
    app = Application(read_settings(environ))
    yield app
    app.engine.dispose()


@pytest.fixture
def user(app: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cityindex", "user", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            command_line(app)
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def test_the_first_administrator_gets_a_link_alone_on_standard_output(app: Application, user: Command) -> None:
    code, out, err = user("add", EMAIL, "--role", "administrator", "--name", "สมศรี")
    assert code == 0
    head, _, token = out.strip().rpartition("/")
    assert head == "https://city.example.go.th/index/th/account/welcome"
    assert app.accounts.invited(token) == EMAIL
    assert f"{EMAIL} has an account now, as administrator" in err
    assert "once, until" in err


def test_a_password_from_standard_input(app: Application, user: Command) -> None:
    code, out, _ = user("add", EMAIL, "--role", "methodologist", "--password-stdin", "--json", typed=f"{GOOD}\n")
    assert code == 0
    said = json.loads(out)
    assert (said["email"], said["role"], said["place"], said["fresh"], said["link"]) == (
        EMAIL,
        "methodologist",
        None,
        True,
        None,
    )
    assert app.accounts.sign_in(EMAIL, GOOD, "x").account == said["account"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "no address", "--role", "administrator"), 2),
        (("add", EMAIL, "--role", "king"), 2),
        (("add", EMAIL), 2),
        (("add", EMAIL, "--role", "editor"), 2),
        (("add", EMAIL, "--role", "editor", "--place", "9999999"), 3),
        (("reset", EMAIL), 3),
        (("close", EMAIL), 3),
        (("add", "there@example.go.th", "--role", "administrator"), 5),
        (("add", EMAIL, "--role", "administrator", "--password-stdin"), 2),
    ],
)
def test_exit_codes(user: Command, arguments: tuple[str, ...], code: int) -> None:
    user("add", "there@example.go.th", "--role", "administrator")
    assert user(*arguments)[0] == code
    assert user("list")[1].splitlines() == ["there@example.go.th\tno password yet\tadministrator"]


def test_list_reset_and_close(app: Application, user: Command) -> None:
    assert user("list")[1] == "there is no account yet\n"
    user("add", EMAIL, "--role", "administrator", "--password-stdin", typed=GOOD)
    user("add", EMAIL, "--role", "reviewer")
    assert user("list")[1] == f"{EMAIL}\topen\tadministrator, reviewer\n"
    code, out, _ = user("reset", EMAIL, "--json")
    assert code == 0
    app.accounts.choose_password(json.loads(out)["link"].rpartition("/")[2], "ม้าเขียวกินทุเรียน")
    assert user("close", EMAIL)[0] == 0
    (listed,) = json.loads(user("list", "--json")[1])["accounts"]
    assert listed["state"].startswith("closed ")
    assert listed["roles"] == []


LIST = "อีเมล,ชื่อ,บทบาท,รหัสพื้นที่\na@example.go.th,สมศรี,reviewer,\nb@example.go.th,,ผู้ดูแลวิธีวิทยา,\n"


def test_people_are_invited_by_a_file(app: Application, user: Command, tmp_path: Path) -> None:
    file, links = tmp_path / "list.csv", tmp_path / "links.xlsx"
    file.write_text(LIST, encoding="utf-8")
    code, out, _ = user("invite", str(file), "--dry-run", "--json")
    assert (code, json.loads(out)["roles"]) == (0, 2)
    assert user("list")[1] == "there is no account yet\n"
    code, out, _ = user("invite", str(file), "--links", str(links), "--json")
    assert (code, len(json.loads(out)["accounts"])) == (0, 2)
    rows = list(openpyxl.load_workbook(links).active.iter_rows(min_row=2, values_only=True))
    head, _, token = str(rows[0][3]).rpartition("/")
    assert head == "https://city.example.go.th/index/th/account/welcome"
    assert app.accounts.invited(token) == "a@example.go.th"
    code, out, err = user("invite", str(file))
    assert code == 0
    assert out == "0 people invited, 0 of them have to choose a password\n"
    assert err == ""


def test_a_list_with_bad_rows_is_reported(user: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "list.csv"
    file.write_text(LIST + "nobody,,king,\n", encoding="utf-8")
    code, _, err = user("invite", str(file))
    assert code == 2
    assert "report: " in err
    report = (tmp_path / "list.problems.csv").read_text(encoding="utf-8-sig").splitlines()
    assert report[0] == "row,column,value,reason,cure"
    assert [line.split(",")[:3] for line in report[1:]] == [["4", "email", "nobody"], ["4", "role", "king"]]
    assert user("list")[1] == "there is no account yet\n"
