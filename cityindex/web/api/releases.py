"""What came out, what was corrected or withdrawn, and what is announced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue

from cityindex.calendars import buddhist_year
from cityindex.queries.runs.releases import Coming, coming, released
from cityindex.queries.runs.releases import Release as Released
from cityindex.web.api.answers import Page, page
from cityindex.web.api.arguments import Paged
from cityindex.web.api.cursors import read, written
from cityindex.web.api.definitions import said
from cityindex.web.api.editions import TAG, correction
from cityindex.web.api.operations import listing
from cityindex.web.api.schemas import releases as schemas
from cityindex.web.releases.words import named
from cityindex.web.session import database


@listing("/releases", Paged, schemas.Release, TAG)
def releases(asked: dict[str, Any]) -> ResponseReturnValue:
    """List what was published, corrected or withdrawn, the newest first."""
    return page(asked, lambda: _page(asked))


@listing("/releases/announced", Paged, schemas.Announced, TAG)
def announced(asked: dict[str, Any]) -> ResponseReturnValue:
    """List releases that are announced and did not come out yet, the next first. All of them are on one page."""
    return page(asked, lambda: Page([_announced(one) for one in coming(database())[: asked["limit"]]]))


def _page(asked: Mapping[str, Any]) -> Page:
    """A cursor says how many older ones are left: what comes out in between moves nothing."""
    session, limit = database(), asked["limit"]
    total = released(session, 0).total
    left = read(asked["cursor"])["left"] if asked["cursor"] else total
    found = released(session, min(limit, left), total - left)
    rest = left - len(found.items)
    return Page([_item(one) for one in found.items], written({"left": rest}) if rest > 0 and found.items else None)


def _item(one: Released) -> dict[str, Any]:
    return {
        "release": one.id,
        "framework": one.framework,
        **said(named(one.framework)[0]),
        "version": one.version,
        "period": one.period,
        "period_be": buddhist_year(one.period),
        "at": one.at,
        "kind": one.kind,
        "run": one.run,
        "before": one.before,
        "edition_status": one.note.mark or None,
        **correction(one.note),
        "demo": one.demo,
    }


def _announced(one: Coming) -> dict[str, Any]:
    return {
        "framework": one.framework,
        **said(named(one.framework)[0]),
        "period": one.period,
        "period_be": buddhist_year(one.period),
        "at": one.at,
        "again": one.again,
        "announced_at": one.planned_at,
        "demo": one.demo,
    }
