"""Whether a service is ready: what its checks say, each within its time."""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tocsin.model import DeclarationError
from tocsin.sdk import loops
from tocsin.sdk.drain import Drain

Check = Callable[[], bool | Awaitable[bool]]

WITHIN = 0.8
"""Seconds that a check may take: a probe of Kubernetes or Cloud Run waits for one second, unless it is told."""

_DRAINING = "draining"


class Readiness:
    """The checks of a service; *say* is told, with a level of logging, when it stops being ready and is again."""

    def __init__(self, drain: Drain, say: Callable[[int, str], None]) -> None:
        self._drain = drain
        self._say = say
        self._ready = True
        self._asked: dict[str, _Asked] = {}

    def add(self, name: str, check: Check, within: float) -> None:
        """Ask *check* from now on, for at most *within* seconds.

        Raises:
            DeclarationError: *within* is no time.

        """
        if not 0 < within < math.inf:
            raise DeclarationError(
                f"The check {name!r} is to answer within {within:g} seconds: give it a positive number of seconds."
            )
        self._asked[name] = _Asked(check, within, _is_coroutine(check))

    async def failing(self) -> list[str]:
        """Return what keeps the service from being ready; every check is asked, beside the others.

        A service that drains is not ready whatever its checks say, so they are not asked.
        """
        problems = {_DRAINING: ""} if self._drain.begun else await self._problems()
        if self._ready is bool(problems):
            self._ready = not problems
            if problems:
                told = ", ".join(f"{name} {why}".strip() for name, why in problems.items())
                self._say(logging.WARNING, f"The service is not ready: {told}.")
            else:
                self._say(logging.INFO, "The service is ready again.")
        return list(problems)

    async def _problems(self) -> dict[str, str]:
        asked = dict(self._asked)
        found = {name: f"(no answer within {one.within:g} s)" for name, one in asked.items()}

        async def ask(name: str) -> None:
            problem = await asked[name].problem()
            if problem is None:
                del found[name]
            else:
                found[name] = problem

        def asking(name: str) -> loops.Work:
            return lambda: ask(name)

        await loops.within([(one.within, asking(name)) for name, one in asked.items()])
        return found


@dataclass(slots=True)
class _Asked:
    """A check and its seconds, whether it is called on the event loop, and the latest call in a thread."""

    check: Check
    within: float
    on_loop: bool
    call: loops.Call | None = None

    async def problem(self) -> str | None:
        """Ask; return None if all is well, or why it is not."""
        try:
            said = await self._said()
            if inspect.isawaitable(said):
                said = await said
            passes = bool(said)
        except Exception as error:  # noqa: BLE001 - a check may fail in any way that what it asks for can
            return f"({type(error).__name__})"
        return None if passes else ""

    async def _said(self) -> bool | Awaitable[bool]:
        """Call the check in a thread, unless it hangs there since somebody else asked: then wait for that call."""
        if not self.on_loop:
            mine = self.call is None or self.call.ended
            call = self.call = loops.Call(self.check) if self.call is None or self.call.ended else self.call
            said = await call.result()
            self.on_loop = inspect.isawaitable(said)  # so it cannot block, and nobody else may await this one
            if mine or not self.on_loop:
                return said  # type: ignore[no-any-return]  # what a check returns
        return self.check()


def _is_coroutine(check: Check) -> bool:
    return inspect.iscoroutinefunction(check) or inspect.iscoroutinefunction(type(check).__call__)
