"""Scores: of the editions in force, or of one run, whose answers never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.formats.statuses import letter
from cityindex.queries.places.places import find_place
from cityindex.queries.runs.editions import RunRecord, current_editions, edition
from cityindex.queries.runs.score_pages import ScoreLine, ScoreWish, has_node, score_page
from cityindex.queries.runs.standing_runs import standing_run
from cityindex.web.api.answers import Page, named, page
from cityindex.web.api.arguments import Paged, code, period, place_type, several
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing
from cityindex.web.api.places import place_ids
from cityindex.web.api.schemas import figures as schemas
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.session import application, database
from cityindex.web.words import result_unit

TAG = "Scores"
PLAIN = (
    "place_type", "province", "node", "level", "is_indicator", "value", "score", "rank", "rank_low", "rank_high",
    "coverage", "band", "flag",
)  # fmt: skip


REPORTED = "?place={place}&code={node}&framework={framework}&period={period}&run={run}"


class RunScoresAsked(Paged):
    """Which lines of a run."""

    node = code(
        "Code of a node or indicator; `index` is the top of every framework. All where it is left out.",
        example="index",
    )
    place = several("Codes of places, separated by commas.")
    place_type = place_type()
    province = code("Code of a province: places within it.", example="50")


class ScoresAsked(RunScoresAsked):
    """Which scores of the editions in force."""

    framework = code("Code of a framework; all with an edition where it is left out.")
    period = period()


@listing("/scores", ScoresAsked, schemas.Score, TAG)
def scores(asked: dict[str, Any]) -> ResponseReturnValue:
    """List scores of the editions in force, node by node.

    Later pages stay with the editions of the first one, whatever is published meanwhile.
    """
    begin = read(asked["cursor"]) if asked["cursor"] else {"runs": _runs(asked), "run": 0, "offset": 0}
    wish = _wish(asked)
    return page(asked, lambda: _page(begin, wish, asked["limit"]))


@listing("/runs/<int:run>/scores", RunScoresAsked, schemas.Score, TAG)
def run_scores(asked: dict[str, Any], run: int) -> ResponseReturnValue:
    """List scores of one published run, node by node. The answer never changes."""
    record = standing_run(database(), run).record
    begin = read(asked["cursor"]) if asked["cursor"] else {"runs": [run], "run": 0, "offset": 0}
    wish = _wish(asked)
    if wish.node and not has_node(database(), run, wish.node):
        raise NotFound(f"run {run} has no node {wish.node}: {url_for('api.run', run=run)} lists those it has")
    return page(asked, lambda: _page(begin, wish, asked["limit"]), run=record)


def _runs(asked: Mapping[str, Any]) -> list[int]:
    """The runs in force that are asked for. Raises `NotFound` where there is none."""
    session, framework = database(), asked["framework"]
    if framework is not None:
        edition(session, framework, asked["period"])  # says what there is, where there is no such one
    found = [one for one in current_editions(session, framework) if asked["period"] in (None, one.period)]
    node = asked["node"]
    runs = [one.run for one in found if node is None or has_node(session, one.run, node)]
    if not runs and (framework or node or asked["period"]):
        raise NotFound(f"no published edition has that: {url_for('api.editions')} lists what there is")
    return runs


def _wish(asked: Mapping[str, Any]) -> ScoreWish:
    session = database()
    places = asked["place"]
    return ScoreWish(
        node=asked["node"],
        place_ids=None if places is None else place_ids(places),
        place_type=application().catalogue.place_type(asked["place_type"]) if asked["place_type"] else None,
        province=find_place(session, asked["province"]).place.code if asked["province"] else None,
    )


def _page(begin: Mapping[str, Any], wish: ScoreWish, limit: int) -> Page:
    """Lines from where a page begins, over as many runs as it takes."""
    runs, at, offset = begin["runs"], begin["run"], begin["offset"]
    items: list[Mapping[str, Any]] = []
    while at < len(runs) and len(items) < limit:
        found, total = score_page(database(), runs[at], wish, offset, limit - len(items))
        items += _items(standing_run(database(), runs[at]).record, found)
        offset += len(found)
        if offset >= total:
            at, offset = at + 1, 0
    more = at < len(runs)
    following = written({"runs": runs, "run": at, "offset": offset}) if more else None
    return Page(items, following, report=f"{url_for('mistakes.report')}{REPORTED}")


def _items(run: RunRecord, lines: Sequence[ScoreLine]) -> list[Mapping[str, Any]]:
    entry = entry_of(run)
    units = {code: result_unit(one) for code, one in entry.indicators.items()}
    names = {code: _name(entry, code) for code in {line.node for line in lines}}
    same = {
        "framework": run.framework,
        "period": run.period,
        "period_be": buddhist_year(run.period),
        "edition": run.version,
        "run": run.id,
        "mark": run.note.mark,
        "corrects": run.note.corrects if run.note.what else None,
        "demo": run.demo,
    }
    return [
        {
            "place": line.place,
            **named(line.name_th, line.name_en),
            **{name: getattr(line, name) for name in PLAIN},
            "node_name": names[line.node],
            "status": letter(line.flag, run.note.mark, missing=line.score is None),
            "unit": units.get(line.node) if line.is_indicator else None,
            **same,
        }
        for line in lines
    ]


def _name(entry: FrameworkEntry, code: str) -> str:
    return translated(entry.node_name(code))
