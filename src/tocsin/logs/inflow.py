"""Standard input, read by a thread, so that whoever writes to it never waits for a disk.

What waits in memory is bounded. What is beyond the bound is dropped in whole lines, and a record says how much was.
"""

from __future__ import annotations

import fcntl
import os
import select
import threading
from contextlib import suppress

import orjson

from tocsin.logs.follow import Batch
from tocsin.logs.lines import Long

WAITING = 64 << 20
"""Bytes that may wait to be kept."""

_CHUNK = 256 << 10
_BATCH = 4 << 20
_PIPE = 1 << 20
_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)


class Inflow:
    """Reads *descriptor* until its end, and sets *came* whenever something came; at most *waiting* bytes wait."""

    def __init__(self, descriptor: int, came: threading.Event, *, waiting: int = WAITING) -> None:
        self.dropped = 0
        self._descriptor, self._came, self._most = descriptor, came, waiting
        self._buffer = bytearray()
        self._lock = threading.Lock()
        self._offered = self._told = self._telling = 0
        self._skips = self._ended = False
        if _SET_PIPE_SIZE is not None:
            with suppress(OSError):  # no pipe, or the system's bound for one user
                fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _PIPE)
        threading.Thread(target=self._read, name="standard input", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether all that will ever come was taken."""
        with self._lock:
            return self._ended and not self._buffer and self._told == self.dropped

    @property
    def idle(self) -> bool:
        """Whether nothing comes at this moment."""
        return self._ended or not select.select([self._descriptor], [], [], 0)[0]

    def batch(self, *, ended: bool = False) -> Batch | None:
        """Return the lines that came; where the input *ended*, a last one without a newline too."""
        with self._lock:
            end = self._buffer.rfind(b"\n", 0, _BATCH) + 1 or self._buffer.find(b"\n") + 1
            if not end and (ended or self._ended):
                end = len(self._buffer)
            data, self._offered, self._telling = bytes(self._buffer[:end]), end, self.dropped
        lines: list[bytes | Long] = [*data.removesuffix(b"\n").split(b"\n")] if data else []
        if self._telling > self._told:
            said = f"{self._telling - self._told} bytes of lines were dropped, as they came faster than they were kept."
            lines.append(orjson.dumps({"severity": "WARNING", "message": said}))
        return Batch(lines, size=end) if lines else None

    def took(self) -> None:
        """Hear that the batch was kept."""
        with self._lock:
            del self._buffer[: self._offered]
            self._offered, self._told = 0, self._telling

    def close(self) -> None:
        """Leave the input; its thread ends with the process."""

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self._descriptor, _CHUNK):
                with self._lock:
                    self._keep(data)
                self._came.set()
        self._ended = True
        self._came.set()

    def _keep(self, data: bytes) -> None:
        """Add *data* if there is room for it, and else drop it and the rest of the line that it ends in."""
        if self._skips:
            end = data.find(b"\n") + 1
            self.dropped += end or len(data)
            self._skips, data = not end, data[end or len(data) :]
        if len(self._buffer) + len(data) <= self._most:
            self._buffer += data
            return
        whole = max(self._buffer.rfind(b"\n") + 1, self._offered)
        self.dropped += len(self._buffer) - whole + len(data)
        del self._buffer[whole:]
        self._skips = not data.endswith(b"\n")
