"""The replications themselves: a study is everything that they need, in a process of its own if need be."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid
from cityindex.scoring import rank
from cityindex.scoring.aggregate import aggregate
from cityindex.scoring.batch import Refused, index_scores
from cityindex.scoring.choices import Choice, framework_of
from cityindex.scoring.design import Design, Draws
from cityindex.scoring.fits import Fits
from cityindex.scoring.framework import Framework, Rule
from cityindex.scoring.matrix import Bools, Floats, Panel
from cityindex.scoring.plan import Plan, make_plan
from cityindex.scoring.results import Parameters
from cityindex.scoring.variants import Variant, Variants, narrowed
from cityindex.scoring.work import Work

Ranks = NDArray[np.signedinteger[Any]]
CELLS = 32_768
"""How many scores are worked on together: few enough to stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Block:
    """Ranks (runs, places) of some runs, 0 for none; places by code. `reached` (cuts, runs, places) summed over the
    runs that count: how often each cut of the bands was reached."""

    start: int
    ranks: Ranks
    reached: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Study:
    """A framework, its data and a design. `counted` runs are those that intervals are made of.

    With frozen `parameters` nothing is fitted anew.
    """

    framework: Framework
    panel: Panel
    design: Design
    period: int
    counted: int
    parameters: Parameters | None = None

    @cached_property
    def variants(self) -> Variants:
        return Variants(self.framework, self.panel, self.design, self.period, self.parameters)

    @cached_property
    def layout(self) -> Plan:
        return make_plan(self.framework)

    @cached_property
    def quick(self) -> bool:
        """Whether `batch` can do it: nothing but means of children is computed on the way from leaves to index."""
        rules = [rule for rules in self.design.plan.aggregate.values() for rule in rules]
        rules += [branch.aggregate for branch in self.layout.branches]
        return not any(
            branch.node.rescale is not None or self._weighs(branch.node.weights) for branch in self.layout.branches
        ) and not any(rule.method == "copeland" for rule in rules)

    def _weighs(self, rule: Rule | None) -> bool:
        return rule is not None and rule.method != "equal"

    def run(self, start: int, stop: int) -> Block:
        """Runs `start` to `stop` - 1. Raises `Invalid` where one fails, naming it."""
        draws = self.design.draw(start, stop)
        places = len(self.variants.begun.places)
        ranks = np.zeros((stop - start, places), dtype=np.int16 if places < 2**15 else np.int32)
        bands = self.framework.bands
        cuts = np.array(bands.cuts if bands and bands.cuts else (), dtype=np.float64)
        reached = np.zeros((cuts.size, places), dtype=np.int32)
        for rows, found, scores in self.ranks(draws):
            ranks[rows] = found
            there = (found > rank.UNRANKED) & (draws.numbers[rows] < self.counted)[:, None]
            for at, cut in enumerate(cuts):
                reached[at] += ((scores >= cut) & there).sum(axis=0, dtype=np.int32)
        return Block(start, ranks, reached)

    def ranks(self, draws: Draws) -> Iterator[tuple[Sequence[int], Ranks, Floats]]:
        """Some rows of draws at a time, with the ranks and scores (rows, places) under their choices."""
        for rows, scores in self._scores(draws):
            yield rows, self._ranks(scores), scores

    def _ranks(self, scores: Floats) -> Ranks:
        rule = self.framework.method.rank
        upwards = self.framework.tree.direction == "lower"
        return rank.competition_ranks(-scores if upwards else scores, rule.options.get("decimals"), rule.method)

    def _scores(self, draws: Draws) -> Iterator[tuple[Sequence[int], Floats]]:
        """Scores of the index, some runs at a time; NaN for places that are not ranked."""
        size = max(1, CELLS // max(len(self.variants.begun.places), 1)) if self.quick else 1
        for rows in _alike(draws):
            for first in range(0, len(rows), size):
                some = rows[first : first + size]
                yield some, self._some(draws, some)

    def _some(self, draws: Draws, rows: Sequence[int]) -> Floats:
        choice = draws.choice(rows[0])
        try:
            if not self.quick:
                return self._slowly(choice)
            weights = self._row_weights(draws, rows, choice.left_out)
            fewer = choice.left_out is not None or choice.weight_set is not None
            variant = self.variants.get(choice, self._without_weight(weights[0]) if fewer else frozenset())
            scores = index_scores(variant, self.layout, self._rules(choice), weights)
            return _unscreened(variant, scores)
        except (Refused, Invalid, ArithmeticError, ValueError) as error:
            raise self._failure(draws, rows, error) from error

    def _rules(self, choice: Choice) -> list[Rule]:
        plan = self.design.plan
        return [
            plan.aggregate[code][choice.aggregate[code]] if (code := branch.node.code) in plan.aggregate else rule
            for branch in self.layout.branches
            for rule in [branch.aggregate]
        ]

    def _row_weights(self, draws: Draws, rows: Sequence[int], left_out: str | None) -> Floats:
        """The weights of the tree's rows, (runs, rows)."""
        weights = np.repeat(self.design.nominal[None], len(rows), axis=0)
        weights[:, self.design.rows] = draws.weights[rows]
        if left_out is not None:
            weights[:, self.layout.row[left_out]] = 0.0
        return weights

    def _without_weight(self, weights: Floats) -> frozenset[str]:
        """Indicators that count in the framework as it is, but not with these weights."""
        there = {0: True}
        for branch in self.layout.branches:
            there.update({row: there[branch.row] and weights[row] > 0 for row in branch.children})
        columns = self.layout.columns
        return frozenset(item.code for item in columns if not there[item.row]) & _counted(self.layout)

    def _slowly(self, choice: Choice) -> Floats:
        """One run by the aggregation of the pipeline, for frameworks that `batch` does not cover."""
        framework = framework_of(self.framework, self.design.plan, choice)
        plan = make_plan(framework)
        variant = self.variants.get(choice, _counted(self.layout) - _counted(plan))
        work = narrowed(variant.work, plan)
        work = replace(work, screened=variant.work.screened, constant=_columns(variant.work, plan), fits=Fits())
        tree = aggregate(work)
        return _unscreened(variant, tree.score[work.periods.index(self.period), :1].copy())

    def _failure(self, draws: Draws, rows: Sequence[int], error: Exception) -> Exception:
        """The first run that fails, and why, as the pipeline says it."""
        from cityindex.scoring.pipeline import score

        for row in rows:
            choice = draws.choice(row)
            name = f"replication {draws.numbers[row] + 1} ({written(choice)})"
            try:
                score(framework_of(self.framework, self.design.plan, choice), self.panel, None, (self.period,))
            except Invalid as reason:
                return Invalid(f"{name} fails: {reason}", reason.problems)
        return Invalid(f"{name} fails: {error}") if isinstance(error, Invalid) else error


def _counted(plan: Plan) -> frozenset[str]:
    return frozenset(plan.columns[column].code for column in plan.counted)


def _columns(work: Work, plan: Plan) -> Bools:
    """Which columns of a plan do not vary."""
    column = {item.code: at for at, item in enumerate(work.plan.columns)}
    return work.constant[:, [column[item.code] for item in plan.columns]]


def _unscreened(variant: Variant, scores: Floats) -> Floats:
    if variant.screened.any():
        scores[:, variant.screened] = np.nan
    return scores


def _alike(draws: Draws) -> list[list[int]]:
    """Rows of draws that differ in their weights only, in a fixed order."""
    columns = [*draws.chosen.values(), *([draws.errors] if draws.design.plan.noise else [])]
    groups: dict[tuple[int, ...], list[int]] = {}
    keys = zip(*(column.tolist() for column in columns), strict=True) if columns else [()] * draws.numbers.size
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    return [groups[key] for key in sorted(groups)]


def written(choice: Choice) -> str:
    """The choices of lists, as a message names them: positions from 1."""
    listed = {"normalise": choice.normalise, "treat": choice.treat, "impute": choice.impute}
    listed |= {f"aggregate:{code}": chosen for code, chosen in choice.aggregate.items()}
    parts = [f"{name} {chosen + 1}" for name, chosen in listed.items() if chosen is not None]
    parts += [f"without {choice.left_out}"] if choice.left_out else []
    return ", ".join(parts) or "its weights"


def _read_only(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


class _Pickler(pickle.Pickler):
    """Pickles read-only mappings too."""

    dispatch_table = {MappingProxyType: lambda mapping: (_read_only, (dict(mapping),))}  # noqa: RUF012


def packed(study: Study) -> bytes:
    """A study as bytes, for other processes."""
    buffer = io.BytesIO()
    bare = replace(study)
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(bare)
    return buffer.getvalue()


def unpacked(content: bytes) -> Study:
    """What `packed` gave; only ever for bytes that this program has made."""
    study = pickle.loads(content)  # noqa: S301
    assert isinstance(study, Study)  # noqa: S101
    return study
