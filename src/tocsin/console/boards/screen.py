"""Puts boards on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from nicegui import ui

from tocsin.console import pieces
from tocsin.console.boards import mapper, times
from tocsin.console.boards.controls import controls
from tocsin.console.boards.drawn import Chart, Content, Drawn, LegendRow, Nothing, Numbers, Plain, Prose, Rows
from tocsin.console.boards.looking import BoardsView, look
from tocsin.console.boards.palette import palette
from tocsin.console.page import Page, Redraw, Visit
from tocsin.console.prose import prose

_DRAG = (
    "() => {{ const shown = getElement({number}); if (!shown?.chart || shown.drags) return; shown.drags = true; "
    "shown.chart.dispatchAction({{type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true}}); }}"
)
"""Lets the pointer select a span once the chart is there; the hole takes the number that NiceGUI gave the element."""


def draw(view: BoardsView, visit: Visit) -> Redraw | None:
    """Draw the open board, or the shelf."""
    if view.window is None:
        _shelf(view)
        return None
    visit.every = times.span(view.refresh)
    controls(view, visit)
    boxes: dict[int, _Box] = {}
    for index, section in enumerate(view.sections):
        with _section(section.title, closed=section.closed):
            for each in drawings(view, visit, index):
                boxes[len(boxes)] = _Box(each, visit)

    def redraw(newer: BoardsView) -> None:
        fresh = (each for index in range(len(newer.sections)) for each in drawings(newer, visit, index))
        for number, each in enumerate(fresh):
            boxes[number].show(each)

    return redraw


def drawings(view: BoardsView, visit: Visit, section: int) -> Iterator[Drawn]:
    """Yield the panels of a section as they are seen."""
    if view.window is None or view.choices is None:
        return
    for each in view.sections[section].panels:
        yield mapper.drawn(
            each.panel,
            each.found,
            view.window,
            palette(dark=visit.dark),
            choices=view.choices,
            marks=view.marks,
        )


def _shelf(view: BoardsView) -> None:
    pieces.heading("Boards", 1)
    if view.problem:
        pieces.away(view.problem)
    if not view.shelf:
        pieces.empty(f"There is no dashboard in {view.folder}: `tocsin build` writes them.")
    for folder in sorted({each.folder for each in view.shelf}):
        with pieces.card(folder.capitalize()), ui.element("ul").classes("shelf"):
            for each in view.shelf:
                if each.folder == folder:
                    with ui.element("li"):
                        ui.link(each.title, f"/boards?uid={each.uid}")
                        pieces.words(each.description, "p", "faint")


def _section(title: str, *, closed: bool) -> ui.element:
    if not title:
        return ui.element("div").classes("board")
    with ui.element("details").classes("section") as folded:
        folded.props["open"] = not closed
        with ui.element("summary"):
            pieces.heading(title, 2)
        return ui.element("div").classes("board")


_FEW = 2


class _Box:
    """A panel on the screen."""

    def __init__(self, drawn: Drawn, visit: Visit) -> None:
        self._visit = visit
        self._drawn = drawn
        self._chart: ui.echart | None = None
        self._legend: ui.element | None = None
        place = drawn.place
        with ui.element("section").classes("panel") as box:
            box.props["aria-label"] = drawn.title or drawn.description or "Panel"
            box.style(f"grid-column: {place.x + 1} / span {place.width}; grid-row: {place.y + 1} / span {place.height}")
            self._head(drawn)
            self._body = ui.element("div").classes("body")
        self._fill(drawn.content)

    def show(self, drawn: Drawn) -> None:
        """Put a newer picture into the place of the one before."""
        before, self._drawn = self._drawn, drawn
        if drawn == before:
            return
        if self._chart is not None and isinstance(drawn.content, Chart):
            self._chart.options.clear()
            self._chart.options.update(drawn.content.options)
            self._chart.update()
            if isinstance(before.content, Chart) and before.content.legend != drawn.content.legend:
                self._fill_legend(drawn.content)
        else:
            self._fill(drawn.content)

    def _head(self, drawn: Drawn) -> None:
        with ui.element("div").classes("head"):
            title = pieces.heading(drawn.title, 3)
            title.props["title"] = drawn.description
            if drawn.remarks:
                remark = pieces.badge("not all is shown", "warning")
                remark.props["title"] = f"The console does not show {', '.join(drawn.remarks)}: see it in Grafana."
            with ui.element("span").classes("push"):
                for name, address in drawn.links:
                    ui.link(name, address)

    def _fill(self, content: Content) -> None:
        self._body.clear()
        self._chart = self._legend = None
        with self._body:
            match content:
                case Chart():
                    self._fill_chart(content)
                case Numbers():
                    _numbers(content)
                case Rows():
                    table(content)
                case Plain():
                    pieces.words(content.text, "pre")
                case Prose():
                    with ui.element("div").classes("scroll").props('tabindex="0"'):
                        prose(content.blocks, self._drawn.title, level=4)
                case Nothing():
                    pieces.away(content.sentence) if content.away else pieces.empty(content.sentence)

    def _fill_chart(self, content: Chart) -> None:
        with ui.element("div").classes("beside" if content.beside else "above"):
            self._chart = ui.echart(dict(content.options)).classes("chart")
            if content.zooms:
                self._chart.on("chart:finished", js_handler=_DRAG.format(number=self._chart.id))
                self._chart.on("chart:datazoom", self._zoom, ["batch"])
            self._legend = ui.element("div").classes("legend")
        self._fill_legend(content)

    def _fill_legend(self, content: Chart) -> None:
        if self._legend is None:
            return
        self._legend.clear()
        if content.legend:
            with self._legend:
                _legend(content.columns, content.legend)

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


def _numbers(content: Numbers) -> None:
    with ui.element("div").classes("numbers many" if len(content.each) > _FEW else "numbers"):
        for each in content.each:
            with ui.element("div").classes("one"):
                if len(content.each) > 1:
                    pieces.words(each.name, "span", "faint")
                pieces.words(each.text, "strong").style(f"color: {each.colour}")
                if each.spark:
                    pieces.Sparkline(each.spark, f"{each.name}, as it was").style(f"color: {each.colour}")


def table(content: Rows) -> None:
    """Draw a table."""
    with ui.element("div").classes("scroll").props('tabindex="0"'), ui.element("table").classes("plain"):
        with ui.element("thead"), ui.element("tr"):
            for index, column in enumerate(content.columns):
                pieces.words(column, "th", "number" if index in content.numeric else "").props('scope="col"')
        with ui.element("tbody"):
            for row in content.rows:
                with ui.element("tr"):
                    for index, cell in enumerate(row):
                        pieces.words(cell, "td", "number" if index in content.numeric else "")


def _legend(columns: tuple[str, ...], rows: tuple[LegendRow, ...]) -> None:
    with ui.element("table"):
        with ui.element("thead"), ui.element("tr"):
            pieces.words("Series", "th").props('scope="col"')
            for column in columns:
                pieces.words(column, "th", "number").props('scope="col"')
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    with ui.element("td"):
                        ui.element("i").style(f"background: {row.colour}")
                        pieces.words(row.name)
                    for value in row.values:
                        pieces.words(value, "td", "number")


PAGE = Page(path="/boards", title="Boards", look=look, draw=draw, every=30.0)
