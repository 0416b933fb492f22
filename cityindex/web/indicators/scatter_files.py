"""Two indicators beside each other as they may be taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.queries.observations.indicator_tables import places_by_id
from cityindex.web.filters import number
from cityindex.web.indicators.scatter_view import Pairs, Side
from cityindex.web.links import here
from cityindex.web.places.columns import PLACE_COLUMNS, place_cells
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway


def taken_of(
    sides: tuple[Side, Side], pairs: Pairs, figure: Callable[[], str] | None, arguments: Mapping[str, Any]
) -> TakeAway | None:
    """All pairs that the picture shows; None where there are none."""
    x, y = sides
    if not pairs.n:
        return None
    names = places_by_id(database(), pairs.ids[:1].tolist())
    return TakeAway(
        name=f"scatter-{pairs.period}",
        address=here({**arguments, "period": pairs.period, "page": 1}),
        title=Text(f"{y.names.th} เทียบกับ {x.names.th}", f"{y.names.en} beside {x.names.en}"),
        columns=[
            *PLACE_COLUMNS,
            Column("x", x.names.th, x.names.en, "number", x.unit),
            Column("y", y.names.th, y.names.en, "number", y.unit),
        ],
        rows=lambda: _rows(pairs),
        unit=f"x: {x.unit}; y: {y.unit}",
        periods=[pairs.period],
        kind="calendar-year",
        source=f"x: {x.source(pairs.period)}; y: {y.source(pairs.period)}",
        coverage=gettext("%(n)s places with both values.", n=number(pairs.n)),
        demo=any(place.demo for place in names.values()),
        figure=figure,
        sheets=("statistics",),
        places="place",
    )


def _rows(pairs: Pairs) -> Iterator[Sequence[Any]]:
    names = places_by_id(database(), pairs.ids.tolist())
    for place, x, y in zip(pairs.ids.tolist(), pairs.x.tolist(), pairs.y.tolist(), strict=True):
        yield (*place_cells(names[place]), x, y)
