"""Facts and tables, drawn of texts alone."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

from nicegui import ui

from tocsin.console import pieces

Cell = str | Callable[[], object]
"""A text, or what draws the cell."""


def facts(pairs: Iterable[tuple[str, Cell]]) -> None:
    """Draw what is known of one thing, each with its name; nothing of what is empty."""
    with ui.element("dl").classes("facts"):
        for name, value in pairs:
            if value:
                pieces.words(name, "dt")
                with ui.element("dd"):
                    _fill(value)


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], numbers: Iterable[int] = ()
) -> ui.element:
    """Draw a table, and return the place of its rows.

    *caption* is what it is called to those who do not see it, *numbers* columns are of figures.
    """
    right = frozenset(numbers)
    with ui.element("div").classes("scroll"), ui.element("table").classes("plain") as drawn:
        drawn.props["aria-label"] = caption
        with ui.element("thead"), ui.element("tr"):
            for at, head in enumerate(heads):
                pieces.words(head, "th", "number" if at in right else "").props('scope="col"')
        with ui.element("tbody") as body:
            for cells in rows:
                row(cells, right)
    return body


def row(cells: Sequence[Cell], numbers: Container[int] = ()) -> ui.element:
    """Draw a row of a table."""
    with ui.element("tr") as drawn:
        for at, value in enumerate(cells):
            with ui.element("td").classes("number" if at in numbers else ""):
                _fill(value)
    return drawn


def _fill(value: Cell) -> None:
    if isinstance(value, str):
        pieces.words(value)
    else:
        value()
