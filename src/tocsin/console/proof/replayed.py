"""Draws a rehearsal: what came in, what the alert compares with its thresholds, and when it was pending and rang."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from tocsin.console import pieces
from tocsin.console.boards.palette import Palette, palette
from tocsin.console.spelling import lasting, number
from tocsin.proof.shown import Input, Points, Replay, Side

_UNITS = (("days", 86_400.0, 3.0), ("hours", 3_600.0, 3.0), ("minutes", 60.0, 2.0), ("seconds", 1.0, 0.0))
"""Each unit of the axis with its seconds, and how many of it there must be for it to be taken."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """The time after the fault, in a *unit* of so many seconds."""

    unit: str
    size: float
    ink: Palette

    def at(self, seconds: float) -> float:
        return round(seconds / self.size, 4)

    def data(self, points: Points) -> list[list[float | None]]:
        return [[self.at(at), value] for at, value in points]


def draw(replay: Replay, *, dark: bool) -> None:
    """Draw a replay."""
    axis = _axis(replay, palette(dark=dark))
    pieces.words(told(replay), "p", "told")
    pieces.words(
        "In each chart the grey stretch is the fault, the yellow one the time that the alert is pending; the dashed "
        f"line is the threshold. Times are {axis.unit} after the fault begins.",
        "p",
        "faint",
    )
    pieces.heading("What the alert compares", 3)
    pieces.words(replay.expression, "pre")
    for side in replay.sides:
        _side(side, replay, axis)
    pieces.heading("What came in", 3)
    for unit in dict.fromkeys(each.unit for each in replay.inputs):
        _inputs([each for each in replay.inputs if each.unit == unit], unit, replay, axis)


def told(replay: Replay) -> str:
    """Say when an alert was pending, rang and was silent again, or why it was silent."""
    if replay.firing is None or replay.after is None:
        return _silent(replay)
    words = [f"It rings {lasting(replay.after)} after the fault begins"]
    if replay.pending is not None and replay.pending < replay.firing:
        words.append(f"having been pending for {lasting(replay.firing - replay.pending)}")
    if replay.last is not None and replay.last + replay.step > replay.until:
        words.append(f"and is silent {lasting(replay.last + replay.step - replay.until)} after the fault is over")
    return ", ".join(words) + "."


def _silent(replay: Replay) -> str:
    if replay.pending is not None:
        return f"It is pending, but never for the {lasting(replay.lasting)} for which it must hold, and stays silent."
    against = [side.name for side in replay.sides if side.against and side.held]
    if against:
        return f"It stays silent while this holds: {'; '.join(against)}."
    missed = sum(not side.held for side in replay.sides if not side.against)
    if missed:
        return f"It stays silent: {missed} of its comparisons never {'holds' if missed == 1 else 'hold'}."
    return "It stays silent: its comparisons never hold together."


def outcome(side: Side) -> str:
    """Say of a comparison since when it holds, and how far what is compared went."""
    values = [value for _, value in side.points if value is not None]
    bounds = [bound for _, bound in side.bounds if bound is not None]
    if not values:
        return "there is no value"
    falls = side.operator.startswith("<")
    extreme = f"at {'least' if falls else 'most'} {number(min(values) if falls else max(values))}"
    limit = f"threshold {side.operator} {number(bounds[-1])}" if bounds else "no threshold"
    return f"{_since(side)}{extreme}, {limit}"


def _since(side: Side) -> str:
    if not side.held:
        return ""
    first = side.held[0]
    when = (
        f"{lasting(first)} after the fault begins"
        if first > 0
        else "the fault begins"
        if first == 0
        else "before the fault"
    )
    return f"{'since' if first < 0 else 'from' if first > 0 else 'as'} {when}: "


def _side(side: Side, replay: Replay, axis: _Axis) -> None:
    said = outcome(side)
    with ui.element("div").classes("side"):
        if side.against:
            pieces.badge("keeps it silent" if side.held else "would keep it silent", "silent")
        elif side.held:
            pieces.badge("holds", "ok")
        else:
            pieces.badge("never holds", "text")
        pieces.words(said, "span", "faint")
        pieces.words(" ".join(side.name.split()), "div", "mono")
        if side.against and not side.held:
            return
        drawn = [
            _line(side.name, axis.data(side.points), axis.ink.series[0]),
            _line("threshold", axis.data(side.bounds), axis.ink.named("red"), "dashed"),
        ]
        _chart(drawn, replay, axis, f"{side.name} {said}")


def _inputs(fed: Sequence[Input], unit: str, replay: Replay, axis: _Axis) -> None:
    with ui.element("div").classes("side"):
        pieces.words(unit or "value", "div", "faint")
        for each, colour in zip(fed, axis.ink.series, strict=False):
            with ui.element("div").classes("key mono"):
                ui.element("i").style(f"background: {colour}")
                pieces.words(each.name)
        drawn = [
            _line(each.name, axis.data(each.points), colour) for each, colour in zip(fed, axis.ink.series, strict=False)
        ]
        _chart(drawn, replay, axis, f"{', '.join(each.name for each in fed)}, {unit or 'value'}")


def _axis(replay: Replay, ink: Palette) -> _Axis:
    times = [at for side in replay.sides for at, _ in side.points]
    span = max(times) - min(times)
    unit, size = next((unit, size) for unit, size, least in _UNITS if span >= least * size)
    return _Axis(unit, size, ink)


def _line(name: str, data: list[list[float | None]], colour: str, kind: str = "solid") -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "data": data,
        "showSymbol": False,
        "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "width": 2 if kind == "solid" else 1.5, "type": kind},
    }


def _chart(lines: list[dict[str, Any]], replay: Replay, axis: _Axis, title: str) -> None:
    ink = axis.ink
    lines[0] |= {
        "markArea": {"silent": True, "data": list(_areas(replay, axis))},
        "markLine": {"silent": True, "symbol": "none", "data": list(_marks(replay, axis))},
    }
    label: dict[str, Any] = {"color": ink.faint, "hideOverlap": True}
    times = [at for line in lines for at, _ in line["data"]]
    box = ui.element("div").props('role="img"')
    box.props["aria-label"] = title
    with box:
        ui.echart(
            {
                "animation": False,
                "grid": {"left": 64, "right": 20, "top": 22, "bottom": 24},
                "tooltip": {"trigger": "axis", "renderMode": "richText"},
                "xAxis": {
                    "type": "value",
                    "min": min(times),
                    "max": max(times),
                    "axisLabel": label | {"showMinLabel": False, "showMaxLabel": False},
                    "splitLine": {"show": False},
                },
                "yAxis": {
                    "type": "value",
                    "splitNumber": 3,
                    "axisLine": {"show": False},
                    "axisTick": {"show": False},
                    "axisLabel": label,
                    "splitLine": {"lineStyle": {"color": ink.line}},
                },
                "series": lines,
            }
        ).classes("chart replay")


def _areas(replay: Replay, axis: _Axis) -> Iterable[list[dict[str, Any]]]:
    def area(first: float, last: float, colour: str) -> list[dict[str, Any]]:
        return [{"xAxis": axis.at(first), "itemStyle": {"color": colour, "opacity": 0.16}}, {"xAxis": axis.at(last)}]

    yield area(0.0, replay.until, axis.ink.faint)
    if replay.pending is not None and replay.firing is not None and replay.pending < replay.firing:
        yield area(replay.pending, replay.firing, axis.ink.named("yellow"))


def _marks(replay: Replay, axis: _Axis) -> Iterable[dict[str, Any]]:
    for words, at, colour in (
        ("pending", replay.pending if replay.pending != replay.firing else None, axis.ink.named("orange")),
        ("rings", replay.firing, axis.ink.named("red")),
    ):
        if at is not None and math.isfinite(at):
            yield {
                "xAxis": axis.at(at),
                "lineStyle": {"color": colour, "type": "solid", "width": 1.5},
                "label": {
                    "formatter": words,
                    "color": colour,
                    "align": "left" if words == "rings" else "right",
                },
            }
