"""Answers of demo municipalities, round by round: generated, plausible, correlated. Nothing here is a fact.

What a municipality claims lies a little above what reviewers find, and what they find improves from round to round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cityindex.assessment.path import counted
from cityindex.assessment.questionnaire import NO, YES, Question, Questionnaire
from cityindex.services.demo.places import DemoPlace

Floats = NDArray[np.float64]
Given = Mapping[str, Any]

LARGER = {"city-municipality": 0.9, "town-municipality": 0.45}
"""How much better off larger ones are."""
TREND = (0.0, 0.5, 0.95)
"""Levels by which places are ahead of the first round, on the average."""
BOLD, MODEST, UNANSWERED = 0.12, 0.03, 0.02
"""Shares of answers that claim a level more than is there, one less, and that are left open."""
MOSTLY_YES = {"has_website": 0.96, "runs_child_centres": 0.8, "collects_waste": 0.85}
SAID = "ข้อมูลตัวอย่าง สร้างขึ้น ไม่ใช่คำตอบจริง"


@dataclass(frozen=True, slots=True)
class Said:
    """What one place claims in one round, and what holds after review. Only questions that apply are in either."""

    claimed: Given
    verified: Given


def demo_answers(asked: Questionnaire, places: Sequence[DemoPlace], step: int, seed: int) -> tuple[Said, ...]:
    """The answers of `places`, in their order, in the round number `step` (0: the first)."""
    world = _World(places, step, seed)
    columns = {
        question.code: _column(world, section.code, question)
        for section in asked.sections
        for question in section.questions
    }
    return tuple(_said(asked, place, {code: column[row] for code, column in columns.items()})
                 for row, place in enumerate(places))  # fmt: skip


class _World:
    """Traits of places that last, drawn by name, and what this round adds."""

    def __init__(self, places: Sequence[DemoPlace], step: int, seed: int) -> None:
        self.seed, self.step, self.places = seed, step, places
        size = np.array([LARGER.get(place.place_type, 0.0) for place in places])
        self.general = size + 0.75 * self.draw("general").standard_normal(len(places))
        self.pace = 0.5 + self.draw("pace").random(len(places))
        self.population = np.array([place.population for place in places])

    def draw(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def afresh(self, name: str) -> np.random.Generator:
        """Another in each round."""
        return self.draw(f"{name} {self.step}")

    def standing(self, section: str, code: str) -> Floats:
        """How far a place is in something, about on the scale of levels."""
        number = len(self.places)
        shared = 0.45 * self.draw(f"section {section}").standard_normal(number)
        own = self.draw(code)
        level = 1.7 + 0.4 * own.standard_normal()
        noise = 0.12 * self.afresh(code).standard_normal(number)
        found: Floats = level + 0.75 * self.general + shared + 0.5 * own.standard_normal(number) + noise
        return found + TREND[self.step] * self.pace


Column = list[tuple[Any, Any]]
"""For each place: what it claims and what is found; None is no answer."""


def _column(world: _World, section: str, question: Question) -> Column:
    column = _KINDS[question.kind](world, section, question)
    left = world.afresh(f"{question.code} open").random(len(column)) < UNANSWERED
    return [(None, None) if skipped and question.measured else pair for pair, skipped in zip(column, left, strict=True)]


def _rubric(world: _World, section: str, question: Question) -> Column:
    top = question.levels[-1]
    found = np.clip(np.round(world.standing(section, question.code)), 0, top).astype(int)
    draw = world.afresh(f"{question.code} claim").random(len(found))
    claimed = np.clip(found + (draw < BOLD) - (draw > 1 - MODEST), 0, top)
    return list(zip(claimed.tolist(), found.tolist(), strict=True))


def _yes_no(world: _World, section: str, question: Question) -> Column:
    found = world.standing(section, question.code) > 1.6
    claimed = found | (world.afresh(f"{question.code} claim").random(len(found)) < BOLD / 2)
    return [(_word(says), _word(is_so)) for says, is_so in zip(claimed, found, strict=True)]


def _choice(world: _World, _: str, question: Question) -> Column:
    """The same in every round."""
    draw = world.draw(question.code)
    options = question.options
    if options == (YES, NO):
        chosen = [_word(one) for one in draw.random(len(world.places)) < MOSTLY_YES.get(question.code, 0.6)]
    else:
        chosen = [options[one] for one in draw.integers(0, len(options), len(world.places))]
    return [(one, one) for one in chosen]


def _choices(world: _World, _: str, question: Question) -> Column:
    taken = world.draw(question.code).random((len(world.places), len(question.options))) < 0.4
    rows = [tuple(one for one, there in zip(question.options, row, strict=True) if there) for row in taken]
    return [(row or question.options[:1],) * 2 for row in rows]


def _number(world: _World, _: str, question: Question) -> Column:
    low, high = question.bounds or (None, None)
    figures = np.clip(np.round(_NUMBERS.get(question.code, _some)(world)), low, high).astype(int)
    return [(one, one) for one in figures.tolist()]


def _staff(world: _World) -> Floats:
    return 12 + world.population / 160 * world.draw("staff").uniform(0.7, 1.3, len(world.places))


def _trained(world: _World) -> Floats:
    share = np.clip((world.standing("capability", "staff_digital_trained") + 0.5) / 6, 0.02, 0.95)
    return np.floor(np.round(_staff(world)) * share)


def _datasets(world: _World) -> Floats:
    """As many as the level of open data that is found would have it."""
    found = np.clip(np.round(world.standing("data", "open_data")), 0, 5)
    return found * 3 + world.afresh("data sets").poisson(found)


def _some(world: _World) -> Floats:
    return 2 + world.population / 4000 * world.draw("some").uniform(0.5, 1.5, len(world.places))


_NUMBERS: Mapping[str, Callable[[_World], Floats]] = {
    "staff_total": _staff,
    "staff_digital_trained": _trained,
    "open_datasets": _datasets,
    "lifelong_learners": lambda world: world.population * 0.04 * (1 + world.step),
}


def _text(world: _World, _: str, question: Question) -> Column:
    if question.code == "website_address":
        return [(f"https://{place.code.lower()}.demo.example/",) * 2 for place in world.places]
    some = world.draw(question.code).random(len(world.places)) < 0.4
    return [(SAID, SAID) if says else (None, None) for says in some]


_KINDS: Mapping[str, Callable[[_World, str, Question], Column]] = {
    "rubric": _rubric,
    "yes-no": _yes_no,
    "choice": _choice,
    "multiple-choice": _choices,
    "number": _number,
    "text": _text,
}


def _word(yes: Any) -> str:
    return YES if yes else NO


def _said(asked: Questionnaire, place: DemoPlace, row: Mapping[str, tuple[Any, Any]]) -> Said:
    """Conditions look at what is claimed: it is what was asked."""
    claimed = {code: claim for code, (claim, _) in row.items() if claim is not None}
    claimed = dict(counted(asked, claimed, place.place_type))
    return Said(claimed, {code: row[code][1] for code in claimed})
