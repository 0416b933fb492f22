"""Each reason for a look stands by itself, and the sample is drawn by nobody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cityindex.assessment.conditions import AllOf, AtLeast, Is
from cityindex.assessment.questionnaire import Evidence, Question, Questionnaire, Section
from cityindex.assessment.risk import POINTS, Contradiction, Known, Piece, Submitted, drawn, points, reasons

LEVELS = tuple(range(6))
ASKED = Questionnaire(
    "small", "1", "small", None,
    (Section("all", (
        Question("open_data", "rubric", LEVELS, evidence=Evidence(from_level=2)),
        Question("site", "yes-no", external=True),
        Question("sets", "number"),
    )),),
)  # fmt: skip
NEW = (Piece(date(2026, 5, 1), file=True),)
RULES = (
    Contradiction("not_on_site", "open_data", AllOf((AtLeast("open_data", 2), Is("site", "no")))),
    Contradiction("figure", "open_data", AtLeast("open_data", 4), Known("services", below=50)),
)


def found(answers: dict[str, Any], evidence: Any = None, **more: Any) -> list[tuple[str, str]]:
    given = Submitted(
        ("open_data", "site", "sets"), answers, {"open_data": NEW} if evidence is None else evidence, **more
    )
    return [(one.question, one.why) for one in reasons(ASKED, given, RULES)]


def of_open_data(level: int, pieces: tuple[Piece, ...] = NEW, **more: Any) -> list[str]:
    answers = {"open_data": level, "site": "yes", "sets": 3}
    return [why for question, why in found(answers, {"open_data": pieces}, **more) if question == "open_data"]


def test_nothing_unusual_gives_no_reason() -> None:
    assert found({"open_data": 3, "site": "yes", "sets": 0}) == []


def test_unanswered_is_a_reason_and_the_only_one_of_its_question() -> None:
    assert found({"site": "yes", "sets": 3}, before={"open_data": 5}) == [("open_data", "unanswered")]


@pytest.mark.parametrize(("before", "now", "jumps"), [(1, 3, True), (3, 1, True), (2, 3, False), (None, 5, False)])
def test_two_levels_in_a_year_are_a_jump(before: int | None, now: int, jumps: bool) -> None:
    assert ("jump" in of_open_data(now, before={"open_data": before})) == jumps


def test_a_number_does_not_jump() -> None:
    assert found({"open_data": 1, "site": "yes", "sets": 90}, before={"sets": 1}) == []


def test_answers_that_do_not_go_together() -> None:
    assert found({"open_data": 2, "site": "no", "sets": 1}) == [("open_data", "contradiction")]
    assert found({"open_data": 2, "sets": 1}, {"open_data": NEW}) == [("site", "unanswered")]


@pytest.mark.parametrize(("figures", "against"), [({}, False), ({"services": 50.0}, False), ({"services": 49.9}, True)])
def test_a_known_figure_speaks_against_an_answer_only_where_there_is_one(
    figures: dict[str, float], against: bool
) -> None:
    assert ("contradiction" in of_open_data(4, figures=figures)) == against


def test_a_figure_above_a_limit() -> None:
    assert Known("days", above=30).holds(31)
    assert not Known("days", above=30).holds(30)


def test_evidence_is_missed_only_where_it_is_wanted() -> None:
    assert of_open_data(2, ()) == ["no-evidence"]
    assert of_open_data(1, ()) == []


def test_a_file_without_a_date_is_one_and_a_link_is_not() -> None:
    assert of_open_data(2, (Piece(None, file=True),)) == ["undated"]
    assert of_open_data(2, (Piece(None, file=False),)) == []


@pytest.mark.parametrize(
    ("ends", "ended"),
    [
        ((date(2025, 9, 30),), True),
        ((date(2025, 10, 1),), False),
        ((date(2025, 9, 30), date(2027, 9, 30)), False),
        ((date(2025, 9, 30), None), False),
        ((None,), False),
    ],
)
def test_evidence_that_had_ended_before_the_round_was_opened(ends: tuple[date | None, ...], ended: bool) -> None:
    pieces = tuple(Piece(date(2025, 1, 1), file=True, valid_until=end) for end in ends)
    assert of_open_data(2, pieces, opened=date(2025, 10, 1)) == (["expired"] if ended else [])
    assert of_open_data(2, pieces) == []


@pytest.mark.parametrize(
    ("days", "old"),
    [
        ((date(2024, 1, 1),), True),
        ((date(2024, 1, 1), date(2026, 1, 1)), False),
        ((date(2025, 1, 1),), False),
        ((date(2024, 1, 1), None), False),
    ],
)
def test_evidence_older_than_the_round_before(days: tuple[date | None, ...], old: bool) -> None:
    pieces = tuple(Piece(day, file=day is not None) for day in days)
    assert ("outdated" in of_open_data(2, pieces, since=date(2025, 1, 1))) == old
    assert "outdated" not in of_open_data(2, pieces)


def test_the_same_file_of_another_place_comes_first() -> None:
    pieces = (Piece(None, file=True, shared=True),)
    assert of_open_data(5, pieces, before={"open_data": 1}) == ["shared-file", "jump", "undated"]


def test_the_order_of_a_queue_is_the_sum_of_its_reasons() -> None:
    given = Submitted(("open_data", "site"), {"open_data": 5}, before={"open_data": 1})
    assert points(reasons(ASKED, given)) == POINTS["jump"] + POINTS["no-evidence"] + POINTS["unanswered"]


def test_the_sample_is_the_share_that_was_wanted_and_always_the_same() -> None:
    places = range(1, 4001)
    sample = {place for place in places if drawn(7, place, 0.1)}
    assert sample == {place for place in places if drawn(7, place, 0.1)}
    assert 330 < len(sample) < 470
    assert sample < {place for place in places if drawn(7, place, 0.3)}
    assert sample != {place for place in places if drawn(8, place, 0.1)}
    assert all(drawn(7, place, 1) for place in places)
    assert not any(drawn(7, place, 0) for place in places)
