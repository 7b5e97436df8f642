"""Draws the page of objectives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.boards.palette import palette
from tocsin.console.objectives.courses import draw_course, draw_eaten
from tocsin.console.objectives.view import SPANS, Burn, Objective, Objectives
from tocsin.console.page import Redraw, Visit
from tocsin.console.pieces import Meaning
from tocsin.console.spelling import number, percent

_LOW = 0.25
"""The part of the budget below which it is told as a warning."""


def draw(view: Objectives, visit: Visit) -> Redraw:
    """Draw what is left of each budget, beside it what became of the chosen one; return how newer ones are put in."""
    top = ui.element("div")
    with ui.element("div").classes("aside"):
        listed, chosen = ui.element("div").classes("picks"), ui.element("div")
    about: dict[ui.element, object] = {}

    def fill(box: ui.element, of: object, drawing: Callable[[], None]) -> None:
        if box not in about or about[box] != of:
            about[box] = of
            box.clear()
            with box:
                drawing()

    def put(new: Objectives) -> None:
        fill(top, (new.span, new.away, bool(new.objectives)), partial(_top, new, visit))
        rows = tuple((each.key, meaning(each), _left(each)) for each in new.objectives)
        fill(listed, (rows, new.chosen), partial(_list, new, visit))
        fill(chosen, new, partial(_chosen, new, visit))

    put(view)
    return put


def _top(view: Objectives, visit: Visit) -> None:
    with ui.element("div").classes("bar"):
        pieces.heading("Objectives", 1)
        pieces.words(f"promised over {view.period}", "span", "faint")
        with ui.element("div").classes("row push"):
            for span in SPANS:
                pieces.button(span, partial(visit.go, {"span": span}), on=span == view.span)
    for sentence in view.away:
        pieces.away(sentence)
    if not view.objectives:
        pieces.empty("No service promises anything: declare `objectives` in its monitoring.py.")


def _list(view: Objectives, visit: Visit) -> None:
    for objective in view.objectives:
        _pick(objective, view, visit)


def meaning(objective: Objective) -> Meaning:
    """Return what the colour of an objective stands for."""
    if objective.remaining is None:
        return "silent"
    return "critical" if objective.remaining <= 0 else "warning" if objective.remaining < _LOW else "ok"


def _pick(objective: Objective, view: Objectives, visit: Visit) -> None:
    row = ui.element("button").classes(f"pick {meaning(objective)}").props('type="button"')
    row.props["aria-current"] = "true" if objective.key == view.chosen else "false"
    row.on("click", partial(visit.go, {"objective": objective.key}), args=[])
    with row:
        with ui.element("span").classes("row"):
            pieces.words(objective.name, "strong")
            pieces.words(objective.service, "span", "faint")
            pieces.words(_left(objective), "span", f"push ink-{meaning(objective)}")
        with ui.element("span").classes("remaining"):
            part = max(0.0, min(1.0, objective.remaining or 0.0))
            ui.element("span").classes(f"fill {meaning(objective)}").style(f"width: {part * 100:.1f}%")


def _left(objective: Objective) -> str:
    if objective.remaining is None:
        return "nothing known yet"
    if objective.remaining < -1:
        return f"spent {1 - objective.remaining:,.0f} times over"
    if objective.remaining < 0:
        return f"overspent by {percent(-objective.remaining)}"
    return f"{percent(objective.remaining)} left"


def _chosen(view: Objectives, visit: Visit) -> None:
    objective = next((each for each in view.objectives if each.key == view.chosen), None)
    if objective is None:
        return
    with pieces.card(f"{objective.service}: {objective.name}"):
        pieces.words(objective.because, "p")
        tables.facts(
            (
                ("Promised", f"{percent(objective.ratio)} over {view.period}"),
                ("Budget", _left(objective)),
                (f"Events in {view.span}", _events(objective)),
            )
        )
    ground = palette(dark=visit.dark)
    with pieces.card("Budget left"):
        draw_course(view.remaining, (view.start, view.end), ground, percentages=True)
    with pieces.card(f"What ate it in {view.span}"):
        draw_eaten(view, objective)
    with pieces.card("Burn: how many times faster than promised"):
        draw_course(view.burning, (view.start, view.end), ground, percentages=False)
        heads = ("Window", "Burn", "An alert may ring above", "State")
        if objective.burns:
            tables.table("Burn by window", heads, map(_burn, objective.burns), (1, 2))


def _events(objective: Objective) -> str:
    if not objective.counted:
        return "not counted: every five minutes are good or bad as a whole"
    if objective.bad is None or objective.total is None:
        return "nothing known yet"
    return f"{objective.bad:,.0f} bad of {objective.total:,.0f}"


def _burn(burn: Burn) -> list[tables.Cell]:
    state: Meaning = "text" if burn.limit is None else "ok"
    if burn.above:
        state = "critical" if burn.severity == "critical" else "warning"
    words = "" if burn.limit is None else "above" if burn.above else "below"
    return [
        burn.window,
        number(burn.rate),
        "" if burn.limit is None else number(burn.limit),
        partial(pieces.badge, words, state) if words else "",
    ]
