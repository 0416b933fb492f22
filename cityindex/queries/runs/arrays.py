"""The arrays of runs, unpacked once and kept in memory: a run never changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.formats.arrays import unpack_array
from cityindex.memory import Memory
from cityindex.models import Run, RunArray, RunNode

KEPT = 256 * 1024 * 1024
"""Bytes of arrays that a process keeps."""
TREES = 64
"""Trees that a process keeps, each of some hundred small records."""


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A node or indicator of a run's tree; `column` is an indicator's place in the arrays of values."""

    position: int
    code: str
    parent: int | None
    level: int
    is_indicator: bool
    weight: float
    effective_weight: float
    column: int | None


def _size(array: NDArray[Any]) -> int:
    return array.nbytes


_kept: Memory[NDArray[Any]] = Memory(KEPT, _size)
_trees: Memory[tuple[TreeNode, ...]] = Memory(TREES)


def _key_of(session: Session, run_id: int) -> tuple[str, str]:
    """What tells a run from all others, asked once a session.

    Ids may be given anew where a backup is restored; what was made when, from what, may not.
    """
    known: dict[int, tuple[str, str]] = session.info.setdefault("run keys", {})
    if run_id not in known:
        made = session.execute(select(Run.created_at, Run.data_fingerprint).where(Run.id == run_id)).one_or_none()
        if made is None:
            raise NotFound(f"there is no run {run_id}")
        know(session, run_id, made.created_at, made.data_fingerprint)
    return known[run_id]


def know(session: Session, run_id: int, created_at: datetime, data_fingerprint: str) -> None:
    """Tell what tells a run from all others, where it was read anyway."""
    known: dict[int, tuple[str, str]] = session.info.setdefault("run keys", {})
    known[run_id] = f"{run_id} {created_at.isoformat()}", data_fingerprint


class RunArrays:
    """The arrays of one run: (places, nodes), (places, indicators) or (places), read when asked for."""

    def __init__(self, session: Session, run_id: int) -> None:
        self.session = session
        self.run_id = run_id
        self.key = _key_of(session, run_id)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """An array by its name: `score`, `rank`, `coverage`, `imputed`, `flag`, `values`, `status`, `place_id` …"""
        return _kept.get((*self.key, name), lambda: self._read(name))

    def _read(self, name: str) -> NDArray[Any]:
        query = select(RunArray.data).where(RunArray.run_id == self.run_id, RunArray.name == name)
        return unpack_array(self.session.execute(query).scalar_one())

    def prefetch(self, *names: str) -> None:
        """Read several arrays at once, so that asking for them one by one costs no more than one query."""
        wanted = [name for name in names if (*self.key, name) not in _kept]
        if wanted:
            query = select(RunArray.name, RunArray.data).where(
                RunArray.run_id == self.run_id, RunArray.name.in_(wanted)
            )
            for name, data in self.session.execute(query):
                _kept.put((*self.key, name), unpack_array(data))

    def row(self, place_id: int) -> int | None:
        """Where a place is in the arrays; None where the run did not score it."""
        found = np.flatnonzero(self["place_id"] == place_id)
        return int(found[0]) if found.size else None


def tree_of(session: Session, run_id: int) -> tuple[TreeNode, ...]:
    """The tree of a run, parents before their children; kept with its run. Raises `NotFound`."""
    return _trees.get(_key_of(session, run_id), lambda: _read_tree(session, run_id))


def _read_tree(session: Session, run_id: int) -> tuple[TreeNode, ...]:
    rows = session.scalars(select(RunNode).where(RunNode.run_id == run_id).order_by(RunNode.position)).all()
    if not rows:
        raise NotFound(f"there is no run {run_id}")
    column = {row.position: number for number, row in enumerate(row for row in rows if row.is_indicator)}
    return tuple(
        TreeNode(
            position=row.position,
            code=row.code,
            parent=row.parent,
            level=row.level,
            is_indicator=row.is_indicator,
            weight=row.weight,
            effective_weight=row.effective_weight,
            column=column.get(row.position),
        )
        for row in rows
    )


def node_of(tree: tuple[TreeNode, ...], code: str) -> TreeNode:
    """A node by its code. Raises `NotFound` with what is there."""
    found = next((node for node in tree if node.code == code), None)
    if found is None:
        raise NotFound(f"the run has no node {code} (it has {', '.join(node.code for node in tree)})")
    return found
