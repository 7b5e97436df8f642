"""The stack on this machine: configured, checked, started, kept alive, stopped."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from tocsin import targets
from tocsin.model import TocsinError
from tocsin.stack import alertmanager, applications, bugsink, console, ports, prometheus, secrets, shipping, state
from tocsin.stack.part import Part, PartState
from tocsin.stack.setup import Setup
from tocsin.stack.supervisor import Supervisor


def parts(setup: Setup) -> tuple[Part, ...]:
    """Return every part of the stack, in the order in which people think of them.

    Raises:
        TocsinError: a program is missing.

    """
    customers = [applications.traffic(setup)] if setup.traffic else []
    tracker = [bugsink.part(setup)] if setup.tracked else []
    pages = [console.part(setup)] if setup.shown else []
    shipper = [shipping.part(setup)] if shipping.installed() else []
    return (
        applications.inbox(setup),
        alertmanager.part(setup),
        *tracker,
        *shipper,
        *applications.companions(setup),
        *applications.services(setup),
        prometheus.part(setup),
        *customers,
        *pages,
    )


class Stack:
    """A stack that is entered when all its parts are healthy, and left when nothing of it runs any more.

    *notice* is told each change of a part's state.
    """

    def __init__(self, setup: Setup, *, notice: Callable[[PartState], None] = lambda _: None) -> None:
        self._setup = setup
        self._supervisor = Supervisor(parts(setup), logs=setup.logs, notice=self._note)
        self._notice = notice
        self._since = time.time()
        self._held = ExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Configure and start all parts; call `stop` also when this fails.

        Raises:
            TocsinError: a stack runs in this folder already, the folder cannot be written, a port is taken, or a tool
                refuses the configuration.
            PartFailed: a part did not become healthy.

        """
        self._prepare()
        await asyncio.gather(
            asyncio.to_thread(prometheus.check, self._setup), asyncio.to_thread(alertmanager.check, self._setup)
        )
        await self._supervisor.start()

    async def stop(self) -> None:
        """Stop all parts; what was never started needs nothing."""
        try:
            await self._supervisor.stop()
        finally:
            self._held.close()

    @property
    def states(self) -> tuple[PartState, ...]:
        """Every part's state."""
        return self._supervisor.states

    @property
    def fault_token(self) -> str:
        """The token of the services' fault doors."""
        return self._setup.fault_token

    @property
    def speed(self) -> int:
        """By how much the plan's durations were divided."""
        return self._setup.speed

    def url(self, part: str) -> str:
        """Return the address of a part, without a path."""
        return self._setup.url(part)

    async def restart(self, part: str) -> None:
        """End a part, start it again, and wait until it is healthy; such a restart is not counted."""
        await self._supervisor.restart(part)

    async def hold_down(self, part: str) -> None:
        """Kill a part, and keep it down until it is released."""
        await self._supervisor.hold_down(part)

    async def release(self, part: str) -> None:
        """Let a part run again, and wait until it is healthy."""
        await self._supervisor.release(part)

    async def failure(self) -> None:
        """Wait for what ends the supervision itself, such as a full disk, and raise it."""
        await self._supervisor.failure()

    def _prepare(self) -> None:
        try:
            self._setup.folder.mkdir(parents=True, exist_ok=True)
            self._held.enter_context(state.sole(self._setup.folder))
            ports.require_free(self._setup.ports)
            self._write()
        except OSError as error:
            raise TocsinError(
                f"{error.filename or self._setup.folder} cannot be written ({error.strerror}): "
                "mend its permissions, or choose another --folder."
            ) from None
        state.write(self._setup.folder, self._supervisor.states, self._since)

    def _write(self) -> None:
        (self._setup.folder / ".gitignore").write_text("*\n", encoding="utf-8")
        for part in self._supervisor.states:
            self._setup.data(part.name).mkdir(parents=True, exist_ok=True)
        self._setup.logs.mkdir(exist_ok=True)
        secrets.write(self._setup)
        if self._setup.configuration.exists():
            shutil.rmtree(self._setup.configuration)
        for artifact in targets.build(self._setup.plan, self._setup.site):
            path = self._setup.configuration / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text, encoding="utf-8")

    def _note(self, part: PartState) -> None:
        state.write(self._setup.folder, self._supervisor.states, self._since)
        self._notice(part)
