"""SIGTERM: first say that the service is not ready, go on for a while, then let the server shut down its own way.

The handler that was there before (uvicorn's, gunicorn's, the application's) is called when the time is over. Where
there was none, the signal ends the process as it would have.

What must not be lost is flushed before. A process that ends by itself flushes at its exit; but a worker of uvicorn's,
when it has shut down, ends by the signal, which lets nothing more run. So an ASGI application flushes when it has shut
down, and since not every one is told of that (lifespan), also as soon as the server has heard of the signal.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Callable
from threading import Thread, Timer, current_thread, main_thread
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


class Drain:
    """The draining of this process, which may hold several observed services."""

    def __init__(self) -> None:
        self.begun = False
        """Whether SIGTERM has come."""
        self.flushes: list[Callable[[], None]] = []
        """What is called before the process ends, maybe more than once and in a thread.

        None may take long, and what one raises is not told.
        """
        self._seconds = 0.0
        self._timer: Timer | None = None

    def add(self, flush: Callable[[], None]) -> None:
        """Call *flush* before the process ends, by a signal or by itself."""
        if flush not in self.flushes:
            self.flushes.append(flush)
        self._flush_at_exit()

    def install(self, seconds: float = 0.0) -> None:
        """Go before whoever handles SIGTERM at present, and let *seconds* pass before they hear of it.

        A server may put its own handler first later on: installing again goes before that one too.
        """
        self._seconds = max(seconds, self._seconds)
        self._flush_at_exit()
        previous = signal.getsignal(signal.SIGTERM)
        if isinstance(previous, _First) or previous in (None, signal.SIG_IGN) or current_thread() is not main_thread():
            return
        signal.signal(signal.SIGTERM, _First(self, previous if callable(previous) else self._end))

    def waits(self) -> bool:
        """Begin to drain; tell whether there is still time to. A second signal is one of impatience."""
        first, self.begun = not self.begun, True
        if first and self._seconds > 0:
            self._timer = Timer(self._seconds, os.kill, (os.getpid(), signal.SIGTERM))
            self._timer.daemon = True
            self._timer.start()
            return True
        if self._timer is not None:
            self._timer.cancel()
        return False

    def flush(self) -> None:
        """Flush what must not be lost."""
        for flush in self.flushes:
            try:
                flush()
            except Exception:  # noqa: BLE001, S112 - the process ends, and the next one must be flushed too
                continue

    def _flush_at_exit(self) -> None:
        atexit.unregister(self.flush)
        atexit.register(self.flush)

    def _end(self, number: int, _: FrameType | None) -> None:
        self.flush()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


class _First:
    """A signal handler that drains, then calls *then*."""

    def __init__(self, drain: Drain, then: Handler) -> None:
        self._drain = drain
        self._then = then

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self._drain.waits():
            self._then(number, frame)
            Thread(target=self._drain.flush, name="tocsin-flush", daemon=True).start()


DRAIN = Drain()
