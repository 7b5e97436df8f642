"""Follows a file by its path through rotation, truncation and copytruncate, from the place where it was left.

A file is known by its inode and the CRC-32 of its beginning. Renamed, it is read to its end while the new one is begun.
Truncated, what was not read yet is looked for in the copy that copytruncate left beside it, whose name begins with the
same name.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tocsin.logs.lines import LONGEST, Long
from tocsin.logs.places import Change, Key, Place

CHUNK = 1 << 20
"""Bytes that are read at a time; more than the longest line."""

HEAD = 1024
"""Bytes of its beginning by which a file is told from others."""

LINGER = 5.0
"""Seconds without a new line after which a file that was renamed is left; until then its writer may not know."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole *lines* without their newlines, and what is acknowledged with them."""

    lines: list[bytes | Long] = field(default_factory=list)
    change: Change = field(default_factory=Change)
    size: int = 0


class Follower:
    """Reads what is appended to *path*, from where *places* say that it was read to.

    A batch is offered again and again until `took` says that it is kept.
    """

    def __init__(self, path: Path, places: Mapping[Key, Place]) -> None:
        self._path = path.absolute()
        self._sources: list[_Source] = []
        self._taken: Callable[[], None] = lambda: None
        self._known = {place.inode: place for place in places.values() if place.path == str(self._path)}
        self._lost: list[Key] = []
        self._look()
        for place in self._known.values():
            self._resume(place)

    @property
    def there(self) -> bool:
        """Whether there is a file to read."""
        return bool(self._sources)

    def batch(self, *, ended: bool = False) -> Batch | None:
        """Return the next lines, or None while there are none; what has *ended* yields a last line without a newline.

        Raises:
            OSError: the file cannot be read.

        """
        if self._lost:
            return self._offer(Batch(change=Change(gone=tuple(self._lost))), self._lost.clear)
        for source in self._sources:
            expired = source.expired()
            found = source.read(ended=ended or expired)
            if found is None and source is self._sources[-1]:
                return self._begin_anew(source)
            if found and found.size:
                place = source.place(source.offset + found.size)
                batch = Batch(found.lines, Change((place,)), found.size)
                return self._offer(batch, partial(source.took, place))
            if expired or found is None:
                return self._offer(Batch(change=Change(gone=(source.key,))), partial(self._leave, source))
        return self.batch(ended=ended) if self._look() else None

    def took(self) -> None:
        """Hear that the batch was kept."""
        taken, self._taken = self._taken, lambda: None
        taken()

    def close(self) -> None:
        """Let go of the files."""
        for source in self._sources:
            source.close()
        self._sources.clear()

    def _offer(self, batch: Batch, taken: Callable[[], None]) -> Batch:
        self._taken = taken
        return batch

    def _look(self) -> bool:
        """Open the file that has the path now, if it is another one; tell whether it is."""
        with suppress(OSError):
            inode = self._path.stat().st_ino
            if any(source.inode == inode for source in self._sources):
                return False
            new = _Source(self._path, str(self._path))
            for source in self._sources:
                source.linger(LINGER)
            if place := self._known.pop(new.inode, None):
                new.took(place)
            self._sources.append(new)
            return True
        return False

    def _resume(self, place: Place) -> None:
        """Go on with a file that does not have the path any more, before the one that does."""
        if source := self._beside(lambda other: other.inode == place.inode and other.has(place)):
            source.took(place)
            source.linger(LINGER)
            self._sources.insert(0, source)
        else:
            self._lost.append(place.key)

    def _begin_anew(self, source: _Source) -> Batch:
        """Read a truncated file from its beginning, after what its copy holds beyond the place."""
        place = source.place(source.offset, as_it_was=True)
        copy = self._beside(lambda other: other.inode != source.inode and other.has(place))

        def taken() -> None:
            source.took(source.beginning())
            if copy:
                copy.took(copy.place(place.offset))
                copy.linger(0)
                self._sources.insert(self._sources.index(source), copy)

        places = (copy.place(place.offset),) if copy else ()
        return self._offer(Batch(change=Change((*places, source.beginning()))), taken)

    def _leave(self, source: _Source) -> None:
        source.close()
        self._sources.remove(source)

    def _beside(self, wanted: Callable[[_Source], bool]) -> _Source | None:
        for path in sorted(self._path.parent.iterdir()):
            if path.name.startswith(self._path.name) and path.name != self._path.name and path.is_file():
                with suppress(OSError):
                    source = _Source(path, str(self._path))
                    if wanted(source):
                        return source
                    source.close()
        return None


class _Source:
    """An open file that is followed as *followed*, and how far it was read."""

    def __init__(self, path: Path, followed: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        self._followed = followed
        self.inode = os.fstat(self._descriptor).st_ino
        self.offset = self._head = self._crc = 0
        self._searched = 0
        self._until: float | None = None
        self._patience = 0.0

    @property
    def key(self) -> Key:
        return self._followed, self.inode

    def beginning(self) -> Place:
        return Place(path=self._followed, inode=self.inode, offset=0, head=0, crc=0)

    def place(self, offset: int, *, as_it_was: bool = False) -> Place:
        head, crc = self._head, self._crc
        if not as_it_was:
            text = os.pread(self._descriptor, min(HEAD, offset), 0)
            head, crc = len(text), zlib.crc32(text)
        return Place(path=self._followed, inode=self.inode, offset=offset, head=head, crc=crc)

    def has(self, place: Place) -> bool:
        """Tell whether what was read up to *place* is what this file begins with."""
        text = os.pread(self._descriptor, place.head, 0)
        whole = os.fstat(self._descriptor).st_size >= place.offset and len(text) == place.head
        return whole and zlib.crc32(text) == place.crc

    def took(self, place: Place) -> None:
        self.offset, self._head, self._crc = place.offset, place.head, place.crc
        self._searched = 0
        if self._until is not None:
            self.linger(self._patience)

    def linger(self, patience: float) -> None:
        self._patience = patience
        self._until = time.monotonic() + patience

    def expired(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until

    def read(self, *, ended: bool) -> Batch | None:
        """Return the lines that are there, of size 0 while there are none; None when the file was truncated."""
        data = os.pread(self._descriptor, CHUNK, self.offset)
        if not self.has(self.place(self.offset, as_it_was=True)):
            return None
        size = data.rfind(b"\n") + 1
        if size:
            return Batch([*data[: size - 1].split(b"\n")], size=size)
        if len(data) == CHUNK:
            return self._read_long(data[:LONGEST], ended=ended)
        return Batch([data], size=len(data)) if data and ended else Batch()

    def _read_long(self, beginning: bytes, *, ended: bool) -> Batch:
        """Look for the end of a line that is longer than CHUNK."""
        at = self.offset + max(self._searched, CHUNK)
        while data := os.pread(self._descriptor, CHUNK, at):
            end = data.find(b"\n")
            if end >= 0:
                size = at + end + 1 - self.offset
                return Batch([Long(beginning, size - 1)], size=size)
            at += len(data)
        self._searched = at - self.offset
        return Batch([Long(beginning, self._searched)], size=self._searched) if ended else Batch()

    def close(self) -> None:
        os.close(self._descriptor)
