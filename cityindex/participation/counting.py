"""What voices come to: how many chose each thing, and how far at least half of them want to get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FEWEST = 10
"""Voices that a result is told from; of fewer, somebody could guess whose they are."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A topic with how many voices chose it (None where they are too few to tell), and how many each value.

    `wanted` is the most that at least half of them want, None where they are too few. `counts` has the values from the
    least wanted to the most, as they are better.
    """

    topic: int
    voices: int | None
    counts: tuple[tuple[float, int], ...]
    wanted: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """`voices` that were counted, and the topics, those that most chose first."""

    voices: int
    topics: tuple[Counted, ...]


def counted_up_to(voices: int, *, closed: bool) -> int:
    """How many voices, in the order in which they came, a result is made of.

    While a consultation is open only full tens are, so that nobody sees what the last one changed; none below `FEWEST`.
    """
    if voices < FEWEST:
        return 0
    return voices if closed else voices - voices % FEWEST


def result(voices: int, topics: Mapping[int, Mapping[float, int]], better: Mapping[int, float]) -> Result | None:
    """What `voices` came to; None where they are too few. `topics` counts the choices of each value by topic.

    `better` is +1 or -1 by topic, as in `progress.Aim`.
    """
    if voices < FEWEST:
        return None
    counted = [_counted(topic, counts, better[topic]) for topic, counts in topics.items()]
    return Result(voices, tuple(sorted(counted, key=lambda one: -(one.voices or 0))))


def wanted_by_half(counts: Mapping[float, int], better: float) -> float | None:
    """The best value that at least half of the voices want or more than want; None where there are none."""
    total, sofar = sum(counts.values()), 0
    for value in sorted((value for value, n in counts.items() if n > 0), key=lambda value: -better * value):
        sofar += counts[value]
        if 2 * sofar >= total:
            return value
    return None


def _counted(topic: int, counts: Mapping[float, int], better: float) -> Counted:
    total = sum(counts.values())
    if total < FEWEST:
        return Counted(topic, None, (), None)
    ordered = sorted(counts.items(), key=lambda pair: better * pair[0])
    return Counted(topic, total, tuple(ordered), wanted_by_half(counts, better))


def fits(choices: Sequence[tuple[int, float]], offered: Mapping[int, Iterable[float]], most: int) -> bool:
    """Whether a voice may choose so: one to `most` topics, each once, and only values that are offered."""
    topics = [topic for topic, _ in choices]
    if not 1 <= len(topics) <= most or len(set(topics)) < len(topics):
        return False
    return all(topic in offered and value in set(offered[topic]) for topic, value in choices)
