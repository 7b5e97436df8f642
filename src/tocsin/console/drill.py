"""Breaks a service on purpose, and shows the incident unfold on one timeline."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from nicegui import ui
from starlette.datastructures import QueryParams

from tocsin.console import pieces
from tocsin.console.drills import Choice, Drills, Incident
from tocsin.console.page import Page, Redraw, Visit
from tocsin.console.pieces import Meaning
from tocsin.console.sources import Sources
from tocsin.console.spelling import clock
from tocsin.console.timeline import draw_timeline, told


@dataclass(frozen=True, slots=True)
class Drilling:
    """What can be drilled, and what was; the fault of the drill under way is *now* seconds ago."""

    choices: tuple[Choice, ...] = ()
    incidents: tuple[Incident, ...] = ()
    busy: bool = False
    speed: int = 1
    now: float = 0.0


async def look(sources: Sources, _: QueryParams) -> Drilling:
    """Look at the drills."""
    drills = sources.drills
    if drills is None:
        return Drilling()
    broken = drills.incidents[0].broken if drills.busy else None
    now = 0.0 if broken is None else round(time.time() - broken, 1)
    return Drilling(drills.choices, drills.incidents, drills.busy, drills.speed, now)


def draw(view: Drilling, visit: Visit) -> Redraw:
    """Draw what can be broken, and how it went; return how newer views are put in."""
    pieces.heading("Drill", 1)
    drills = visit.sources.drills
    if drills is None or not view.choices:
        pieces.empty("Nothing can be drilled from here: `tocsin console` needs the tools that `make setup` unpacks.")
        return lambda _: None
    word = _choosing(view, visit, drills)
    none = pieces.empty("No drill yet: choose an alert, and break what it is for.")
    place = ui.element("div")
    drawn: dict[float, tuple[object, _Drawn]] = {}

    def put(newer: Drilling) -> None:
        word.set_text("Stop it" if newer.busy else "Break it")
        none.set_visibility(not newer.incidents)
        for gone in drawn.keys() - {each.began for each in newer.incidents}:
            drawn.pop(gone)[1].box.delete()
        for at, incident in enumerate(newer.incidents):
            now = newer.now if newer.busy and not at else 0.0
            if incident.began not in drawn:
                with place:
                    drawn[incident.began] = ("", _Drawn(incident))
                drawn[incident.began][1].box.move(place, target_index=at)
            before, box = drawn[incident.began]
            if before != (incident, now):
                box.show(incident, now)
                drawn[incident.began] = ((incident, now), box)

    put(view)
    return put


def _choosing(view: Drilling, visit: Visit, drills: Drills) -> pieces.Words:
    """Draw the choice and its button, and return the word on that."""
    faults = {each.alert: f"{each.alert}: {each.fault}" for each in view.choices}
    asked = visit.query.get("alert", "")
    with pieces.card("Break a service"):
        told_ = f"It happens in a stack of its own, {view.speed} times as fast; what other pages show is not touched."
        pieces.words(told_, "p", "faint")
        with ui.element("div").classes("row"):
            chosen = ui.select(faults, value=asked if asked in faults else next(iter(faults)), label="Alert and fault")
            chosen.classes("wide").props("dense outlined")

            async def press() -> None:
                if drills.busy:
                    drills.stop()
                elif refused := drills.begin(str(chosen.value)):
                    ui.notify(refused)
                await visit.look_again()

            with pieces.button("", press).classes("main") as button:
                button.clear()
                return pieces.words("Break it")


class _Drawn:
    """An incident on the screen."""

    def __init__(self, incident: Incident) -> None:
        with pieces.card(incident.choice.alert) as self.box:
            with ui.element("div").classes("row"):
                self._badge = pieces.badge("", "text")
                self._sentence = pieces.words("", "span", "verdict-words").props('role="status"')
                at = datetime.fromtimestamp(incident.began, UTC)
                pieces.words(f"begun at {clock(at)}", classes="faint push")
            self._place = ui.element("div")

    def show(self, incident: Incident, now: float) -> None:
        """Put newer steps in."""
        word, meaning = state(incident)
        self._badge.classes(replace=f"badge {meaning}").set_text(word)
        self._sentence.set_text(told(incident))
        self._place.clear()
        with self._place:
            draw_timeline(incident, now)


def state(incident: Incident) -> tuple[str, Meaning]:
    """Return what to say of it in a word, and what that means."""
    if incident.problem:
        return "failed", "critical"
    if incident.stopped:
        return ("stopped" if incident.ended else "stopping"), "silent"
    if incident.ended:
        return "rang and resolved", "ok"
    return "under way", "warning"


PAGE = Page(path="/drill", title="Drill", look=look, draw=draw, every=1.0)
