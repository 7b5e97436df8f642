"""Puts boards on the screen."""

from __future__ import annotations

from nicegui import ui

from tocsin.console import pieces, times
from tocsin.console.boards import mapper
from tocsin.console.boards.controls import controls
from tocsin.console.boards.drawn import Chart, Content, Drawn, Nothing, Numbers, Plain, Prose, Rows
from tocsin.console.boards.looking import BoardsView, Shown, look
from tocsin.console.boards.models import Place
from tocsin.console.boards.palette import Palette, palette
from tocsin.console.boards.picture import Picture
from tocsin.console.page import Page, Redraw, Visit
from tocsin.console.prose import prose


def draw(view: BoardsView, visit: Visit) -> Redraw | None:
    """Draw the open board, or the shelf."""
    if view.window is None:
        _shelf(view)
        return None
    visit.every = times.span(view.refresh)
    controls(view, visit)
    boxes: list[_Box] = []
    area = ui.element("div")

    def fill(now: BoardsView) -> None:
        area.clear()
        boxes.clear()
        with area:
            for index, section in enumerate(now.sections):
                with _section(section.title, closed=section.closed):
                    boxes.extend(_Box(each, visit) for each in drawings(now, visit, index))

    def redraw(newer: BoardsView) -> None:
        nonlocal view
        if _laid(newer) != _laid(view):  # a repetition has another value
            fill(newer)
        view = newer
        fresh = (each for index in range(len(newer.sections)) for each in drawings(newer, visit, index))
        for number, each in enumerate(fresh):
            boxes[number].show(each)

    fill(view)
    return redraw


def _laid(view: BoardsView) -> list[tuple[str, list[tuple[str, Place]]]]:
    return [(each.title, [(one.panel.title, one.panel.place) for one in each.panels]) for each in view.sections]


def drawings(view: BoardsView, visit: Visit, section: int) -> tuple[Drawn, ...]:
    """Return the panels of a section as they are seen; readers of the same view see the same."""
    key = id(view), visit.dark
    if key not in _DRAWN:
        _DRAWN[key] = view, tuple(_drawn(view, each, palette(dark=visit.dark)) for each in view.sections)
        while len(_DRAWN) > _MOST_DRAWN:
            _DRAWN.pop(next(iter(_DRAWN)))
    return _DRAWN[key][1][section]


_DRAWN: dict[tuple[int, bool], tuple[BoardsView, tuple[tuple[Drawn, ...], ...]]] = {}
"""The panels of the views that were drawn last, each kept with its view, so that no other has its id."""

_MOST_DRAWN = 8


def _drawn(view: BoardsView, section: Shown, colours: Palette) -> tuple[Drawn, ...]:
    if view.window is None or view.choices is None:
        return ()
    return tuple(
        mapper.drawn(
            each.panel,
            each.found,
            view.window,
            colours,
            choices={**view.choices, **each.scope},
            span=None if view.problem else (view.start, view.end),
            marks=view.marks,
            dots=each.dots,
        )
        for each in section.panels
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
        self._picture: Picture | None = None
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
        if self._picture is not None and isinstance(drawn.content, Chart):
            self._picture.show(drawn.content)
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
        self._picture = None
        with self._body:
            match content:
                case Chart():
                    self._picture = Picture(content, self._visit)
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


PAGE = Page(path="/boards", title="Boards", look=look, draw=draw, every=30.0)
