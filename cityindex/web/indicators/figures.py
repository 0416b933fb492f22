"""How the values of an indicator are spread, as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from flask_babel import gettext
from markupsafe import Markup

from cityindex.charts import Axis, Caption, Marker, Missing, histogram
from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.queries.observations.indicator_columns import Column
from cityindex.web import words
from cityindex.web.filters import number, translated

CLASSES = 24
TICKS = 5


def distribution_figure(
    entry: IndicatorEntry, column: Column | None, missing: int, pointed: Sequence[Marker], cuts: Sequence[Marker]
) -> Markup | None:
    """Values of the places themselves; what stands in for a value is not among them.

    `pointed` are values of places in question, `cuts` targets by their letters.
    """
    if column is None or not len(column.own):
        return None
    low, high, step = nice_scale(column.own)
    counts, _ = np.histogram(np.clip(column.own, low, high), CLASSES, (low, high))
    median = float(np.median(column.own))
    shown = words.with_unit(median, entry)
    ticks = [(low + i * step, number(low + i * step)) for i in range(round((high - low) / step) + 1)]
    if float(column.own.max()) > high:  # the last class holds the tail, and says so
        ticks[-1] = (high, f"≥ {ticks[-1][1]}")
    caption = Caption(
        translated(entry.name),
        gettext(
            "Distribution of %(n)s places: median %(median)s; %(missing)s places without data.",
            n=number(len(column.own)),
            median=shown,
            missing=number(missing),
        ),
    )
    picture = histogram(
        counts.tolist(),
        Axis(
            low,
            high,
            ticks,
            words.result_unit(entry) if entry.indicator.denominator else words.unit_name(entry),
            gettext("%(n)s places", n=number(int(counts.max()))),
            cuts=[one for one in cuts if low <= one.value <= high],
            pointed=pointed,
        ),
        caption,
        marker=Marker(median, gettext("median %(value)s", value=shown)),
        missing=Missing(missing, number(missing), gettext("no data")),
    )
    return Markup(picture)  # noqa: S704 (made by cityindex.charts, which escapes)


def nice_scale(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    """Round ends that hold the values, and the step between ticks. A long tail beyond is put into the last class."""
    low, high = float(values.min()), float(values.max())
    tail = float(np.percentile(values, 99))
    if low >= 0 and high > 2 * tail:
        high = tail
    return round_scale(low, high)


def round_scale(low: float, high: float) -> tuple[float, float, float]:
    """Round ends around two values, and the step between ticks; from zero where that is near."""
    if low >= 0 and low < 0.5 * high:
        low = 0.0
    raw = (high - low) / TICKS or abs(high) / TICKS or 1.0
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step) * step or step, step
