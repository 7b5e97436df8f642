"""The picture of an incident: what was broken, what the alert did, and what people were told, on one scale of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nicegui import ui

from tocsin.console import pieces
from tocsin.console.drills import Incident
from tocsin.console.pieces import Meaning

SCALES = (10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 3600)
"""Seconds that a picture may be wide; it is that next to what it has to hold."""

STEPS: Mapping[str, tuple[str, Meaning]] = {
    "fault in": ("Fault in", "text"),
    "pending": ("Pending", "warning"),
    "firing": ("Firing", "critical"),
    "delivered": ("People told", "critical"),
    "fault out": ("Fault out", "text"),
    "resolved": ("Resolved", "ok"),
}
"""How each step is called, and what its colour means."""

_LANES = ("Service", "Alert", "People")
_TICKS = 5
_LEGIBLE = 0.06
"""The share of the picture's width below which a bar says nothing; the steps below do."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What was the case from *start* to *end*, in seconds since the fault; *open* while it goes on."""

    lane: str
    start: float
    end: float
    meaning: Meaning
    words: str
    open: bool


def bars(incident: Incident, now: float) -> Iterator[Bar]:
    """Yield what was the case when; the fault is *now* seconds ago."""
    at = {step.name: step.seconds for step in incident.steps}
    end = (max(at.values()) if at else 0.0) if incident.ended else now
    for lane, first, until, words in (
        ("Service", "fault in", "fault out", incident.choice.fault),
        ("Alert", "pending", "firing", "pending"),
        ("Alert", "firing", "resolved", "firing"),
        ("People", "delivered", "resolved", "told"),
    ):
        if first in at:
            yield Bar(lane, at[first], at.get(until, end), STEPS[first][1], words, until not in at)


def width(seconds: float) -> float:
    """Return how many seconds the picture is wide that has to hold so many."""
    return next((scale for scale in SCALES if scale >= seconds), seconds)


def draw_timeline(incident: Incident, now: float) -> None:
    """Draw the picture, for the eye alone, and its steps as a list for everybody."""
    if not incident.steps:
        return
    end = incident.steps[-1].seconds if incident.ended else now
    whole = width(end * 1.02)
    with ui.element("div").classes("incident-plot").props('aria-hidden="true"'):
        for tick in range(_TICKS + 1):
            left = f"left: {tick / _TICKS:.2%}"
            ui.element("i").classes("tick").style(left)
            pieces.words(f"{whole * tick / _TICKS:g} s", "span", "tick-time").style(left)
        found = tuple(bars(incident, now))
        for lane in _LANES:
            with ui.element("div").classes("lane"):
                pieces.words(lane, "span", "lane-name")
                for bar in found:
                    if bar.lane == lane:
                        _bar(bar, whole)
        if not incident.ended:
            ui.element("i").classes("now").style(f"left: {now / whole:.2%}")
    _steps(incident)


def _bar(bar: Bar, whole: float) -> None:
    share = max(0.0, bar.end - bar.start) / whole
    place = f"left: {bar.start / whole:.3%}; width: {share:.3%}"
    pieces.words(
        bar.words if share > _LEGIBLE else "", "span", f"lane-bar {bar.meaning}{' open' if bar.open else ''}"
    ).style(place)


def _steps(incident: Incident) -> None:
    before = 0.0
    with ui.element("ol").classes("milestones"):
        for step in incident.steps:
            name, meaning = STEPS.get(step.name, (step.name, "text"))
            with ui.element("li").classes(meaning):
                pieces.words(name, "strong")
                pieces.words(f"{step.seconds:.1f} s", "span", "number")
                if step is not incident.steps[0]:
                    pieces.words(f"+{step.seconds - before:.1f} s", "span", "faint number")
            before = step.seconds


def told(incident: Incident) -> str:
    """Say in a sentence how it went."""
    at = {step.name: step.seconds for step in incident.steps}
    if incident.problem:
        last = f" The last step that came was {incident.steps[-1].name!r}." if incident.steps else ""
        return f"It failed: {incident.problem.rstrip('.')}.{last}"
    if incident.stopped:
        return "It was stopped before it was over, so it proves nothing." if incident.ended else "It is being stopped."
    if not incident.ended:
        return _under_way(incident)
    if not {"firing", "delivered", "fault out", "resolved"} <= at.keys():
        return "It ended without all of its steps, so it proves nothing."
    healed = at["resolved"] - at["fault out"]
    return (
        f"It rang {at['firing']:.1f} s after the fault, reached people after {at['delivered']:.1f} s, "
        f"and was resolved {healed:.1f} s after the fault was out."
    )


def _under_way(incident: Incident) -> str:
    if not incident.steps:
        return "A stack of its own starts, and waits until visitors come and the alert is silent."
    following = list(STEPS)[list(STEPS).index(incident.steps[-1].name) + 1 :]
    awaited = STEPS[following[0]][0].lower() if following else "its end"
    return f"{STEPS[incident.steps[-1].name][0]}; next is: {awaited}."
