"""Databases for tests: empty ones, and copies of what was filled once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import TypeVar

Told = TypeVar("Told")


class MakeDatabase:
    """Makes databases of one kind: called, it gives the URL of a fresh, migrated, empty one."""

    def __init__(self, template: str, copy: Callable[[str], str]) -> None:
        """`copy` makes another database like the one at a URL to which nobody is connected."""
        self._template = template
        self._copy = copy
        self._filled: dict[object, tuple[str, bytes]] = {}

    def __call__(self) -> str:
        return self._copy(self._template)

    def filled(self, fill: Callable[[str], Told]) -> tuple[str, Told]:
        """A database as `fill` leaves an empty one, and what `fill` told: it is called once in a process.

        It gets a URL, ends its connections, and tells what can be pickled, such as numbers of rows: each test has its
        own copy of both.
        """
        if fill not in self._filled:
            url = self()
            told = fill(url)
            self._filled[fill] = url, pickle.dumps(told)
        url, told_once = self._filled[fill]
        copied: Told = pickle.loads(told_once)
        return self._copy(url), copied
