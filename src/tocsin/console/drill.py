"""Breaks a service on purpose, and shows the incident unfold on one timeline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from nicegui import ui
from starlette.datastructures import QueryParams

from tocsin.console import pieces
from tocsin.console.drills import Choice, Incident, Step
from tocsin.console.page import Page, Visit
from tocsin.console.pieces import Meaning
from tocsin.console.sources import Sources


@dataclass(frozen=True, slots=True)
class Drilling:
    """What can be drilled, and what was."""

    choices: tuple[Choice, ...] = ()
    incidents: tuple[Incident, ...] = ()
    busy: bool = False
    speed: int = 1


async def look(sources: Sources, _: QueryParams) -> Drilling:
    """Look at the drills."""
    drills = sources.drills
    return Drilling() if drills is None else Drilling(drills.choices, drills.incidents, drills.busy, drills.speed)


def draw(view: Drilling, visit: Visit) -> None:
    """Draw what can be broken, and how it went."""
    pieces.heading("Drill", 1)
    if not view.choices:
        pieces.empty("Nothing can be drilled from here: `tocsin console` needs the tools that `make setup` unpacks.")
        return
    _choosing(view, visit)
    if not view.incidents:
        pieces.empty("No drill yet: choose an alert, and break what it is for.")
    for incident in view.incidents:
        _incident(incident)


def _choosing(view: Drilling, visit: Visit) -> None:
    faults = {each.alert: f"{each.alert}: {each.fault}" for each in view.choices}
    asked = visit.query.get("alert", "")
    with pieces.card("Break a service"):
        told = f"It happens in a stack of its own, {view.speed} times as fast; what other pages show is not touched."
        pieces.words(told, "p", "faint")
        with ui.element("div").classes("row"):
            chosen = ui.select(faults, value=asked if asked in faults else next(iter(faults)), label="Alert and fault")
            chosen.classes("wide")
            button = ui.button("Break it", on_click=lambda: _begin(visit, str(chosen.value)))
            button.props("unelevated no-caps").classes("go").set_enabled(not view.busy)


async def _begin(visit: Visit, alert: str) -> None:
    drills = visit.sources.drills
    refused = drills.begin(alert) if drills else "Nothing can be drilled from here."
    if refused:
        ui.notify(refused)
    await visit.go({"alert": alert})


def _incident(incident: Incident) -> None:
    said, meaning = _state(incident)
    with pieces.card(incident.choice.alert):
        with ui.element("div").classes("row"):
            pieces.badge(said, meaning)
            pieces.words(incident.choice.fault, classes="faint")
            at = time.strftime("%H:%M:%S", time.localtime(incident.began))
            pieces.words(at, classes="faint push mono")
        if incident.problem:
            pieces.away(f"{incident.problem}.")
        _timeline(incident.steps)


def _state(incident: Incident) -> tuple[str, Meaning]:
    """Return what to say of it, and what that means."""
    if incident.problem:
        return "failed", "critical"
    if incident.ended:
        return "rang, reached people, resolved", "ok"
    return (incident.steps[-1].name if incident.steps else "a stack of its own starts"), "warning"


_AFTER: dict[str, Meaning] = {
    "fault in": "text",
    "pending": "warning",
    "firing": "critical",
    "delivered": "critical",
    "fault out": "silent",
}
"""What the time after a step means."""


def _timeline(steps: Sequence[Step]) -> None:
    """Draw the steps one after the other, each as wide as it took; a list, for those who cannot see it."""
    with ui.element("ol").classes("timeline"):
        for step, following in zip_longest(steps, steps[1:]):
            meaning = _AFTER[step.name] if following else "end"
            took = max(0.4, following.seconds - step.seconds) if following else 0.0
            with ui.element("li").classes(f"after-{meaning}").style(f"flex-grow: {took:.2f}"):
                pieces.words(step.name, "strong")
                pieces.words(f"{step.seconds:.1f} s", classes="number faint")


PAGE = Page(path="/drill", title="Drill", look=look, draw=draw, every=1.0)
