"""The audit trail and the report about a plan's file speak the language of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.errors import Problem
from cityindex.services.plans.lines import LONGEST, NO_YEAR, STATUSES, Known, Line, problems_of
from cityindex.web.assessments.trail_words import detail
from cityindex.web.plans.file_words import file_problem
from cityindex.web.sentences import Sentences

THAI = "/th/"


def test_the_sentence_with_most_words_of_its_own_is_the_one_meant() -> None:
    said = Sentences((("{x} is bad", "bad: %(x)s"), ("{x} is very bad", "very bad: %(x)s"), ("100% sure", "100% sure")))
    assert [said.say(text) for text in ("it is bad", "it is very bad", "100% sure", "else")] == [
        "bad: it", "very bad: it", "100% sure", "else",
    ]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Application:
    return Application(read_settings({"CITYINDEX_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}"}))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", []),
        ("run 12", [("", "ชุดคำนวณที่ 12")]),
        ('{"matched": 3, "new": 0}', [("มีอยู่แล้ว", "3"), ("ใหม่", "0")]),
        ("17 not submitted", [("", "ยังไม่ส่ง 17 แห่ง")]),
        ("334 assessments, 0 answers carried over", [("", "แบบประเมิน 334 ชุด ยกคำตอบจากรอบก่อนมา 0 ข้อ")]),
        ("1", [("", "1")]),
    ],
)
def test_details_of_the_trail(site: Application, written: str, said: list[tuple[str, str]]) -> None:
    with site.web().test_request_context(THAI):
        assert detail(written) == said


@pytest.mark.parametrize("written", ["editor of place 12", "reviewer"])
def test_roles_have_their_names(site: Application, written: str) -> None:
    with site.web().test_request_context(THAI):
        [(name, said)] = detail(written)
    assert name == ""
    assert not any("a" <= letter <= "z" for letter in said)


def test_whatever_is_wrong_with_a_line_of_a_plan_is_said_in_thai(site: Application) -> None:
    wrong = Line(
        what=" ", owner="ก" * (LONGEST["owner"] + 1), budgets=((NO_YEAR, -1.0),), fiscal_year=1, status="nothing",
        objective="<b>x</b>", indicator="none", target=9, strategy="ZZ9",
    )  # fmt: skip
    found = problems_of(wrong, Known(year=2026))
    assert {one.column.partition(":")[0] for one in found} == {
        "what", "owner", "budget", "fiscal_year", "status", "objective", "indicator", "target", "strategy",
    }  # fmt: skip
    found += [Problem(f"write one of {', '.join(STATUSES)}", "keep one of the rows"), Problem("is not a number", "")]
    with site.web().test_request_context(THAI):
        said = [file_problem(one) for one in found]
    assert not any("a" <= letter <= "z" for one in said for letter in one.reason + one.cure)
