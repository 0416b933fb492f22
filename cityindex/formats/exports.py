"""Published editions as files: CSV, XLSX, Parquet, SDMX-CSV and GeoJSON, from plain records, in full precision."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.errors import Invalid
from cityindex.formats.sdmx import csv_
from cityindex.formats.sdmx.dataset import DataSet
from cityindex.formats.sdmx.flows import scores_of
from cityindex.formats.sdmx.score_rows import Scores, score_frame
from cityindex.scoring.results import FLAG_NAMES

SHEET_ROWS = 1_048_576
COLUMNS = (
    "place", "period", "node", "level", "value", "score", "rank", "coverage",
    "rank_low", "rank_high", "imputed", "flag", "band", "band_share",
    "name_th", "name_en", "place_type", "province", "period_be", "framework", "version", "run",
    "demo", "edition_status",
)  # fmt: skip
"""Of the long table. The first eight are a contract; more may follow."""
SHEET_COLUMNS = COLUMNS[:12]
"""Of the sheet of scores: names of places are in the ranking, as each cell of a sheet takes its time."""
RANKED = ("rank", "rank_low", "rank_high")


@dataclass(frozen=True)
class NodeLine:
    """A node or indicator of the tree, as the sheet of definitions describes it."""

    code: str
    level: int
    is_indicator: bool
    weight: float
    effective_weight: float
    name_th: str
    name_en: str
    unit: str
    source: str
    licence: str


@dataclass(frozen=True, eq=False)
class EditionTable:
    """An edition as a whole. Arrays are (places, nodes); NaN and rank 0 are missing, values of nodes are NaN.

    `about` says what it is, in lines of a name and a text; `places` holds the columns of the places.
    """

    framework: str
    version: str
    period: int
    demo: bool
    about: tuple[tuple[str, str], ...]
    nodes: tuple[NodeLine, ...]
    places: Mapping[str, tuple[Any, ...]]
    value: NDArray[np.float64]
    score: NDArray[np.float64]
    rank: NDArray[np.int32]
    coverage: NDArray[np.float64]
    imputed: NDArray[np.float64]
    flag: NDArray[np.uint8]
    band: tuple[str | None, ...]
    rank_low: tuple[int | None, ...]
    rank_high: tuple[int | None, ...]
    """The ends of the interval of each place's rank on the index, where there is one."""
    band_share: tuple[float | None, ...] = ()
    """In which share of the repetitions a place is in its band, where there are repetitions and bands."""
    mark: str = ""
    """`provisional` or `final`; empty where nothing is said."""
    geometries: tuple[str | None, ...] = ()
    """GeoJSON of each place's boundary, where it has one."""

    @property
    def run(self) -> int | None:
        """The run whose results they are, where `about` says it."""
        said = dict(self.about).get("run")
        return int(said) if said else None

    @cached_property
    def long(self) -> pl.DataFrame:
        """A row a place and node, with the columns `COLUMNS`; places by code, nodes in the order of the tree."""
        count, width = self.score.shape
        of_place = np.repeat(np.arange(count), width)
        of_node = np.tile(np.arange(width), count)
        places = {name: pl.Series(column).gather(of_place) for name, column in self.places.items()}
        index_only = np.where(of_node == 0, of_place, count)
        shares = self.band_share or (None,) * count
        frame = pl.DataFrame(
            {
                **places,
                "period": pl.Series(np.full(of_place.size, self.period, np.int16)),
                "node": pl.Series([node.code for node in self.nodes]).gather(of_node),
                "level": np.array([node.level for node in self.nodes], np.int8)[of_node],
                "value": self.value.ravel(),
                "score": self.score.ravel(),
                "rank": self.rank.ravel(),
                "coverage": self.coverage.ravel(),
                "rank_low": pl.Series([*self.rank_low, None], dtype=pl.Int32).gather(index_only),
                "rank_high": pl.Series([*self.rank_high, None], dtype=pl.Int32).gather(index_only),
                "imputed": self.imputed.ravel(),
                "flag": pl.Series(FLAG_NAMES, dtype=pl.String).gather(self.flag.ravel().astype(np.uint32)),
                "band": pl.Series([*self.band, None], dtype=pl.String).gather(index_only),
                "band_share": pl.Series([*shares, None], dtype=pl.Float64).gather(index_only),
                "demo": pl.Series(np.full(of_place.size, self.demo)),
                "edition_status": pl.repeat(self.mark or None, of_place.size, dtype=pl.String, eager=True),
                "period_be": pl.Series(np.full(of_place.size, buddhist_year(self.period), np.int16)),
                "framework": pl.repeat(self.framework, of_place.size, eager=True),
                "version": pl.repeat(self.version, of_place.size, eager=True),
                "run": pl.repeat(self.run, of_place.size, dtype=pl.Int32, eager=True),
            }
        )
        numbers = [pl.col(name).fill_nan(None) for name in ("value", "score", "coverage", "imputed")]
        return frame.with_columns(*numbers, pl.col("rank").replace(0, None)).select(COLUMNS)


