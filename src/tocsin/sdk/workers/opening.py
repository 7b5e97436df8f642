"""How a process becomes a worker: it finds or makes the shared file, and claims a page of it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tocsin.sdk.process import birth
from tocsin.sdk.workers.keys import Key, Keys
from tocsin.sdk.workers.locks import ByteLocks
from tocsin.sdk.workers.memory import PAGES, Memory
from tocsin.sdk.workers.pages import MUTEX, Pages
from tocsin.sdk.workers.place import Place

SPENT = Key("counter", "process_cpu_seconds_total")
"""The series that every file has, since whoever is scraped records it in every page."""

_FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Membership:
    """The shared file, and this process's *page* of it."""

    memory: Memory
    locks: ByteLocks
    keys: Keys
    pages: Pages
    page: int

    def leave(self) -> None:
        """Close what is open, which gives up the page."""
        self.locks.close()
        self.memory.close()


def join(place: Place, patience: float) -> Membership | None:
    """Become a worker at *place*; None if others are busy there for more than *patience* seconds.

    Raises:
        OSError: it cannot be done.

    """
    place.prepare()
    while True:
        locks = ByteLocks(os.open(place.lock, _FLAGS | os.O_CREAT, _MODE), place.lock)
        membership = None
        try:
            with locks.holding(MUTEX, patience) as held:
                removed = held and not locks.in_place()
                if held and not removed:
                    membership = _claimed(_found(place, locks), locks)
        finally:
            if membership is None:
                locks.close()
        if not removed:
            return membership


def _claimed(memory: Memory, locks: ByteLocks) -> Membership:
    try:
        keys = Keys(memory)
        keys.sync()
        keys.add(SPENT)
        pages = Pages(memory, keys)
        ended = [page for page in pages.counting() if not locks.held_elsewhere(page)]
        if ended:
            pages.fold(ended)
        return Membership(memory, locks, keys, pages, pages.claim(locks, birth()))
    except OSError:
        memory.close()
        raise


def _found(place: Place, locks: ByteLocks) -> Memory:
    """Return the memory at *place*, a new one if there is none, or nobody left to whom it means anything."""
    try:
        memory = Memory(os.open(place.map, _FLAGS))
    except (FileNotFoundError, ValueError):  # there is none, or it is too short
        return _new(place)
    if memory.complete and (memory.origin == place.origin or _in_use(locks)):
        return memory
    memory.close()
    return _new(place)


def _new(place: Place) -> Memory:
    for lock in place.left_behind():
        with suppress(FileNotFoundError):  # somebody else is tidying too
            _remove(lock)
    half = place.map.with_suffix(".new")
    memory = Memory.create(os.open(half, _FLAGS | os.O_CREAT | os.O_TRUNC, _MODE), place.origin)
    half.replace(place.map)
    return memory


def _remove(lock: Path) -> None:
    """Remove a place's files, unless somebody uses them."""
    locks = ByteLocks(os.open(lock, _FLAGS), lock)
    with locks.holding(MUTEX, patience=0) as held:
        if held and not _in_use(locks):
            for path in (lock.with_suffix(".map"), lock.with_suffix(".new"), lock.with_suffix(".order"), lock):
                path.unlink(missing_ok=True)
    locks.close()


def _in_use(locks: ByteLocks) -> bool:
    return any(map(locks.held_elsewhere, range(PAGES)))
