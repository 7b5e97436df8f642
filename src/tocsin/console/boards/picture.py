"""A chart on the screen, with its legend."""

from __future__ import annotations

import orjson
from nicegui import ui

from tocsin.console import pieces
from tocsin.console.boards.changes import Change, beginning, change
from tocsin.console.boards.drawn import Chart, LegendRow
from tocsin.console.page import Visit

_DRAG = (
    "() => {{ const shown = getElement({number}); if (!shown?.chart || shown.drags) return; shown.drags = true; "
    "shown.chart.dispatchAction({{type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true}}); }}"
)
"""Lets the pointer select a span once the chart is there; the hole takes the number that NiceGUI gave the element."""


_OPEN = "pressed => openTrace(pressed)"
"""Opens the log lines of a trace whose dot is pressed; `static/charts.js` has it."""


class Picture:
    """A chart, and its legend beside or below."""

    def __init__(self, content: Chart, visit: Visit) -> None:
        self._visit = visit
        self._content = content
        options, first = beginning(content.options)
        with ui.element("div").classes("beside" if content.beside else "above"):
            self._chart = ui.echart(options).classes("chart")
            if content.zooms:
                self._chart.on("chart:finished", js_handler=_DRAG.format(number=self._chart.id))
                self._chart.on("chart:datazoom", self._zoom, ["batch"])
            self._legend = _Legend(content)
            self._chart.on("chart:click", js_handler=_OPEN)
        self._tell(first)

    def show(self, content: Chart) -> None:
        """Show *content* instead."""
        changed = change(self._content.options, content.options)
        self._content = content
        self._legend.show(content)
        if changed is None:
            options, changed = beginning(content.options)
            self._chart.options.clear()
            self._chart.options.update(options)
            self._chart.update()
        self._tell(changed)

    def _tell(self, changed: Change) -> None:
        if changed.options or any(changed.points):
            told = orjson.dumps([changed.options, changed.points]).decode()
            ui.run_javascript(f"changeChart(getElement, {self._chart.id}, {told})")

    async def _zoom(self, event: object) -> None:
        span = zoomed(getattr(event, "args", None))
        if span is not None:
            await self._visit.go({"from": f"{span[0]:.0f}", "to": f"{span[1]:.0f}"})


def zoomed(told: object) -> tuple[float, float] | None:
    """Return the span in milliseconds that a browser says was selected, if it says one."""
    match told:
        case {"batch": [{"startValue": float() | int() as start, "endValue": float() | int() as end}, *_]} if (
            start < end
        ):
            return float(start), float(end)
    return None


class _Legend:
    """The legend of a chart: its series and their values."""

    def __init__(self, content: Chart) -> None:
        self._place = ui.element("div").classes("legend")
        self._values: list[list[pieces.Words]] = []
        self._series: tuple[tuple[str, str], ...] = ()
        self._traces: tuple[tuple[str, str], ...] = ()
        self.show(content)

    def show(self, content: Chart) -> None:
        """Show the legend of *content*; where its series are the same, their values alone are changed."""
        series = tuple((row.name, row.colour) for row in content.legend)
        if series == self._series and content.traces == self._traces:
            for words, row in zip(self._values, content.legend, strict=True):
                for word, value in zip(words, row.values, strict=True):
                    word.set_text(value)
            return
        self._place.clear()
        self._series, self._traces = series, content.traces
        with self._place:
            with ui.element("table"):
                self._head(content.columns)
                with ui.element("tbody"):
                    self._values = [self._row(row) for row in content.legend]
            if content.traces:
                with ui.element("p").classes("traces"):
                    pieces.words("Slowest traces:", "span", "faint")
                    for said, trace in content.traces:
                        ui.link(said, f"/logs?trace={trace}")

    def _head(self, columns: tuple[str, ...]) -> None:
        with ui.element("thead"), ui.element("tr"):
            pieces.words("Series", "th").props('scope="col"')
            for column in columns:
                pieces.words(column, "th", "number").props('scope="col"')

    def _row(self, row: LegendRow) -> list[pieces.Words]:
        with ui.element("tr"):
            with ui.element("td"):
                ui.element("i").style(f"background: {row.colour}")
                pieces.words(row.name)
            return [pieces.words(value, "td", "number") for value in row.values]
