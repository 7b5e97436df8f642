"""Draws the page of the proof."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.page import Visit
from tocsin.console.pieces import Meaning
from tocsin.console.proof import replayed
from tocsin.console.proof.view import Cell, Matrix, Outcome, Proof, Rehearsal, Row, see
from tocsin.console.spelling import ago, lasting

_LOOKS: dict[Outcome, tuple[Meaning, str]] = {
    "meant": ("ok", "rings, and is for it"),
    "also": ("warning", "rings too"),
    "silent": ("text", "stays silent"),
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A cell that is opened: an alert under a fault."""

    view: Proof
    visit: Visit
    alert: str
    fault: str


def draw(view: Proof, visit: Visit) -> None:
    """Draw a matrix for each service; a cell opens its rehearsal, and so does an address that names one."""
    with ui.element("div").classes("bar"):
        pieces.heading("Proof", 1)
        if view.made is not None:
            pieces.badge(f"{view.proved} alerts proved", "ok")
            if view.problems:
                pieces.badge(f"{len(view.problems)} problems", "critical")
            pieces.words(f"{len(view.rehearsals)} rehearsals, {ago(view.made)}", "span", "faint")
            _legend()
    if view.absent:
        pieces.empty(view.absent)
    for alert, message in view.problems:
        pieces.away(f"{alert}: {message}.")
    for matrix in view.matrices:
        with pieces.card(matrix.service):
            _matrix(view, matrix, visit)
    if view.replay is not None:
        shown = _Shown(view, visit, view.replay.alert, view.replay.fault)
        with _dialog(shown):
            replayed.draw(view.replay, dark=visit.dark)
    elif view.unseen:
        pieces.away(view.unseen)


def _legend() -> None:
    with ui.element("span").classes("row push"):
        for meaning, words in _LOOKS.values():
            pieces.badge("2 min" if words != "stays silent" else "·", meaning)
            pieces.words(words, "span", "faint")
        pieces.badge("unheard", "critical")
        pieces.words("no alert is for it", "span", "faint")


def _matrix(view: Proof, matrix: Matrix, visit: Visit) -> None:
    heads = ["Fault", *(_breakable(alert.partition("/")[2]) for alert in matrix.alerts)]
    with ui.element("div").classes("matrix"):
        tables.table(f"What rings in {matrix.service}", heads, (_row(view, matrix, row, visit) for row in matrix.rows))


def _breakable(name: str) -> str:
    """Let a long name break between its words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=/)", "\N{ZERO WIDTH SPACE}", name)


def _row(view: Proof, matrix: Matrix, row: Row, visit: Visit) -> list[tables.Cell]:
    cells = (
        partial(_cell, view, visit, alert, row, cell) if cell else ""
        for alert, cell in zip(matrix.alerts, row.cells, strict=True)
    )
    return [partial(_fault, row), *cells]


def _fault(row: Row) -> None:
    pieces.words(row.fault, "span", "fault")
    if row.unheard:
        pieces.badge("unheard", "critical")


def _cell(view: Proof, visit: Visit, alert: str, row: Row, cell: Cell) -> None:
    meaning = _LOOKS[cell.outcome][0]
    said = "·" if cell.after is None else lasting(cell.after)
    button = ui.element("button").classes(f"badge {meaning}").props('type="button"')
    sentence = f"On “{row.fault}” {alert} {_told(cell)}."
    button.props["aria-label"] = sentence
    button.on("click", partial(_open, _Shown(view, visit, alert, row.fault)), args=[])
    with button:
        pieces.words(said)


def _told(cell: Cell) -> str:
    if cell.after is None:
        return "stays silent"
    whose = "for which it is" if cell.outcome == "meant" else "which is for others, and may do so"
    return f"rings after {lasting(cell.after)}, {whose}"


async def _open(shown: _Shown) -> None:
    """Show the rehearsal of a cell; it may take some seconds until promtool has judged it."""
    with _dialog(shown) as place:
        pieces.loading()
    seen = await see(shown.visit.sources, shown.alert, shown.fault)
    if place.is_deleted:
        return
    place.clear()
    with place:
        if isinstance(seen, str):
            pieces.away(seen)
        else:
            replayed.draw(seen, dark=shown.visit.dark)


def _dialog(shown: _Shown) -> ui.element:
    """Open the dialog of a cell, and return the place for its replay."""
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog wide"):
        with ui.element("div").classes("row"):
            pieces.heading(shown.alert, 2)
            query = urlencode({"alert": shown.alert, "fault": shown.fault})
            ui.link("Link to this", f"/proof?{query}").classes("button push")
            pieces.button("Close", dialog.close)
        pieces.words(f"On “{shown.fault}”", "p", "faint")
        place = ui.element("div").classes("replayed")
        heads = ("Day", "Fault", "Must", "Did")
        tables.table(f"Rehearsals of {shown.alert}", heads, map(_rehearsal, shown.view.of(shown.alert)))
    dialog.props["aria-label"] = shown.alert
    dialog.on("hide", dialog.delete)
    return place


def _rehearsal(each: Rehearsal) -> list[tables.Cell]:
    did = each.problem or (f"rang after {lasting(each.after)}" if each.after is not None else "stayed silent")
    return [
        each.day,
        each.fault,
        "ring" if each.rings else "stay silent",
        partial(pieces.badge, did, "critical" if each.problem else "ok"),
    ]
