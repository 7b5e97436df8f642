"""The choice of a span of time, which goes into the address under Grafana's names, `from` and `to`."""

from __future__ import annotations

from datetime import datetime

from nicegui import ui

from tocsin.console import pieces
from tocsin.console.page import Visit

SPANS = {
    "now-5m": "Last 5 minutes",
    "now-15m": "Last 15 minutes",
    "now-1h": "Last hour",
    "now-6h": "Last 6 hours",
    "now-24h": "Last 24 hours",
    "now-7d": "Last 7 days",
    "now-30d": "Last 30 days",
}

_CHOSEN, _ASK, _ALWAYS = "chosen", "", "always"
_FORMAT = "%Y-%m-%dT%H:%M"


def choice(start: str, end: str, ends: tuple[float, float] | None, visit: Visit, *, always: str = "") -> None:
    """Draw the choice, of which *start* and *end* stand in the address and *ends* are the moments that they mean.

    *always* is what no span at all is called, where that may be chosen.
    """
    usual = _usual(start, end)
    options = {**({_ALWAYS: always} if always else {}), **SPANS}
    if usual not in options:
        usual = _CHOSEN
        options = {_CHOSEN: said(ends) or f"{start} to {end}", **options}
    asking = _asking(ends, visit)

    async def change(value: str) -> None:
        if value == _ASK:
            asking.open()
        elif value != _CHOSEN:
            named = value != _ALWAYS
            await visit.go({"from": value if named else None, "to": "now" if named else None})

    shown = ui.select({**options, _ASK: "From ... to ..."}, value=usual, label="Time")
    shown.props("dense outlined options-dense").classes("choice")
    shown.on_value_change(lambda event: change(event.value))


def said(ends: tuple[float, float] | None) -> str:
    """Return the span in words."""
    if ends is None:
        return ""
    start, end = (datetime.fromtimestamp(at).astimezone() for at in ends)
    return f"{start:%d %b %H:%M} to {end:{'%H:%M' if start.date() == end.date() else '%d %b %H:%M'}}"


def _usual(start: str, end: str) -> str:
    if not start and not end:
        return _ALWAYS
    return start if end == "now" else _CHOSEN


def _asking(ends: tuple[float, float] | None, visit: Visit) -> ui.dialog:
    with ui.dialog() as asking, ui.card():
        pieces.heading("From when to when", 2)
        first, last = (
            ui.input(label, value=datetime.fromtimestamp(at).astimezone().strftime(_FORMAT)).props(
                'type="datetime-local" stack-label'
            )
            for label, at in zip(("From", "To"), ends or _lately(), strict=True)
        )

        async def apply() -> None:
            try:
                start, end = (datetime.strptime(each.value, _FORMAT).astimezone() for each in (first, last))
            except (TypeError, ValueError):
                ui.notify("Both a day and a time are needed.")
                return
            await visit.go({"from": f"{start.timestamp() * 1000:.0f}", "to": f"{end.timestamp() * 1000:.0f}"})

        ui.button("Show", on_click=apply)
    return asking


def _lately() -> tuple[float, float]:
    now = datetime.now().astimezone().timestamp()
    return now - 3600, now
