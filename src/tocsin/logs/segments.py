"""Appends the lines of a service: acknowledged when they are whole in the file, so that no kill loses or doubles one.

What is acknowledged survives a kill of the process at once, and a power cut after `Writer.sync`. A disk that is full or
fails leaves what was there as it was: a batch is whole in the file, or cut off again.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tocsin.logs import places
from tocsin.logs.layout import Segment, segments_in, service_folder
from tocsin.logs.places import Change, Key, Place
from tocsin.model import TocsinError

LARGEST = 64 << 20
"""Bytes after which a segment is closed."""

OLDEST = 600.0
"""Seconds after which a segment is closed."""

_MODE = 0o640


class Writer:
    """The one who appends to *service*'s segments in *store*.

    Raises:
        TocsinError: another one does, the folder cannot be written, or its journal was damaged.

    """

    def __init__(self, store: Path, service: str, *, largest: int = LARGEST, oldest: float = OLDEST) -> None:
        self.service = service
        self._folder = service_folder(store, service)
        self._largest, self._oldest = largest, oldest
        self._places: dict[Key, Place] = {}
        self._files: list[_File] = []
        self._unsynced = False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, _MODE)
        except OSError as error:
            raise TocsinError(
                f"{self._folder} cannot be written ({error.strerror}): mend its permissions, or name another --store."
            ) from None
        try:
            self._take_lock()
            self._resume()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    @property
    def places(self) -> Mapping[Key, Place]:
        """How far each source's lines are acknowledged."""
        return self._places

    def append(self, batch: bytes, change: Change = Change()) -> None:  # noqa: B008 - frozen
        """Append *batch*, whole lines, and acknowledge it together with *change*.

        Raises:
            OSError: it cannot be written; nothing of it is kept.

        """
        if self._is_due():
            self.roll()
        lines, journal = self._files
        lines.append(batch)
        try:
            journal.append(places.acknowledgement(lines.length, batch, change))
        except OSError:
            lines.take_back(len(batch))
            raise
        places.apply(self._places, change)
        self._unsynced = True

    def sync(self) -> None:
        """Let all that was acknowledged survive a power cut; close a segment that is large or old.

        Raises:
            OSError: the disk fails.

        """
        if self._unsynced:
            for file in self._files:
                file.sync()
            self._unsynced = False
        if self._is_due():
            self.roll()

    def roll(self) -> None:
        """Close the segment, if there is anything in it, so that it can be sealed."""
        if self._files[0].length:
            self._open(Segment(self._folder, self._number + 1))

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            file.close()
        self._files.clear()
        with suppress(OSError):
            os.close(self._lock)

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._lock, 20, 0).decode(errors="replace").strip()
            raise TocsinError(
                f"The process {owner or 'of another'} writes {self._folder} already: stop it, "
                "or give this stream another --service or --store."
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def _resume(self) -> None:
        """Go on with the last segment, after what was not acknowledged in it is cut off."""
        latest = max((segment.number for segment in segments_in(self._folder)), default=0)
        journals = [int(path.stem) for path in self._folder.glob("[0-9]*.places")]
        if journals:
            last = Segment(self._folder, max(journals))
            last.lines.touch(_MODE)
            found = places.recover(last.places, last.lines)
            self._places = found.places
            self._begin(last, found.length, found.size)
        if not journals or latest > max(journals):
            self._open(Segment(self._folder, latest + 1))

    def _open(self, segment: Segment) -> None:
        """Close the segment, and begin *segment* with the places as they are."""
        for file in self._files:
            file.sync()
        content = places.beginning(self._places)
        places.write_whole(segment.places, content)
        segment.lines.touch(_MODE)
        places.sync_folder(self._folder)
        self._begin(segment, 0, len(content))
        self._unsynced = False

    def _begin(self, segment: Segment, length: int, size: int) -> None:
        fresh = [_File(segment.lines, length), _File(segment.places, size)]
        for file in self._files:
            file.close()
        self._files, self._number, self._since = fresh, segment.number, time.monotonic()

    def _is_due(self) -> bool:
        lines, journal = self._files
        if not lines.length:
            return False
        return max(lines.length, journal.length) >= self._largest or time.monotonic() - self._since > self._oldest


class _File:
    """A file that is whole up to *length*; what is beyond is cut off before more is written."""

    def __init__(self, path: Path, length: int) -> None:
        self.length = length
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _MODE)
        self._torn = os.fstat(self._descriptor).st_size > length
        self._mend()

    def append(self, data: bytes) -> None:
        self._mend()
        view, at = memoryview(data), self.length
        try:
            while view:
                written = os.pwrite(self._descriptor, view, at)
                view, at = view[written:], at + written
        except OSError:
            self._torn = True
            with suppress(OSError):
                self._mend()
            raise
        self.length = at

    def take_back(self, size: int) -> None:
        """Cut off the last *size* bytes."""
        self.length -= size
        self._torn = True
        with suppress(OSError):
            self._mend()

    def sync(self) -> None:
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)

    def _mend(self) -> None:
        if self._torn:
            os.ftruncate(self._descriptor, self.length)
            self._torn = False
