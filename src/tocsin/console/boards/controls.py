"""The controls over a board: which board, the values of its variables, the span of time, and how often it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from tocsin.console import pieces, ranges
from tocsin.console.boards.looking import BoardsView
from tocsin.console.boards.variables import ALL, Choice
from tocsin.console.page import Visit

REFRESHES = {"": "Off", "5s": "5 s", "10s": "10 s", "30s": "30 s", "1m": "1 min", "5m": "5 min"}


def controls(view: BoardsView, visit: Visit) -> None:
    """Draw the controls; each choice goes into the address."""
    with ui.element("div").classes("bar"):
        pieces.heading(view.title, 1)
        with ui.element("div").classes("row push"):
            _board(view, visit)
            for choice in (view.choices or {}).values():
                if not choice.variable.hidden:
                    _variable(choice, visit)
            ends = (view.window.start, view.window.end) if view.window else None
            ranges.choice(view.start, view.end, ends, visit)
            _refresh(view, visit)
    with ui.element("div").classes("bar under"):
        pieces.words(view.description.replace("`", ""), "span", "faint")
        if view.links:
            with ui.element("nav").classes("row push").props('aria-label="From here"'):
                for title, address in view.links:
                    ui.link(title, address)
    for problem in filter(None, (view.problem, *(choice.problem for choice in (view.choices or {}).values()))):
        pieces.away(problem)


def _select(label: str, options: Mapping[str, str], value: Any, change: Any, *, several: bool = False) -> None:
    shown = ui.select(dict(options), value=value, label=label, multiple=several)
    shown.props("dense outlined options-dense").classes("choice")
    shown.on_value_change(lambda event: change(event.value))


def _board(view: BoardsView, visit: Visit) -> None:
    async def change(uid: str) -> None:
        gone = {f"var-{name}": None for name in (view.choices or {})}
        await visit.go({**gone, "uid": uid, "refresh": None})

    _select("Board", {each.uid: each.title for each in view.shelf}, view.uid, change)


def _variable(choice: Choice, visit: Visit) -> None:
    variable = choice.variable
    every = {ALL: "All"} if variable.all else {}
    options = {**every, **{value: value for value in (*choice.values, *choice.chosen) if value != ALL}}

    async def change(value: Any) -> None:
        values = tuple(value) if isinstance(value, list) else (str(value),)
        if ALL in values and choice.all_chosen and len(values) > 1:
            values = tuple(each for each in values if each != ALL)
        elif ALL in values:
            values = (ALL,)
        await visit.go({f"var-{variable.name}": values})

    chosen = list(choice.chosen) if variable.several else next(iter(choice.chosen), None)
    _select(variable.label, options, chosen, change, several=variable.several)


def _refresh(view: BoardsView, visit: Visit) -> None:
    options = REFRESHES if view.refresh in REFRESHES else {view.refresh: view.refresh, **REFRESHES}

    async def change(value: str) -> None:
        await visit.go({"refresh": value})

    _select("Refresh", options, view.refresh, change)
