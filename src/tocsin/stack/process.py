"""One running program: a session of its own, its output in a log file, ended together with all its children."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tocsin.stack import tether

_TETHER = Path(tether.__file__)


class Process:
    """A program that was started, and that dies with this process even when this process is killed (on Linux)."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self._running = running

    @classmethod
    async def start(cls, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Process:
        """Start *command* in *folder*, with *environment* added to ours, its output appended to *log*.

        Raises:
            OSError: the log cannot be written, or no process can be made.

        """
        tethered = (sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            running = await asyncio.create_subprocess_exec(
                *tethered,
                cwd=folder,
                env={**os.environ, **environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            os.close(output)
        return cls(running)

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group and session."""
        return self._running.pid

    async def ended(self) -> str:
        """Wait for the end, and say how it ended."""
        code = await self._running.wait()
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    async def end(self, grace: float) -> None:
        """End the whole group: SIGTERM, and SIGKILL for what is left after *grace* seconds."""
        try:
            if self._running.returncode is None:
                self._signal(signal.SIGTERM)
                with suppress(TimeoutError):
                    async with asyncio.timeout(grace):
                        await self._running.wait()
        finally:
            self.kill()
        await self._running.wait()

    def kill(self) -> None:
        """Send SIGKILL to the whole group."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # the latter is macOS's word for a group of zombies
            os.killpg(self.pid, number)
