"""Editions and runs, and why a place has its score in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.queries.runs.arrays import TreeNode, tree_of
from cityindex.queries.runs.editions import Note, RunRecord, edition
from cityindex.queries.runs.explanations import Explanation, Piece, explanation, interval_of
from cityindex.queries.runs.scores import peer_ranks
from cityindex.queries.runs.standing_runs import StandingRun, standing_run, standing_runs
from cityindex.web.api.answers import Page, named, page, single
from cityindex.web.api.arguments import CODE, Asked, Paged, code, period
from cityindex.web.api.cursors import read, written
from cityindex.web.api.definitions import said
from cityindex.web.api.operations import listing, one
from cityindex.web.api.schemas import figures as schemas
from cityindex.web.api.usage import about
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.session import database

TAG = "Editions and runs"
PEER_RANK = ("rank", "rank_low", "rank_high", "size")


class EditionsAsked(Paged):
    """Which editions."""

    framework = code("Code of a framework.")
    period = period()


class ExplanationAsked(Asked):
    """Of which edition; the latest one of the framework where no period is given."""

    framework = fields.String(required=True, validate=CODE, metadata={"description": "Code of the framework."})
    period = period()


@listing("/editions", EditionsAsked, schemas.Run, TAG)
def editions(asked: dict[str, Any]) -> ResponseReturnValue:
    """List the editions in force, by framework, the newest period first."""
    return page(asked, lambda: _runs(asked, in_force=True))


@listing("/runs", EditionsAsked, schemas.Run, TAG)
def runs(asked: dict[str, Any]) -> ResponseReturnValue:
    """List published runs: those in force, and those that another has followed since."""
    return page(asked, lambda: _runs(asked, in_force=False))


@one("/runs/<int:run>", schemas.RunDetails, TAG)
def run(asked: dict[str, Any], run: int) -> ResponseReturnValue:
    """Show a published run with the tree that it used."""
    found = standing_run(database(), run)

    def make() -> Mapping[str, Any]:
        entry, nodes = entry_of(found.record), tree_of(database(), run)
        return {
            **_run(found),
            "nodes": [_node(node, nodes, entry) for node in nodes],
            "links": {
                "scores": url_for("api.run_scores", run=run),
                "framework": url_for("api.framework", code=found.record.framework),
                "page": url_for("frameworks.edition", code=found.record.framework, period=found.record.period),
            },
        }

    return single(asked, make)


@one("/runs/<int:run>/explanations/<place>", schemas.Explanation, TAG)
def run_explanation(asked: dict[str, Any], run: int, place: str) -> ResponseReturnValue:
    """Take the score of a place in a run apart. The answer never changes."""
    record, found = standing_run(database(), run).record, find_place(database(), place).place
    about(found.id)
    return single(asked, lambda: _explained(record, found), run=record)


@one("/places/<code>/explanation", schemas.Explanation, "Places", ExplanationAsked, code="50")
def place_explanation(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Take the score of a place apart: what every node and indicator gave to it, beside its peers."""
    found = find_place(database(), code).place
    about(found.id)
    record = standing_run(database(), edition(database(), asked["framework"], asked["period"]).run).record
    return single(asked, lambda: _explained(record, found))


def _runs(asked: Mapping[str, Any], *, in_force: bool) -> Page:
    """By framework, period and run: a run that is published meanwhile moves none of the others."""
    found = [
        one for one in standing_runs(database(), asked["framework"], asked["period"]) if one.published or not in_force
    ]
    after = read(asked["cursor"])["after"] if asked["cursor"] else None
    rest = [one for one in found if after is None or _key(one) > tuple(after)]
    shown = rest[: asked["limit"]]
    return Page([_run(one) for one in shown], written({"after": _key(shown[-1])}) if len(rest) > len(shown) else None)


def _key(one: StandingRun) -> tuple[str, int, int]:
    return one.record.framework, -one.record.period, -one.record.id


def _run(found: StandingRun) -> dict[str, Any]:
    record = found.record
    entry = entry_of(record)
    return {
        "id": record.id,
        "framework": record.framework,
        **said(entry.name),
        "version": record.version,
        "period": record.period,
        "period_be": buddhist_year(record.period),
        "period_kind": entry.framework.period,
        "published": found.published,
        "published_at": found.published_at,
        "made_at": record.made_at,
        "edition_status": record.note.mark or None,
        **correction(record.note),
        "followed_by": found.followed_by,
        **{name: record.summary[name] for name in ("places", "scored", "ranked")},
        "definition_sha256": record.definition,
        "data_sha256": record.data,
        "made_with": record.library,
        "demo": record.demo,
    }


def correction(note: Note) -> dict[str, Any]:
    """What is said of a correction, as answers have it."""
    parts = (("what_changed", note.what), ("why", note.why))
    said = {f"{name}_{code}": part.get(code) or None for name, part in parts for code in ("th", "en")}
    return {"corrects": note.corrects if note.what else None, **said}


def _node(node: TreeNode, tree: tuple[TreeNode, ...], entry: FrameworkEntry) -> dict[str, Any]:
    return {
        "node": node.code,
        **said(entry.node_name(node.code)),
        "parent": None if node.parent is None or node.parent < 0 else tree[node.parent].code,
        "level": node.level,
        "is_indicator": node.is_indicator,
        "weight": node.weight,
        "effective_weight": node.effective_weight,
    }


def _explained(record: RunRecord, place: PlaceRecord) -> Mapping[str, Any]:
    why = explanation(database(), record.id, place.id)
    if why is None:
        raise NotFound("the place has no score there, or the method compares all places with each other")
    entry, (low, high) = entry_of(record), interval_of(database(), record.id, place.id)
    return {
        "place": place.code,
        **named(place.name_th, place.name_en),
        "framework": record.framework,
        "period": record.period,
        "period_be": buddhist_year(record.period),
        "run": record.id,
        "score": why.score,
        "rank": why.rank,
        "rank_low": low,
        "rank_high": high,
        "peer_ranks": [
            {"shares": one.peers, "group": one.group, **{name: getattr(one, name) for name in PEER_RANK}}
            for one in peer_ranks(database(), record.id, place.id)
        ],
        "peers": {"count": len(why.peers.codes), "shared": dict(why.peers.shared)},
        "pieces": [_piece(one, why, entry) for one in why.pieces],
        "demo": record.demo,
    }


def _piece(one: Piece, why: Explanation, entry: FrameworkEntry) -> dict[str, Any]:
    plain = ("score", "weight", "contribution", "value", "median", "value_median", "difference", "effect", "flag")
    parent = one.node.parent
    return {
        "node": one.node.code,
        "name": translated(entry.node_name(one.node.code)),
        "parent": None if parent is None or parent < 0 else why.pieces[parent].node.code,
        "is_indicator": one.node.is_indicator,
        **{name: getattr(one, name) for name in plain},
        "peers": one.n,
    }
