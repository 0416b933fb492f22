"""What a consultation must be like, and what may be said in one. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cityindex.errors import Problem

EMAIL, OPENID = DOORS = ("email", "openid")
"""How a person is recognised."""
MOST_TOPICS = 8
MOST_OWN = 2
"""Values of the municipality's own beside those of similar places."""
LONGEST = {"title": 200, "about": 2000}
SHORTEST_TIME, LONGEST_TIME = timedelta(days=1), timedelta(days=180)
ADOPTED, CHANGED, NOT_ADOPTED = VERDICTS = ("adopted", "changed", "not-adopted")
GROUNDS = ("personal", "insult", "advertising", "off-topic", "danger")
"""Why a reason is not shown: about a person, insulting, advertising, about something else, calling for harm."""
LONGEST_ANSWER = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A consultation as the municipality writes it. `topics` are indicators, each with values of its own to offer."""

    place_id: int
    framework: str
    period: int
    title: str
    about: str
    most: int
    door: str
    opens_at: datetime
    closes_at: datetime
    topics: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the municipality says to the outcome of a topic. `value` is its own where it adopts another one."""

    verdict: str
    value: float | None = None
    reason: str = ""


def problems_of(asked: Asked, at: datetime, doors: Sequence[str]) -> list[Problem]:
    """What is wrong with a consultation by itself, by the names of its fields."""
    found = []
    for name, most in LONGEST.items():
        text = getattr(asked, name).strip()
        if len(text) > most or (name == "title" and not text):
            found.append(Problem("says nothing, or too much", f"write 1 to {most:,} characters", column=name))
    if not 1 <= len(asked.topics) <= MOST_TOPICS:
        found.append(Problem("is no number of indicators", f"choose 1 to {MOST_TOPICS} indicators", column="topics"))
    elif not 1 <= asked.most <= len(asked.topics):
        found.append(Problem("is more than there are", "give a number from 1 to that of the indicators", column="most"))
    if any(len(own) > MOST_OWN or not all(map(math.isfinite, own)) for own in asked.topics.values()):
        found.append(Problem("are too many values", f"give at most {MOST_OWN} for each indicator", column="topics"))
    if asked.door not in doors:
        cure = f"choose one of {', '.join(doors)}" if doors else "ask whoever runs this site to set up mail"
        found.append(Problem("is not set up here", cure, column="door", value=asked.door))
    return [*found, *_times(asked, at)]


def answer_problems(said: Answered) -> list[Problem]:
    """What is wrong with an answer. Whoever does not adopt what was wished for says why."""
    found = []
    if said.verdict not in VERDICTS:
        found.append(Problem("is no answer", f"choose one of {', '.join(VERDICTS)}", column="verdict"))
    if (said.verdict == CHANGED) != (said.value is not None):
        found.append(Problem("is missing, or says nothing here", "give the value that you adopt", column="value"))
    words = said.reason.strip()
    if len(words) > LONGEST_ANSWER or (not words and said.verdict != ADOPTED):
        cure = f"say why, in at most {LONGEST_ANSWER:,} characters"
        found.append(Problem("says nothing, or too much", cure, column="reason"))
    return found


def _times(asked: Asked, at: datetime) -> list[Problem]:
    if asked.opens_at < at - timedelta(days=1):
        return [Problem("is over already", "choose today or a day to come", column="opens_at")]
    if not SHORTEST_TIME <= asked.closes_at - max(asked.opens_at, at) <= LONGEST_TIME:
        cure = f"leave it open for 1 to {LONGEST_TIME.days} days"
        return [Problem("is too early or too late", cure, column="closes_at")]
    return []
