"""Shows how the stack comes up: a live table on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tocsin.stack.part import PartState

_SIGNS = {"healthy": ("✓", "green"), "waiting": ("·", "dim")}
_ALARM = ("✗", "red")


class Progress:
    """Tells a person at the *console* what becomes of the stack whose run folder is *folder*."""

    def __init__(self, folder: Path, console: Console | None = None) -> None:
        self._folder = folder
        self._console = console or Console(highlight=False)
        self._states: dict[str, PartState] = {}
        self._began = 0.0
        self._came_up: dict[str, float] = {}
        self._live: Live | None = None
        self._stopping = False
        self._remark = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._end_table()

    def starting(self, parts: Iterable[PartState], remark: str = "") -> None:
        """Hear of all parts before the first of them changes; a *remark* is said when they begin."""
        self._remark = remark
        self._states = {part.name: part for part in parts}

    def notice(self, part: PartState) -> None:
        """Say what changed; the first change is the beginning."""
        if self._stopping:
            return
        if not self._began:
            self._begin()
        before = self._states[part.name].health
        self._states[part.name] = part
        if part.health == "healthy" and part.name not in self._came_up:
            self._came_up[part.name] = time.monotonic() - self._began
            if self._live is None:
                self._say(f"  {part.name:<22} healthy after {self._came_up[part.name]:.1f} s")
        elif self._live is None and part.health != before:
            self._say_change(part)

    def ready(self) -> None:
        """Say that every part is healthy, and where."""
        self._end_table()
        self._say(f"Ready after {time.monotonic() - self._began:.1f} s; Ctrl-C stops everything.")
        for part in self._states.values():
            if part.url:
                self._say(f"  {part.name:<22} {part.url}")

    def stopping(self) -> None:
        """Say that the parts are being stopped."""
        self._end_table()
        self._stopping = True
        self._say("Stopping ...")

    def stopped(self, *, was_ready: bool) -> None:
        """Say that nothing runs any more."""
        before = "" if was_ready else " before every part was healthy"
        self._say(f"Stopped{before}; nothing is left running.")

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._say(f"Starting {len(self._states)} parts; all that they write is in {self._folder}")
        if self._remark:
            self._say(self._remark)
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._table, console=self._console, refresh_per_second=8)
            self._live.start()

    def _say_change(self, part: PartState) -> None:
        match part.health:
            case "restarting":
                self._say(f"{part.name} {part.reason}: restart {part.restarts}.")
            case "healthy" | "unhealthy":
                self._say(f"{part.name} is {part.health}.")

    def _say(self, line: str) -> None:
        # Whoever read this may be gone (a closed pipe or terminal); the stack runs on until it is told to stop.
        with suppress(OSError, SystemExit):
            self._console.print(line, markup=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for part in self._states.values():
            table.add_row(self._sign(part), part.name, self._fare(part), Text(part.reason, style="red"))
        return table

    def _sign(self, part: PartState) -> Text | Spinner:
        if part.health == "starting":
            return Spinner("dots")
        sign, style = _SIGNS.get(part.health, _ALARM)
        return Text(sign, style=style)

    def _fare(self, part: PartState) -> str:
        came_up = self._came_up.get(part.name)
        return part.health if came_up is None else f"{part.health} after {came_up:.1f} s"

    def _end_table(self) -> None:
        if self._live is not None:
            with suppress(OSError, SystemExit):
                self._live.stop()
            self._live = None
