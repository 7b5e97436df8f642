"""Draws the overview: a card for each service, which stays where it is while what is in it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from tocsin.console import pieces
from tocsin.console.boards import units
from tocsin.console.overview.signals import WINDOW, Signal
from tocsin.console.overview.view import Firing, Overview, Seen, State, ago
from tocsin.console.page import Redraw, Visit
from tocsin.console.spelling import lasting

_MEANINGS: Mapping[State, pieces.Meaning] = {
    "critical": "critical",
    "warning": "warning",
    "unknown": "silent",
    "ok": "ok",
}
_SCARCE = 0.25
_HOLD = (
    "setTimeout(() => document.activeElement === document.body && window.held?.isConnected"
    " && window.held.focus({preventScroll: true}), 50)"
)
"""Gives the keyboard back to what had it: a browser takes it away from what is moved."""


def draw(view: Overview, _: Visit) -> Redraw:
    """Draw a card for each service; a newer view is put into the same cards."""
    pieces.heading("Overview", 1)
    top = ui.element("div")
    grid = ui.element("div").classes("cards services")
    verdict: list[pieces.Words] = []
    cards: dict[str, _Card] = {}

    def say(newer: Overview) -> None:
        if newer.away or not newer.services:
            verdict.clear()
            top.clear()
            with top:
                pieces.away(newer.away) if newer.away else pieces.empty(
                    "The catalog has no services: declare one, and it is here."
                )
            return
        if not verdict:
            top.clear()
            with top:
                verdict.append(pieces.words("", "p"))
                verdict[0].props["role"] = "status"
        verdict[0].set_text(newer.sentence)
        verdict[0].classes(replace=f"verdict {_MEANINGS[newer.services[0].state]}")

    def show(newer: Overview) -> None:
        say(newer)
        grid.set_visibility(bool(newer.services))
        for seen in newer.services:
            if seen.service not in cards:
                with grid:
                    cards[seen.service] = _Card(seen.service)
            cards[seen.service].show(seen, newer.at)
        _order(grid, [cards[seen.service].box for seen in newer.services])

    show(view)
    return show


def _order(grid: ui.element, boxes: list[ui.element]) -> None:
    """Put the cards in this order, moving only those that stand elsewhere."""
    moved = False
    for at, box in enumerate(boxes):
        if grid.default_slot.children[at] is not box:
            box.move(grid, target_index=at)
            moved = True
    if moved:
        ui.run_javascript(_HOLD)


class _Rows:
    """Rows that stay while their keys do; *make* draws that of a key, and returns what shows a value in it."""

    def __init__(self, place: ui.element, make: Callable[[Any], Callable[[Any], object]]) -> None:
        self._place = place
        self._make = make
        self._rows: dict[Any, Callable[[Any], object]] = {}

    def show(self, values: Mapping[Any, Any]) -> None:
        """Show these, in their order."""
        if list(values) != list(self._rows):
            self._place.clear()
            with self._place:
                self._rows = {key: self._make(key) for key in values}
        for key, value in values.items():
            self._rows[key](value)


class _Card:
    """What is known of a service, on the screen."""

    def __init__(self, service: str) -> None:
        self.box = pieces.card()
        self._service = service
        with self.box:
            with ui.element("div").classes("row"):
                with pieces.heading("", 2):
                    ui.link(service, f"/boards?uid=tocsin-{service}-health")
                self._word = pieces.badge("", "text")
            self._reason = pieces.words("", "p")
            self._rings = _Rows(ui.element("div"), self._ring)
            self._signals = _Rows(ui.element("dl").classes("signals"), self._signal)
            self._over = pieces.words("", "p", "faint note")
            self._budgets = _Rows(ui.element("div"), _budget)
            self._started = pieces.words("", "p", "faint started")

    def show(self, seen: Seen, now: float) -> None:
        """Put newer knowledge in."""
        meaning = _MEANINGS[seen.state]
        self.box.classes(replace=f"card service {meaning}")
        self.box.props["aria-label"] = f"{seen.service}: {seen.word}"
        self._word.classes(replace=f"badge {meaning}").set_text(seen.word)
        self._reason.classes(replace=f"reason ink-{meaning}")
        _say(self._reason, ", ".join(seen.reasons))
        self._rings.show({(each.name, each.severity, each.slo): _lasting(each, now) for each in seen.firing})
        self._signals.show({each.name: (each, now) for each in seen.signals})
        _say(self._over, _young(seen))
        self._budgets.show(dict(sorted(seen.budgets.items())))
        _say(self._started, "" if seen.started is None else f"Deployed or restarted {ago(seen.started, now)} ago")

    def _ring(self, ring: tuple[str, str, str]) -> Callable[[str], object]:
        name, severity, slo = ring
        with ui.element("p").classes("ring"):
            pieces.badge(severity or "alert", "critical" if severity == "critical" else "warning")
            own = (self._service, name, *([slo] if slo else []))
            ui.link(f"{name} {slo}".strip(), f"/alerts?{urlencode({'alert': '/'.join(own)})}")
            return pieces.words("", "span", "faint").set_text

    def _signal(self, name: str) -> Callable[[tuple[Signal, float]], None]:
        with ui.element("div"):
            pieces.words(name, "dt", "faint")
            with ui.element("dd"):
                value, line = pieces.words("", "strong"), pieces.Sparkline("", name)

        def show(of: tuple[Signal, float]) -> None:
            signal, now = of
            value.set_text(signal.text)
            value.classes(replace="faint" if signal.value is None else "")
            line.show(signal.path, f"{name} of {self._service} in the last {ago(signal.start, now + 60)}")

        return show


def _budget(objective: str) -> Callable[[float], None]:
    with ui.element("div").classes("budget"):
        pieces.words(objective, "span", "faint")
        with ui.element("span").classes("meter").props('aria-hidden="true"'):
            fill = ui.element("i")
        words = pieces.words("", "span")

    def show(left: float) -> None:
        meaning = "critical" if left <= 0 else "warning" if left < _SCARCE else "ok"
        fill.classes(replace=meaning).style(replace=f"width: {max(0.0, min(1.0, left)):.1%}")
        words.classes(replace=f"number ink-{meaning}")
        words.set_text("gone" if left <= 0 else f"{units.spelled(left, 'percentunit')} left")

    return show


def _young(seen: Seen) -> str:
    if seen.over >= WINDOW:
        return ""
    if all(signal.value is None for signal in seen.signals):
        return "Its signals come with the second scrape."
    return f"Over the last {lasting(seen.over)}: there is not more history yet."


def _lasting(ring: Firing, now: float) -> str:
    return "" if ring.since is None else f"for {ago(ring.since, now)}"


def _say(words: pieces.Words, text: str) -> None:
    """Say it, or take no room where there is nothing to say."""
    words.set_text(text)
    words.set_visibility(bool(text))
