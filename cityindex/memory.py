"""What a process keeps in memory because it does not change: made once, by what it was made from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Generic, TypeVar, cast

T = TypeVar("T")
NOTHING = object()


def _one(_: object) -> int:
    return 1


class Memory(Generic[T]):
    """The things asked for most recently: `room` of them, or so much as `weigh` says of each; the last one always.

    Threads that ask for the same thing wait for the one that makes it; others do not wait.
    """

    def __init__(self, room: int, weigh: Callable[[T], int] = _one) -> None:
        self._room, self._weigh = room, weigh
        self._held: OrderedDict[Hashable, T] = OrderedDict()
        self._weight = 0
        self._lock = Lock()
        self._making: dict[Hashable, RLock] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What stands under `key`, which names all that it is made from; made where it is not there."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            making = self._making.setdefault(key, RLock())
        with making:
            try:
                found = self._held.get(key, NOTHING)
                return self.put(key, make()) if found is NOTHING else cast("T", found)
            finally:
                self._making.pop(key, None)

    def put(self, key: Hashable, made: T) -> T:
        """Keep what was made elsewhere, unless something stands there already. Returns what stands there."""
        with self._lock:
            if key not in self._held:
                self._held[key] = made
                self._weight += self._weigh(made)
            while self._weight > self._room and len(self._held) > 1:
                self._weight -= self._weigh(self._held.popitem(last=False)[1])
            return self._held.get(key, made)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._held
