"""From a plan to choices: what is drawn for each replication, and how it is written down.

Every factor of a replication is one 64-bit word: a list is chosen from by floor(u k), and weights and measurement
errors, of which there are many, are the realisation whose number the word is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.choices import RULED, Choice, UncertaintyPlan
from cityindex.scoring.matrix import Floats
from cityindex.scoring.plan import Plan
from cityindex.scoring.sobol import Sobol, scrambled
from cityindex.scoring.streams import Purpose, Words, fractions, positions, stream

WEIGHTS, ERRORS = "weights", "noise"
LEAST = 2.0**-53
"""The least share of itself that a weight keeps: a weight of 0 would be another tree."""

Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Draws:
    """The choices of some replications, a row each: positions in lists by factor, weights, numbers of realisations."""

    design: Design
    numbers: Positions
    chosen: Mapping[str, Positions]
    weights: Floats
    errors: Words

    def choice(self, at: int) -> Choice:
        """The choices of one row."""
        design, chosen = self.design, {name: int(column[at]) for name, column in self.chosen.items()}
        rules = {step: chosen.get(step) for step in RULED}
        nodes = {code: chosen[f"aggregate:{code}"] for code in design.plan.aggregate}
        return Choice(
            **rules,
            left_out=design.left_out(chosen.get("leave_out", 0)),
            aggregate=nodes,
            weight_set=chosen.get(WEIGHTS),
            weights=dict(zip(design.weighted, self.weights[at].tolist(), strict=True)),
            errors=int(self.errors[at]) if design.plan.noise else None,
        )


@dataclass(frozen=True, eq=False)
class Design:
    """What varies in a framework under a plan. `nominal` are the weights of its rows (0 for what does not count)."""

    layout: Plan
    plan: UncertaintyPlan
    nominal: Floats
    replications: int
    seed: int

    @cached_property
    def weighted(self) -> tuple[str, ...]:
        """The nodes and indicators whose weights vary, in the order of the tree."""
        plan = self.plan.weights
        if plan is None:
            return ()
        if plan.kind == "sets":
            return self._in_sets(plan.sets)
        levels = plan.levels or range(1, max(self.layout.levels) + 1)
        rows = [row for row, level in enumerate(self.layout.levels) if level in levels and self.nominal[row] > 0]
        return tuple(self.layout.codes[row] for row in rows if row > 0)

    def _in_sets(self, sets: tuple[Mapping[str, float], ...]) -> tuple[str, ...]:
        """Whatever a set names, and what stands beside it."""
        named = {self.layout.parents[self.layout.row[code]] for codes in sets for code in codes}
        return tuple(code for row, code in enumerate(self.layout.codes) if row and self.layout.parents[row] in named)

    @cached_property
    def rows(self) -> Positions:
        """The rows of `weighted`."""
        return np.array([self.layout.row[code] for code in self.weighted], dtype=np.intp)

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """The indicators that can be left out."""
        return tuple(self.layout.columns[column].code for column in self.layout.counted)

    def left_out(self, position: int) -> str | None:
        """The indicator of a position in the list of what is left out; 0 is none."""
        return self.counted[position - 1] if position else None

    @cached_property
    def options(self) -> dict[str, int]:
        """How many options each factor has: those of lists, 0 for those that have realisations."""
        found = {step: len(getattr(self.plan, step)) for step in RULED if getattr(self.plan, step)}
        if self.plan.leave_out:
            found["leave_out"] = len(self.counted) + 1
        found.update({f"aggregate:{code}": len(rules) for code, rules in self.plan.aggregate.items()})
        if self.plan.weights is not None:
            found[WEIGHTS] = len(self.plan.weights.sets)
        if self.plan.noise:
            found[ERRORS] = 0
        return found

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """The factors that vary: those with one option only do not."""
        return tuple(name for name, options in self.options.items() if options != 1)

    @property
    def runs(self) -> int:
        """How many replications are computed."""
        return self.replications * (len(self.factors) + 2 if self.plan.sobol else 1)

    def block(self, run: int) -> str:
        """Which block of a Sobol' design a run is of: A, B, or A with one factor from B."""
        at = run // self.replications
        return "AB"[at] if at < 2 else f"A/{self.factors[at - 2]}"

    def draw(self, start: int, stop: int) -> Draws:
        """The choices of runs `start` to `stop` - 1."""
        words = self._sobol_words(start, stop) if self.plan.sobol else self._words(start, stop)
        columns = dict(zip(self.factors, words.T, strict=True))
        chosen = {
            name: positions(columns[name], options) if name in columns else np.zeros(stop - start, dtype=np.intp)
            for name, options in self.options.items()
            if options > 0
        }
        weights = self._weights(columns.get(WEIGHTS), chosen.get(WEIGHTS), stop - start)
        errors = columns.get(ERRORS, np.zeros(stop - start, dtype=np.uint64))
        return Draws(self, np.arange(start, stop), chosen, weights, errors)

    def each_left_out(self) -> Draws:
        """The choices that leave out one indicator after the other, of a plan of nothing but `leave_out`."""
        count = len(self.counted)
        chosen = {"leave_out": np.arange(1, count + 1, dtype=np.intp)}
        return Draws(self, np.arange(count), chosen, np.zeros((count, 0)), np.zeros(count, dtype=np.uint64))

    def _words(self, start: int, stop: int) -> Words:
        """A word for each run and factor, from a stream of the run's own."""
        found = np.empty((stop - start, len(self.factors)), dtype=np.uint64)
        for at, run in enumerate(range(start, stop)):
            found[at] = stream(self.seed, run, Purpose.CHOICES).random_raw(len(self.factors))
        return found

    @cached_property
    def _sobol(self) -> Sobol:
        return scrambled(2 * len(self.factors), self.seed)

    def _sobol_words(self, start: int, stop: int) -> Words:
        """Points of block A, of block B, and of A with one factor's column from B, block after block."""
        size, count = self.replications, len(self.factors)
        found = np.empty((stop - start, count), dtype=np.uint64)
        for at in range(start // size, (stop - 1) // size + 1):
            first, last = max(start, at * size), min(stop, (at + 1) * size)
            points = self._sobol.points(first - at * size, last - at * size)
            columns = [factor + count * (at == 1 or factor == at - 2) for factor in range(count)]
            found[first - start : last - start] = points[:, columns]
        return found

    def _weights(self, words: Words | None, sets: Positions | None, count: int) -> Floats:
        """The weights of `weighted`, a row a run."""
        plan, base = self.plan.weights, self.nominal[self.rows]
        if plan is None:
            return np.zeros((count, 0))
        if plan.kind == "sets":
            known = [[group.get(code, base[at]) for at, code in enumerate(self.weighted)] for group in plan.sets]
            return np.array(known)[sets]
        draw = self._relative if plan.kind == "noise" else self._dirichlet
        numbers = np.zeros(count, dtype=np.uint64) if words is None else words
        found = [draw(stream(self.seed, int(number), Purpose.WEIGHTS), base, plan.amount) for number in numbers]
        return np.array(found).reshape(count, base.size)

    def _relative(self, bits: np.random.Philox, base: Floats, amount: float) -> Floats:
        """Each weight times 1 - amount to 1 + amount, uniformly."""
        shares = 1.0 + amount * (2.0 * fractions(bits.random_raw(base.size)) - 1.0)
        return np.asarray(base * np.maximum(shares, LEAST))

    def _dirichlet(self, bits: np.random.Philox, base: Floats, amount: float) -> Floats:
        """Shares among siblings, by a Dirichlet distribution with the mean of their nominal shares."""
        sums = np.bincount(self._siblings, weights=base)
        gammas = np.random.Generator(bits).standard_gamma(amount * base / sums[self._siblings])
        gammas = np.maximum(gammas, np.finfo(np.float64).tiny)
        return np.asarray(gammas / np.bincount(self._siblings, weights=gammas)[self._siblings])

    @cached_property
    def _siblings(self) -> Positions:
        """For each of `weighted`, its node: children of one node share a number."""
        parents = [self.layout.parents[row] for row in self.rows]
        numbers = {parent: number for number, parent in enumerate(dict.fromkeys(parents))}
        return np.array([numbers[parent] for parent in parents], dtype=np.intp)

    def errors(self, number: int, shape: tuple[int, int, int]) -> Floats:
        """Standard normal errors of a realisation: (indicators with noise, periods, places)."""
        bits = stream(self.seed, number, Purpose.NOISE)
        return np.random.Generator(bits).standard_normal(shape)

    def choices(self, size: int = 4096) -> Iterator[Choice]:
        """The choices of every run, one after another."""
        for start in range(0, self.runs, size):
            draws = self.draw(start, min(start + size, self.runs))
            yield from (draws.choice(at) for at in range(draws.numbers.size))
