"""How far each source has been read: a journal beside the segment, in which each batch of lines is acknowledged.

The first line holds the places from before the segment. Each further one says how long the segment's lines are with a
batch, the CRC-32 of that batch, and the places that changed with it. A line that is whole, and whose batch is, is the
acknowledgement; lines beyond the last of them were not acknowledged, and are read again from their source.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from tocsin.model import TocsinError

Key = tuple[str, int]
"""Which file a place is in: the path that is followed, and the inode, which a file keeps when it is renamed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far the file of *inode*, followed as *path*, was read; its first *head* bytes have the CRC-32 *crc*."""

    path: str
    inode: int
    offset: int
    head: int
    crc: int

    @property
    def key(self) -> Key:
        """Which file it is in."""
        return self.path, self.inode


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch changes: *places* are how far sources were read now, and *gone* files are read no more."""

    places: tuple[Place, ...] = ()
    gone: tuple[Key, ...] = ()


@dataclass(slots=True)
class Recovered:
    """What a journal acknowledges: the *places*, and the *length* of the lines; *size* is of the journal itself."""

    places: dict[Key, Place]
    length: int
    size: int


def beginning(places: Mapping[Key, Place]) -> bytes:
    """Return the first line of a journal."""
    return orjson.dumps([asdict(place) for place in places.values()], option=orjson.OPT_APPEND_NEWLINE)


def acknowledgement(length: int, batch: bytes, change: Change) -> bytes:
    """Return the line that acknowledges *batch*, with which the lines are *length* bytes long."""
    now = [asdict(place) for place in change.places]
    said = {"length": length, "crc": zlib.crc32(batch), "places": now, "gone": change.gone}
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def apply(places: dict[Key, Place], change: Change) -> None:
    """Change *places* as a batch did."""
    for key in change.gone:
        places.pop(key, None)
    places.update({place.key: place for place in change.places})


def recover(journal: Path, lines: Path) -> Recovered:
    """Read *journal*, and stop before the first batch that is not whole in the file *lines*.

    Raises:
        TocsinError: the journal's first line cannot be read; it was whole when the journal came to be.

    """
    first, *rest = journal.read_bytes().splitlines(keepends=True) or [b""]
    try:
        found = Recovered({}, 0, len(first))
        apply(found.places, _change(orjson.loads(first), ()))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise TocsinError(
            f"{journal} cannot be read ({error}): move it away, and what it tells of is shipped from the beginning."
        ) from None
    with lines.open("rb") as file:
        for line in rest:
            try:
                said = orjson.loads(line)
                batch = file.read(said["length"] - found.length)
                whole = line.endswith(b"\n") and found.length + len(batch) == said["length"]
                change = _change(said["places"], said["gone"])
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                break
            if not whole or zlib.crc32(batch) != said["crc"]:
                break
            apply(found.places, change)
            found.length, found.size = said["length"], found.size + len(line)
    return found


def _change(places: Iterable[dict[str, Any]], gone: Iterable[Sequence[Any]]) -> Change:
    return Change(tuple(Place(**place) for place in places), tuple((path, inode) for path, inode in gone))


def write_whole(path: Path, content: bytes) -> None:
    """Let *path* appear with *content* at once, and survive a power cut."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in *folder* survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
