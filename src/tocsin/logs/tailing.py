"""The newest records of a store, and those that come after them, each once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from tocsin.logs import layout
from tocsin.logs.database import TABLE, opened
from tocsin.logs.sql import Parameter
from tocsin.model import COLUMNS, TocsinError

Row = dict[str, Any]
"""A record by the names of the model's columns; those without a value are left out."""

SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_CHUNK = 1 << 16
_POLL = 0.2
"""Seconds between two looks, much less than a file stays that no longer counts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: of *services*, at least of a *severity*, of a *trace*, with a *text* in the message; else all.

    Those of before *since*, and from *until* on, are not wanted.
    """

    services: frozenset[str] = frozenset()
    severity: str = SEVERITIES[0]
    trace: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a severity that there is not.

        Raises:
            TocsinError: there is no such severity.

        """
        if self.severity not in SEVERITIES:
            raise TocsinError(f"There is no severity {self.severity!r}: choose from {', '.join(SEVERITIES)}.")

    @property
    def severities(self) -> tuple[str, ...]:
        """The severities that are wanted; none if all are."""
        least = SEVERITIES.index(self.severity)
        return SEVERITIES[least:] if least else ()

    def has(self, row: Row) -> bool:
        """Tell whether a record is wanted."""
        return (
            (not self.services or row.get("service") in self.services)
            and (not self.severities or row.get("severity") in self.severities)
            and (not self.trace or row.get("trace") == self.trace)
            and (not self.text or self.text in row.get("message", ""))
            and (self.since is None or row["time"] >= self.since)
            and (self.until is None or row["time"] < self.until)
        )

    def query(self, count: int) -> tuple[str, dict[str, Parameter]]:
        """Return the query of the newest records, and its parameters."""
        clauses = ["TRUE"]
        values: dict[str, str] = {}
        for column, several in (("service", sorted(self.services)), ("severity", self.severities)):
            names = [f"{column}{number}" for number in range(len(several))]
            values |= dict(zip(names, several, strict=True))
            if names:
                clauses.append(f"{column} IN ({', '.join(f'@{name}' for name in names)})")
        if self.trace:
            clauses.append("trace = @trace")
            values["trace"] = self.trace
        if self.text:
            clauses.append("STRPOS(message, @text) > 0")
            values["text"] = self.text
        for name, sign, at in (("since", ">=", self.since), ("until", "<", self.until)):
            if at is not None:
                clauses.append(f"time {sign} CAST(@{name} AS TIMESTAMP)")
                values[name] = at.isoformat()
        sql = f"SELECT * FROM {TABLE} WHERE {' AND '.join(clauses)} ORDER BY time DESC LIMIT {count}"  # noqa: S608 - all values are parameters
        return sql, {name: Parameter("STRING", value) for name, value in values.items()}


@dataclass(slots=True)
class _Reading:
    """A segment that is read from a place on; the file stays open, for it may be removed."""

    segment: layout.Segment
    file: BinaryIO
    place: int = 0

    def lines(self) -> list[bytes]:
        """Return the whole lines since the last call."""
        self.file.seek(self.place)
        fresh = self.file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self.place += len(whole)
        return whole.split(b"\n")[:-1]

    def backwards(self) -> Iterator[bytes]:
        """Yield the whole lines so far, the last first, and go on behind them."""
        size = end = self.file.seek(0, os.SEEK_END)
        rest = b""
        first = True
        while end:
            start = max(0, end - _CHUNK)
            self.file.seek(start)
            block = self.file.read(end - start) + rest
            rest, *lines = block.split(b"\n") if start else (b"", *block.split(b"\n"))
            if first and lines:
                self.place = size - len(lines.pop())
                first = False
            yield from reversed(lines)
            end = start


@dataclass(slots=True)
class Tail:
    """The end of a store as it was when this was made, and what comes after."""

    store: Path
    wanted: Wanted
    _sealed: tuple[layout.Sealed, ...] = ()
    _readings: list[_Reading] = field(default_factory=list)
    _highest: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List the store, and open what is appended to."""
        files = layout.readable(self.store)
        self._sealed = files.sealed
        for sealed in files.sealed:
            self._highest[sealed.service] = max(self._highest.get(sealed.service, -1), sealed.last)
        for segment in files.segments:
            self._open(segment)

    def __enter__(self) -> Self:
        """Begin to read."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        for reading in self._readings:
            reading.file.close()

    def newest(self, count: int) -> list[Row]:
        """Return the newest *count* records that are wanted, the oldest first; to be called before `fresh`."""
        found = list(self._of_parquet(count)) if count and self._sealed else []
        for reading in self._readings:
            taken: list[Row] = []
            for line in reading.backwards():
                row = read(line)
                if row and self.wanted.has(row) and len(taken) < count:
                    taken.append(row)
                if len(taken) >= count:
                    break
            found += reversed(taken)
        return sorted(found, key=_time)[-count:] if count else []

    def fresh(self) -> list[Row]:
        """Return the records since the last call, the oldest first."""
        for segment in layout.segments(self.store):
            if segment.number > self._highest.get(segment.service, -1):
                self._open(segment)
        rows: list[Row] = []
        for reading in list(self._readings):
            done = reading.segment.seal.exists()
            rows += (row for line in reading.lines() if (row := read(line)) and self.wanted.has(row))
            if done:
                reading.file.close()
                self._readings.remove(reading)
        return sorted(rows, key=_time)

    def follow(self) -> Iterator[Row]:
        """Yield records as they come, for ever."""
        while True:
            yield from self.fresh()
            time.sleep(_POLL)

    def _open(self, segment: layout.Segment) -> None:
        self._highest[segment.service] = max(self._highest.get(segment.service, -1), segment.number)
        try:
            self._readings.append(_Reading(segment, segment.lines.open("rb")))
        except FileNotFoundError:
            return

    def _of_parquet(self, count: int) -> Iterator[Row]:
        with opened(self.store, files=layout.Readable((), self._sealed)) as database:
            answer = database.ask(*self.wanted.query(count))
        for values in answer.rows:
            row = {
                column.name: value for column, value in zip(answer.columns, values, strict=True) if value is not None
            }
            if "fields" in row:
                row["fields"] = orjson.loads(row["fields"])
            yield row


def read(line: bytes) -> Row | None:
    """Return a line's record; None for what the view `logs` leaves out too, a line that is no record with a time."""
    try:
        members = orjson.loads(line)
        said = datetime.fromisoformat(members["time"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    row: Row = {}
    for column in COLUMNS:
        value: Any = members
        for name in column.path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            row[column.name] = _int(value) if column.type == "INT64" else value
    row["time"] = said if said.tzinfo else said.replace(tzinfo=UTC)
    if "trace" in row:
        row["trace"] = str(row["trace"]).rpartition("/")[2]
    if "latency" in row:
        row["latency"] = _seconds(row["latency"])
    return row


def _int(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _seconds(latency: Any) -> float | None:
    try:
        return float(str(latency).removesuffix("s"))
    except ValueError:
        return None


def _time(row: Row) -> datetime:
    said: datetime = row["time"]
    return said


def wanted(services: Sequence[str], severity: str, trace: str, text: str) -> Wanted:
    """Return what is wanted, as a person names it."""
    return Wanted(frozenset(services), severity.upper(), trace.rpartition("/")[2], text)