def write_csv(table: EditionTable, file: Path) -> None:
    """The long table as UTF-8 CSV without a byte order mark; empty cells are missing."""
    table.long.write_csv(file)


def write_parquet(table: EditionTable, file: Path) -> None:
    """The long table as Parquet, doubles to the bit; what the edition is goes into the metadata of the file."""
    metadata = {f"cityindex:{name}": text for name, text in table.about}
    table.long.write_parquet(file, metadata=metadata)


def write_sdmx_csv(table: EditionTable, file: Path) -> None:
    """SDMX-CSV 2.0 of the framework's dataflow, as the SDMX service gives it; TIME_PERIOD in the common era."""
    known = scores_of(table.framework, Text(table.framework, table.framework))  # names are not written
    rows = score_frame(_scores(table)).sort("REF_AREA", "INDICATOR")
    data = DataSet(known.flow, known.structure, lambda: iter([rows]), datetime.now(UTC))
    with file.open("wb") as stream:
        stream.writelines(csv_.write_csv(data, "2.0.0"))


def _scores(table: EditionTable) -> Scores:
    return Scores(
        table.period, table.version, table.demo, table.mark,
        table.places["place"], [node.code for node in table.nodes], np.arange(len(table.nodes)) == 0,
        table.score, table.coverage, table.rank, table.flag,
        list(zip(table.rank_low, table.rank_high, strict=True)),
    )  # fmt: skip


def write_xlsx(table: EditionTable, file: Path) -> None:
    """Four sheets: `scores` (the long table), `ranking` (a row a place), `indicators` and `about`.

    Raises `Invalid` where a sheet cannot hold the rows.
    """
    import xlsxwriter

    if table.long.height >= SHEET_ROWS:
        raise Invalid(f"{table.long.height:,} rows do not fit on a sheet of XLSX: export as csv or parquet")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        sheets: tuple[tuple[str, tuple[str, ...], Iterator[tuple[Any, ...]]], ...] = (
            ("scores", SHEET_COLUMNS, table.long.select(SHEET_COLUMNS).iter_rows()),
            ("ranking", _ranking_header(table), _ranking_rows(table)),
            ("indicators", tuple(NodeLine.__annotations__), (tuple(vars(node).values()) for node in table.nodes)),
            ("about", ("name", "text"), iter(table.about)),
        )
        for name, header, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, header, bold)
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, row)


def write_geojson(table: EditionTable, file: Path) -> None:
    """A feature a place: its boundary (null where there is none), the index, and `score_<node>` of every other node."""
    collection = {"type": "FeatureCollection", "name": f"{table.framework} {table.period}", **dict(table.about)}
    head = json.dumps(collection, ensure_ascii=False)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(head[:-1] + ', "features": [')
        for row, (code, geometry) in enumerate(zip(table.places["place"], table.geometries, strict=True)):
            properties = json.dumps(properties_of(table, row), ensure_ascii=False, allow_nan=False)
            stream.write(
                f'{"," if row else ""}\n{{"type": "Feature", "id": {json.dumps(code)}, '
                f'"geometry": {geometry or "null"}, "properties": {properties}}}'
            )
        stream.write("\n]}\n")


FORMATS: Mapping[str, Callable[[EditionTable, Path], None]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
    "sdmx-csv": write_sdmx_csv,
    "geojson": write_geojson,
}


def _ranking_header(table: EditionTable) -> tuple[str, ...]:
    return (
        *table.places,
        *RANKED,
        "band",
        "band_share",
        "coverage",
        "flag",
        *(node.code for node in table.nodes),
        "demo",
        "edition_status",
    )


def _ranking_rows(table: EditionTable) -> Iterator[tuple[Any, ...]]:
    columns = list(zip(*table.places.values(), strict=True))
    ranks = table.rank[:, 0]
    for row in np.lexsort((np.arange(len(columns)), np.where(ranks > 0, ranks, np.iinfo(np.int32).max))):
        rank = ranks[row].item() or None, table.rank_low[row], table.rank_high[row]
        share = table.band_share[row] if table.band_share else None
        index = *rank, table.band[row], share, _number(table.coverage[row, 0])
        scores = map(_number, table.score[row])
        yield (*columns[row], *index, FLAG_NAMES[table.flag[row, 0]], *scores, table.demo, table.mark)


def properties_of(table: EditionTable, row: int) -> dict[str, Any]:
    """What is said of the place in a row, as features carry it; missing scores are None."""
    return {
        **{name: column[row] for name, column in table.places.items()},
        "framework": table.framework,
        "version": table.version,
        "period": table.period,
        "score": _number(table.score[row, 0]),
        "rank": table.rank[row, 0].item() or None,
        "rank_low": table.rank_low[row],
        "rank_high": table.rank_high[row],
        "band": table.band[row],
        "band_share": table.band_share[row] if table.band_share else None,
        "coverage": _number(table.coverage[row, 0]),
        "flag": FLAG_NAMES[table.flag[row, 0]],
        "demo": table.demo,
        "edition_status": table.mark or None,
        **{f"score_{node.code}": _number(table.score[row, at]) for at, node in enumerate(table.nodes) if at},
    }


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
