"""Where a store of log lines keeps what, and which of its files count.

    segments/SERVICE/lock               held by the one who writes SERVICE
    segments/SERVICE/NUMBER.jsonl       lines; only the one of the highest number is appended to
    segments/SERVICE/NUMBER.places      how far each source had been read after each batch of lines
    segments/SERVICE/NUMBER.sealed      says that Parquet holds the lines of NUMBER.jsonl now
    days/YYYY-MM-DD/SERVICE-NUMBER.parquet        what a segment holds of a day (UTC)
    days/YYYY-MM-DD/SERVICE-FIRST_LAST.parquet    the same of several segments, compacted
    lock                                held by the one who seals, compacts and removes

A line is in several files for a while, and the names tell which of them counts. A segment counts until its `.sealed`
appears, and while it counts, no Parquet of its number does. Of compacted files those count that no other file of their
day and service covers. Who lists segments before days therefore sees each line exactly once, whatever is sealed or
compacted meanwhile; files that no longer count stay for GRACE, so that who listed them can still read them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.model import TocsinError

GRACE = 60.0
"""Seconds for which a file that no longer counts is kept for whoever listed it before."""

DIGITS = 8

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SEGMENT = re.compile(r"(\d{8,})\.jsonl")
_SEALED = re.compile(r"(.+)-(\d{8,})(?:_(\d{8,}))?\.parquet")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Segment:
    """The lines of a service that were appended under one number."""

    folder: Path
    number: int

    @property
    def service(self) -> str:
        """The service whose stream it is."""
        return self.folder.name

    @property
    def lines(self) -> Path:
        """The file of the lines."""
        return self._file("jsonl")

    @property
    def places(self) -> Path:
        """The file that says how far each source had been read."""
        return self._file("places")

    @property
    def seal(self) -> Path:
        """The file whose presence says that Parquet holds the lines."""
        return self._file("sealed")

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.number:0{DIGITS}}.{suffix}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A Parquet file: what the segments *first* to *last* of *service* hold of *day*."""

    path: Path
    day: str
    service: str
    first: int
    last: int

    def covers(self, other: Sealed) -> bool:
        """Tell whether all that *other* holds is in this one."""
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class Readable:
    """All files that count, at one moment."""

    segments: tuple[Segment, ...]
    sealed: tuple[Sealed, ...]


def readable(store: Path) -> Readable:
    """List the files of *store* in which each line is exactly once; a store that does not exist yet has none.

    List again when one of them is gone by the time it is opened: it was removed by age or size, or the listing is older
    than GRACE.
    """
    live = tuple(segment for segment in segments(store) if not segment.seal.exists() and segment.lines.exists())
    numbers: dict[str, list[int]] = defaultdict(list)
    for segment in live:
        numbers[segment.service].append(segment.number)
    there = (
        file
        for file in sealed_files(store)
        if not any(file.first <= number <= file.last for number in numbers[file.service])
    )
    return Readable(live, tuple(uncovered(there)))


def services(store: Path) -> tuple[Path, ...]:
    """Return the folder of each service's segments."""
    folder = store / "segments"
    return tuple(sorted(path for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()


def segments(store: Path) -> Iterator[Segment]:
    """Yield all segments, those that no longer count too, by service and number."""
    for folder in services(store):
        yield from segments_in(folder)


def segments_in(folder: Path) -> list[Segment]:
    """Return the segments of a service, by number."""
    found = (_SEGMENT.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted((Segment(folder, int(name[1])) for name in found if name), key=lambda segment: segment.number)


def sealed_files(store: Path) -> Iterator[Sealed]:
    """Yield all Parquet files, those that no longer count too, by day."""
    folder = store / "days"
    for day in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _DAY.fullmatch(day.name):
            for path in sorted(day.iterdir()):
                if name := _SEALED.fullmatch(path.name):
                    yield Sealed(path, day.name, name[1], int(name[2]), int(name[3] or name[2]))


def uncovered(files: Iterable[Sealed]) -> Iterator[Sealed]:
    """Yield those that no other of the same day and service covers."""
    order = sorted(files, key=lambda file: (file.day, file.service, file.first, -file.last))
    before: Sealed | None = None
    for file in order:
        if before and (before.day, before.service) == (file.day, file.service) and before.covers(file):
            continue
        before = file
        yield file


def sealed_path(store: Path, day: str, service: str, first: int, last: int) -> Path:
    """Return where the lines of *day* of the segments *first* to *last* belong."""
    numbers = f"{first:0{DIGITS}}" if first == last else f"{first:0{DIGITS}}_{last:0{DIGITS}}"
    return store / "days" / day / f"{service}-{numbers}.parquet"


def service_folder(store: Path, service: str) -> Path:
    """Return the folder of *service*'s segments.

    Raises:
        TocsinError: the name cannot be a folder's.

    """
    if not _SERVICE.fullmatch(service):
        raise TocsinError(
            f"A service cannot be called {service!r} in a store: "
            "give up to 100 letters, digits, hyphens, dots and underscores with --service."
        )
    return store / "segments" / service
