"""Bounded memory: the newest things, up to a sum of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Items by number, oldest first; when their sizes exceed *limit* the oldest fall off, but never the last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._total = 0
        self._items: OrderedDict[int, tuple[T, int]] = OrderedDict()

    def put(self, number: int, item: T, size: int) -> list[T]:
        """Put *item* at its *number*, in place of what stood there; give what fell off for it."""
        self._total += size - self._items.get(number, (None, 0))[1]
        self._items[number] = (item, size)
        fallen = []
        while self._total > self._limit and len(self._items) > 1:
            oldest, weight = self._items.popitem(last=False)[1]
            self._total -= weight
            fallen.append(oldest)
        return fallen

    def take(self, number: int) -> None:
        """Take the item at *number* away."""
        self._total -= self._items.pop(number)[1]

    def __getitem__(self, number: int) -> T:
        return self._items[number][0]

    def __iter__(self) -> Iterator[T]:
        return (item for item, _ in self._items.values())

    def __reversed__(self) -> Iterator[T]:
        return (item for item, _ in reversed(self._items.values()))
