"""Links from a page to itself with another choice, made from checked arguments only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for


def here(arguments: Mapping[str, Any], **changes: Any) -> str:
    """This page with its checked `arguments`, some of them changed."""
    wanted = {name: value for name, value in {**arguments, **changes}.items() if _is_said(name, value)}
    path = request.view_args or {}
    return url_for(str(request.endpoint), **path, **{name: value for name, value in wanted.items() if name not in path})


def _is_said(name: str, value: Any) -> bool:
    """What an address leaves out: nothing chosen, and the first page."""
    return value is not None and value is not False and value != "" and (name, value) != ("page", 1)


def page_links(arguments: Mapping[str, Any]) -> Callable[[int], str]:
    """The address of each page of a long list."""
    return lambda page: here(arguments, page=page)


@dataclass(frozen=True)
class Sorting:
    """How a table is sorted, and the link that sorts it by another column, or turns it round."""

    arguments: Mapping[str, Any]
    by: str
    descending: bool
    upward: frozenset[str]
    """Columns that begin with their lowest values when they are chosen."""

    def link(self, column: str) -> str:
        descending = not self.descending if column == self.by else column not in self.upward
        return here(self.arguments, sort=column, order="desc" if descending else "asc", page=1)

    def state(self, column: str) -> str | None:
        """For `aria-sort`."""
        if column != self.by:
            return None
        return "descending" if self.descending else "ascending"


def map_link(framework: str, node: str, period: int) -> str | None:
    """The map of a node or indicator in an edition, where there is a map."""
    if "map.index" not in current_app.view_functions:
        return None
    return url_for("map.index", framework=framework, node=node, period=period)
