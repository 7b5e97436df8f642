"""The keys of the shared file: which series has which slots.

Records are only ever appended, under the mutex; what lies behind the bytes that are in use was never written, or by a
worker that died over it. A key's first slot follows from the keys before it, and is the same in every page.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Literal

from tocsin.model import Counter, Gauge, Histogram, Signal
from tocsin.sdk.exposition import Labels
from tocsin.sdk.workers.memory import (
    ARCHIVE,
    ARCHIVE_WORDS,
    CHUNK,
    KEY_BYTES,
    KEYS,
    KEYS_USED,
    PAGES,
    RESERVED,
    SLOTS,
    WORD,
    Memory,
)

Kind = Literal["counter", "gauge", "histogram"]

_KINDS: dict[type[Signal], Kind] = {Counter: "counter", Gauge: "gauge", Histogram: "histogram"}
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Key:
    """A series; *across* belongs to a gauge and *bounds* to a histogram."""

    kind: Kind
    name: str
    labels: Labels = ()
    across: str = ""
    bounds: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """Its slots: a counter's number; a gauge's number and when it was set; a histogram's buckets and sum."""
        return {"counter": 1, "gauge": 2, "histogram": len(self.bounds) + 2}[self.kind]

    @classmethod
    def of(cls, signal: Signal, labels: Labels) -> Key:
        """Return the key of *signal*'s series with these labels."""
        across = signal.across if isinstance(signal, Gauge) else ""
        bounds = signal.buckets if isinstance(signal, Histogram) else ()
        return cls(_KINDS[type(signal)], signal.name, labels, across, bounds)

    def spelled(self) -> bytes:
        """Return it as ASCII."""
        return json.dumps([self.kind, self.name, self.labels, self.across, self.bounds]).encode()

    @classmethod
    def read(cls, spelled: bytes) -> Key:
        """Return what *spelled* spells."""
        kind, name, labels, across, bounds = json.loads(spelled)
        return cls(kind, name, tuple((label, value) for label, value in labels), across, tuple(bounds))


class Keys:
    """The keys of *memory* as far as this process has read them; *used* slots, and where each key's begin."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._read = 0
        self.used = 0
        self.starts: dict[Key, int] = {}
        self.gauges: list[tuple[int, str]] = []
        """Where each gauge begins, and how the workers' values become one."""

    def sync(self) -> list[Key]:
        """Read the keys that were added since, by whomever, and return them."""
        new = []
        end = self._memory.words[KEYS_USED]
        while self._read < end:
            begin = KEYS * WORD + self._read + _LENGTH.size
            (length,) = _LENGTH.unpack_from(self._memory.raw, begin - _LENGTH.size)
            key = Key.read(self._memory.raw[begin : begin + length])
            self._read += _LENGTH.size + _padded(length)
            self._know(key)
            new.append(key)
        return new

    def add(self, key: Key) -> int | None:
        """Return where the slots of *key* begin, giving it some if it has none; None if there is no room for it.

        The mutex must be held, and everything read.
        """
        if key in self.starts:
            return self.starts[key]
        spelled = key.spelled()
        record = _LENGTH.pack(len(spelled)) + spelled.ljust(_padded(len(spelled)))
        if self._read + len(record) > KEY_BYTES or self.used + key.size > SLOTS:
            return None
        try:
            self._reserve(self.used + key.size)
            self._memory.write(KEYS + self._read // WORD, record)
        except OSError:
            return None
        self._memory.words[KEYS_USED] = self._read + len(record)
        self._read += len(record)
        self._know(key)
        return self.starts[key]

    def _know(self, key: Key) -> None:
        self.starts[key] = self.used
        if key.kind == "gauge":
            self.gauges.append((self.used, key.across))
        self.used += key.size

    def _reserve(self, slots: int) -> None:
        """Fill both copies of the archive up to *slots*: whatever can be recorded can be archived."""
        words = self._memory.words
        while words[RESERVED] < slots:
            reserved = words[RESERVED]
            for copy in range(2):
                self._memory.fill(ARCHIVE + copy * ARCHIVE_WORDS + PAGES + reserved, min(CHUNK, SLOTS - reserved))
            words[RESERVED] = reserved + CHUNK


def _padded(length: int) -> int:
    return -(-length // WORD) * WORD
