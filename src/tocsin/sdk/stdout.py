"""Standard output, one write for each line; a closed, full or failing one never raises, and a slow one never blocks.

Lines are written at once while the reader keeps up, so that not even kill -9 loses them. What a pipe has no room for
waits in memory, at most BOUND bytes of it, for a thread that writes it in order; what is beyond is lost, and counted.

O_NONBLOCK would change the pipe for every process that shares it. So a single write is asked not to wait (RWF_NOWAIT
of Linux's pwritev2, for pipes since 6.4); where that is unknown, poll(2) is asked first, and then no more is written
than a pipe takes at once (PIPE_BUF, pipe(7)). A regular file takes all there is.
"""

from __future__ import annotations

import atexit
import errno
import os
import select
import stat
import sys
from collections import deque
from collections.abc import Callable
from threading import Condition, RLock, Thread
from typing import TextIO

BOUND = 4 << 20
"""Bytes that wait for a slow reader."""

PATIENCE = 2.0
"""Seconds that the end of the process waits for a slow reader."""

_AT_ONCE = select.PIPE_BUF
_NOWAIT = getattr(os, "RWF_NOWAIT", 0)

_UNKNOWN = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ESPIPE)
"""What a kernel says that cannot be asked not to wait."""

Lost = Callable[[], None]


class Stdout:
    """Writes to whatever sys.stdout is at the moment; *lost* is told of each line that could not be written."""

    def __init__(self, lost: Lost) -> None:
        self._lost = lost

    def write(self, line: bytes) -> None:
        """Write *line*, which ends with a newline."""
        try:
            output = _output if sys.stdout is _output.stream else _follow(sys.stdout)
            output.write(line, self._lost)
        except Exception:  # noqa: BLE001 - whatever is wrong with the output, the service goes on
            self._lost()


class Output:
    """A regular file, which takes a line at once."""

    def __init__(self, stream: TextIO | None, descriptor: int) -> None:
        self.stream = stream
        self._descriptor = descriptor

    def write(self, line: bytes, lost: Lost) -> None:  # noqa: ARG002 - for those that cannot tell at once
        """Write *line*, or raise."""
        written = os.write(self._descriptor, line)
        while written < len(line):
            written += os.write(self._descriptor, line[written:])

    def flush(self, seconds: float) -> None:
        """Wait for what has not been written yet."""


class Memory(Output):
    """A stream that is no file, or none at all."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream, -1)
        self._lock = RLock()

    def write(self, line: bytes, lost: Lost) -> None:  # noqa: ARG002 - for those that cannot tell at once
        """Write *line*, or raise."""
        if self.stream is None:
            raise OSError("There is no standard output.")
        with self._lock:
            self.stream.write(line.decode())
            self.stream.flush()


class Pipe(Output):
    """A pipe, socket or terminal, whose reader may be slow."""

    def __init__(self, stream: TextIO, descriptor: int) -> None:
        super().__init__(stream, descriptor)
        self._waiting: deque[tuple[bytes, Lost]] = deque()
        self._bytes = 0
        self._lock = RLock()
        """Held for one line, so that long lines of two threads do not mix."""
        self._emptied = Condition(self._lock)
        self._nowait = bool(_NOWAIT)

    def write(self, line: bytes, lost: Lost) -> None:
        """Write *line*, or as much of it as there is room for; the rest waits, behind what waits already."""
        with self._lock:
            if not self._waiting:
                line = line[self._written(line) :]
                if line:
                    waited = Thread(target=self._drain, args=(os.dup(self._descriptor),), daemon=True)
                    waited.start()
            elif self._bytes + len(line) > BOUND:
                lost()
                return
            if line:
                self._waiting.append((line, lost))
                self._bytes += len(line)

    def flush(self, seconds: float) -> None:
        """Wait for what has not been written yet."""
        with self._lock:
            self._emptied.wait_for(lambda: not self._waiting, seconds)

    def _written(self, line: bytes) -> int:
        """Return how many bytes of *line* could be written without waiting."""
        try:
            if self._nowait:
                return os.pwritev(self._descriptor, (line,), -1, _NOWAIT)
        except BlockingIOError:
            return 0
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
            self._nowait = False
        try:
            roomy = len(line) <= _AT_ONCE and _writable(self._descriptor, 0)
            return os.write(self._descriptor, line) if roomy else 0
        except BlockingIOError:  # somebody else made it so
            return 0

    def _drain(self, descriptor: int) -> None:
        """Write what waits, in its order, to a *descriptor* that stays open though the stream be closed."""
        with self._lock:
            line, lost = self._waiting[0]
        while True:
            try:
                _write_all(descriptor, line)
            except OSError:
                lost()
            with self._lock:
                self._waiting.popleft()
                self._bytes -= len(line)
                if not self._waiting:
                    self._emptied.notify_all()
                    os.close(descriptor)
                    return
                line, lost = self._waiting[0]


def _write_all(descriptor: int, line: bytes) -> None:
    while line:
        _writable(descriptor, None)
        try:
            line = line[os.write(descriptor, line) :]
        except BlockingIOError:  # another process was quicker
            continue


def _writable(descriptor: int, milliseconds: int | None) -> bool:
    asking = select.poll()
    asking.register(descriptor, select.POLLOUT)
    return bool(asking.poll(milliseconds))


_lock = RLock()
_output: Output = Memory(None)
"""What sys.stdout was when the last line was written."""


def _follow(stream: TextIO | None) -> Output:
    global _output  # noqa: PLW0603 - standard output is one for the process
    with _lock:
        if stream is not _output.stream:
            _output = _opened(stream)
        return _output


def _opened(stream: TextIO | None) -> Output:
    if stream is None:
        return Memory(None)
    try:
        descriptor = stream.fileno()
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:  # io.UnsupportedOperation: a stream in memory
        return Memory(stream)
    return Output(stream, descriptor) if regular else Pipe(stream, descriptor)


def flush() -> None:
    """Wait a little for what a slow reader has not taken yet."""
    _output.flush(PATIENCE)


def _forget() -> None:
    global _lock, _output
    _lock, _output = RLock(), Memory(None)


atexit.register(flush)
os.register_at_fork(after_in_child=_forget)
