"""Databases for tests: empty ones, and copies of what was filled once."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Told = TypeVar("Told")


class MakeDatabase:
    """Makes databases of one kind: called, it gives the URL of a fresh, migrated, empty one."""

    def __init__(self, template: str, copy: Callable[[str], str], drop: Callable[[str], None]) -> None:
        """`copy` makes another database like the one at a URL to which nobody is connected; `drop` takes one away."""
        self._template = template
        self._copy, self._drop = copy, drop
        self._filled: dict[object, tuple[str, bytes]] = {}
        self._made: list[str] = []

    def __call__(self) -> str:
        return self.like(self._template)

    def filled(self, fill: Callable[[str], Told]) -> tuple[str, Told]:
        """A database as `fill` leaves an empty one, and what `fill` told: it is called once in a process.

        It gets a URL, ends its connections, and tells what can be pickled, such as numbers of rows: each test has its
        own copy of both.
        """
        if fill not in self._filled:
            url = self._copy(self._template)
            told = fill(url)
            self._filled[fill] = url, pickle.dumps(told)
        url, told_once = self._filled[fill]
        copied: Told = pickle.loads(told_once)
        return self.like(url), copied

    @contextmanager
    def for_one_test(self) -> Iterator[MakeDatabase]:
        """The same, and what it makes goes with the test: a thousand databases would fill a disk, and wait for it."""
        own = MakeDatabase(self._template, self._copy, self._drop)
        own._filled = self._filled
        yield own
        for url in own._made:
            self._drop(url)

    def like(self, url: str) -> str:
        """Another database like the one at a URL to which nobody is connected."""
        self._made.append(self._copy(url))
        return self._made[-1]
