"""Figures for demo municipalities: generated, plausible, correlated, with gaps. Nothing here is a fact about any place.

Every indicator is drawn by itself from its code, so that adding one to the catalogue leaves the figures of the others
as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.scoring.framework import Indicator
from cityindex.services.demo.places import DemoPlace

Floats = NDArray[np.float64]

ALWAYS_KNOWN = ("population", "area")
FINANCE = "local-finance"
CELL_GAPS, OFFICE_GAPS = 0.04, 0.02
"""Shares of figures that are missing by themselves, and of years in which an office sent nothing."""
SILENT_PLACES, SILENT_GAPS = 0.05, 0.55
"""Some places never send much of it: they fail the gates of coverage, as in life."""
LATE_INDICATORS = 0.08
MILLION = 1e6


def demo_values(
    places: Sequence[DemoPlace], entries: Sequence[IndicatorEntry], years: Sequence[int], seed: int
) -> dict[str, Floats]:
    """Figures by indicator, each an array of places x years in the indicator's own unit; NaN is missing."""
    world = World(places, len(years), seed)
    return {entry.code: _with_gaps(world, entry, _figures(world, entry)) for entry in entries}


class World:
    """What the figures have in common: how urban, well-off and well-run each place is, over the years."""

    def __init__(self, places: Sequence[DemoPlace], years: int, seed: int) -> None:
        self.seed = seed
        self.years = years
        self.area = np.array([place.area_km2 for place in places])
        self.last_population = np.array([place.population for place in places], dtype=float)
        crowd = np.log(self.last_population / self.area)
        self.urban: Floats = (crowd - crowd.mean()) / crowd.std()

    def draw(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def factor(self, name: str) -> Floats:
        """A trait of places, about standard normal, related to how well a place does in general."""
        return 0.65 * self.general + 0.75 * self.draw(name).standard_normal(len(self.area))

    @cached_property
    def general(self) -> Floats:
        return 0.4 * self.urban + 0.9 * self.draw("general").standard_normal(len(self.area))

    @cached_property
    def population(self) -> Floats:
        growth = 1 + self.draw("growth").normal(0.002, 0.006, len(self.area))
        ages = np.arange(self.years - 1, -1, -1)
        return np.round(self.last_population[:, None] / growth[:, None] ** ages)

    def course(self, name: str, noise: float) -> Floats:
        """Deviations from year to year that remember half of the last one."""
        steps = self.draw(name).normal(0, noise, (len(self.area), self.years))
        for year in range(1, self.years):
            steps[:, year] += 0.5 * steps[:, year - 1]
        return steps

    def standing(self, code: str, theme: str) -> Floats:
        """How well places do at an indicator, about standard normal, improving a little over the years."""
        own = self.draw(f"{code} places").standard_normal(len(self.area))
        level = self.draw(f"{code} level").normal(0.3, 0.5)
        trend = 0.09 * (np.arange(self.years) - self.years / 2)
        fixed = level + 0.7 * self.factor(theme) + 0.6 * own
        course: Floats = fixed[:, None] + trend + self.course(f"{code} years", 0.25)
        return course

    def per_head(self, name: str, median: float, elasticity: float, traits: Floats, noise: float) -> Floats:
        """Skewed amounts a head: they fall with the number of people, rise with `traits` and by 2 % a year."""
        size = (self.population / 10_000) ** elasticity
        growth = 1.02 ** np.arange(1 - self.years, 1)
        amounts: Floats = median * size * growth * np.exp(traits[:, None] + self.course(name, noise))
        return amounts

    @cached_property
    def own_revenue(self) -> Floats:
        traits = 0.55 * self.factor("wealth") + 0.3 * self.urban
        return np.round(self.per_head("own revenue", 650, 0.05, traits, 0.08) * self.population / MILLION, 2)

    @cached_property
    def shared_revenue(self) -> Floats:
        traits = 0.15 * self.factor("wealth")
        return np.round(self.per_head("shared revenue", 3900, -0.2, traits, 0.05) * self.population / MILLION, 2)

    @cached_property
    def subsidy(self) -> Floats:
        traits = -0.1 * self.factor("wealth")
        return np.round(self.per_head("subsidy", 4600, -0.2, traits, 0.12) * self.population / MILLION, 2)

    @cached_property
    def total_revenue(self) -> Floats:
        return np.round(self.own_revenue + self.shared_revenue + self.subsidy, 2)

    @cached_property
    def budget(self) -> Floats:
        return np.round(self.total_revenue * np.exp(self.course("budget", 0.04)), 2)

    @cached_property
    def waste(self) -> Floats:
        traits = 0.2 * self.urban
        return np.round(self.per_head("waste", 0.95, 0.0, traits, 0.06) * self.population / 1000, 2)

    def share(self, code: str, low: float, high: float) -> Floats:
        """Shares between `low` and `high`, from how well places do."""
        return low + (high - low) * _logistic(self.standing(code, code))


AMOUNTS: Mapping[str, Callable[[World], Floats]] = {
    "population": lambda world: world.population,
    "area": lambda world: np.repeat(world.area[:, None], world.years, axis=1),
    "own_revenue": lambda world: world.own_revenue,
    "shared_revenue": lambda world: world.shared_revenue,
    "subsidy": lambda world: world.subsidy,
    "total_revenue": lambda world: world.total_revenue,
    "budget_approved": lambda world: world.budget,
    "budget_disbursed": lambda world: world.budget * world.share("budget_disbursed", 0.6, 0.98),
    "municipal_waste": lambda world: world.waste,
    "recycled_waste": lambda world: world.waste * world.share("recycled_waste", 0.02, 0.5),
    "public_green_area": lambda world: world.population * 12 * world.share("public_green_area", 0.02, 1.0) ** 1.5,
}
"""Amounts that have to agree with each other: parts with wholes, totals with the number of people."""


def _figures(world: World, entry: IndicatorEntry) -> Floats:
    indicator = entry.indicator
    if indicator.code in AMOUNTS:
        return AMOUNTS[indicator.code](world)
    standing = world.standing(indicator.code, entry.theme or "")
    position = _logistic(standing if indicator.direction == "higher" else -standing)
    if indicator.type == "yes-no":
        return np.where(position > 0.45, 1.0, 0.0)
    low, high = _usual(indicator)
    figures = _on_scale(position, low, high, indicator.transform)
    if indicator.denominator != "population":
        return figures
    expected = figures * world.population / indicator.per
    return world.draw(f"{indicator.code} events").poisson(expected).astype(float)


def _usual(indicator: Indicator) -> tuple[float, float]:
    """Between what figures usually lie: the goalposts, else what is expected, else what is possible."""
    posts = indicator.normalise.options if indicator.normalise else {}
    if "low" in posts and "high" in posts:
        return float(posts["low"]), float(posts["high"])
    low, high = indicator.expected or indicator.bounds or (0.0, 100.0)
    return (0.0 if low is None else low), (100.0 if high is None else high)


def _on_scale(position: Floats, low: float, high: float, transform: str) -> Floats:
    """Positions between 0 and 1 as figures between `low` and `high`, even on the scale that is scored."""
    figures: Floats
    if transform in ("log", "log10"):
        figures = low * (high / low) ** position
    elif transform == "sqrt":
        figures = (np.sqrt(low) + (np.sqrt(high) - np.sqrt(low)) * position) ** 2
    else:
        figures = low + (high - low) * position
    return figures


def _with_gaps(world: World, entry: IndicatorEntry, figures: Floats) -> Floats:
    """Figures as written down: rounded, possible, and missing where nobody sent them."""
    indicator = entry.indicator
    low, high = indicator.bounds or (None, None)
    written = np.clip(np.round(figures, 2 if indicator.decimals is None else indicator.decimals), low, high)
    if indicator.code not in ALWAYS_KNOWN:
        written[_gaps(world, indicator.code, entry.theme or "")] = np.nan
    return written


def _gaps(world: World, code: str, theme: str) -> NDArray[np.bool_]:
    shape = (len(world.area), world.years)
    office = world.draw(f"{theme} office").random(shape) < OFFICE_GAPS
    if theme == FINANCE:  # one report: all of it came or none
        return office
    draw = world.draw(f"{code} gaps")
    silent = world.draw("silent").random(shape[0]) < SILENT_PLACES
    never = silent & (draw.random(shape[0]) < SILENT_GAPS)
    single = draw.random(shape) < CELL_GAPS
    late = code not in AMOUNTS and draw.random() < LATE_INDICATORS
    begins = draw.integers(1, 3) if late else 0
    gaps: NDArray[np.bool_] = office | single | never[:, None] | (np.arange(world.years) < begins)
    return gaps


def _logistic(standing: Floats) -> Floats:
    return 1 / (1 + np.exp(-1.2 * standing))
