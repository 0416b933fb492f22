"""The arrays of runs, unpacked once and kept in memory: a run never changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.formats.arrays import unpack_array
from cityindex.models import Run, RunArray, RunNode

KEPT = 256 * 1024 * 1024
"""Bytes of arrays that a process keeps."""


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


class _Kept:
    """The most recently used arrays, up to a number of bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = 0
        self.arrays: OrderedDict[tuple[str, str, str], NDArray[Any]] = OrderedDict()
        self.lock = Lock()

    def get(self, key: tuple[str, str, str]) -> NDArray[Any] | None:
        with self.lock:
            if key in self.arrays:
                self.arrays.move_to_end(key)
            return self.arrays.get(key)

    def put(self, key: tuple[str, str, str], array: NDArray[Any]) -> None:
        with self.lock:
            if key not in self.arrays:
                self.arrays[key] = array
                self.held += array.nbytes
            while self.held > self.size and len(self.arrays) > 1:
                self.held -= self.arrays.popitem(last=False)[1].nbytes


_kept = _Kept(KEPT)


class RunArrays:
    """The arrays of one run: (places, nodes), (places, indicators) or (places), read when asked for."""

    def __init__(self, session: Session, run_id: int) -> None:
        made = session.execute(select(Run.created_at, Run.data_fingerprint).where(Run.id == run_id)).one_or_none()
        if made is None:
            raise NotFound(f"there is no run {run_id}")
        self.session = session
        self.run_id = run_id
        # Ids may be given anew where a backup is restored; what was made when, from what, may not.
        self.key = f"{run_id} {made.created_at.isoformat()}", made.data_fingerprint

    def __getitem__(self, name: str) -> NDArray[Any]:
        """An array by its name: `score`, `rank`, `coverage`, `imputed`, `flag`, `values`, `status`, `place_id` …"""
        key = (*self.key, name)
        array = _kept.get(key)
        if array is None:
            query = select(RunArray.data).where(RunArray.run_id == self.run_id, RunArray.name == name)
            array = unpack_array(self.session.execute(query).scalar_one())
            _kept.put(key, array)
        return array

    def prefetch(self, *names: str) -> None:
        """Read several arrays at once, so that asking for them one by one costs no more than one query."""
        wanted = [name for name in names if _kept.get((*self.key, name)) is None]
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
    """The tree of a run, parents before their children. Raises `NotFound`."""
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
