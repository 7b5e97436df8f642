"""Drills that readers of the console began: one at a time, each an incident that is told step by step."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from tocsin.model import TocsinError

KEPT = 8
"""Incidents that are remembered, the newest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An alert that can be drilled, and what is broken for it."""

    alert: str
    fault: str


@dataclass(frozen=True, slots=True)
class Step:
    """What came so many *seconds* after the fault."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Incident:
    """A drill of one alert: its steps so far; *problem* is why it failed, if it did; *stopped* that a reader did it.

    It *began* at a time in seconds since the epoch, and the service was *broken* at another, once it was.
    """

    choice: Choice
    began: float
    broken: float | None = None
    steps: tuple[Step, ...] = ()
    ended: bool = False
    stopped: bool = False
    problem: str = ""


Drill = Callable[[str, Callable[[str, float], None]], Awaitable[str]]
"""Drills an alert, tells each step with its seconds, and returns what was wrong, or nothing."""


class Drills:
    """The drills that readers began, one at a time; *speed* is by how much their durations are divided."""

    def __init__(self, choices: Sequence[Choice], drill: Drill, speed: int) -> None:
        self.choices = tuple(choices)
        self.speed = speed
        self.incidents: tuple[Incident, ...] = ()
        self._drill = drill
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Tell whether a drill is under way."""
        return self._task is not None and not self._task.done()

    def begin(self, alert: str) -> str:
        """Begin to drill an alert; return why not, or nothing."""
        choice = next((each for each in self.choices if each.alert == alert), None)
        if choice is None:
            return f"No drill knows the alert {alert}: choose another one."
        if self.busy:
            return "A drill is under way: wait until it has ended."
        self.incidents = (Incident(choice, time.time()), *self.incidents)[:KEPT]
        self._task = asyncio.create_task(self._run(alert))
        return ""

    async def ended(self) -> None:
        """Wait until nothing is under way."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def stop(self) -> None:
        """Stop what is under way; it has ended once all that it started is gone."""
        if self._task is not None and self.busy:
            self._change(replace(self.incidents[0], stopped=True))
            self._task.cancel()

    async def end(self) -> None:
        """Stop what is under way, with all that it started."""
        self.stop()
        await self.ended()

    async def _run(self, alert: str) -> None:
        problem = "The drill broke off, which is a fault of the console: its log has the reason"
        try:
            problem = await self._drill(alert, self._note)
        except TocsinError as failure:
            problem = str(failure)
        except asyncio.CancelledError:
            problem = ""
            raise
        except Exception:
            logging.getLogger(__name__).exception("The drill of %s broke off.", alert)
        finally:
            self._change(replace(self.incidents[0], ended=True, problem=problem))

    def _note(self, step: str, seconds: float) -> None:
        before = self.incidents[0]
        broken = before.broken or time.time() - seconds
        self._change(replace(before, broken=broken, steps=(*before.steps, Step(step, seconds))))

    def _change(self, incident: Incident) -> None:
        self.incidents = (incident, *self.incidents[1:])
