"""Draws the page of the proof."""

from __future__ import annotations

import re
from functools import partial

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.page import Visit
from tocsin.console.pieces import Meaning
from tocsin.console.proof.view import Cell, Matrix, Outcome, Proof, Rehearsal, Row
from tocsin.console.spelling import ago, lasting

_LOOKS: dict[Outcome, tuple[Meaning, str]] = {
    "meant": ("ok", "rings, and is for it"),
    "also": ("warning", "rings too"),
    "silent": ("text", "stays silent"),
}


def draw(view: Proof, _: Visit) -> None:
    """Draw a matrix for each service; a cell opens what was rehearsed of its alert."""
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
            _matrix(view, matrix)


def _legend() -> None:
    with ui.element("span").classes("row push"):
        for meaning, words in _LOOKS.values():
            pieces.badge("2 min" if words != "stays silent" else "·", meaning)
            pieces.words(words, "span", "faint")
        pieces.badge("unheard", "critical")
        pieces.words("no alert is for it", "span", "faint")


def _matrix(view: Proof, matrix: Matrix) -> None:
    heads = ["Fault", *(_breakable(alert.partition("/")[2]) for alert in matrix.alerts)]
    with ui.element("div").classes("matrix"):
        tables.table(f"What rings in {matrix.service}", heads, (_row(view, matrix, row) for row in matrix.rows))


def _breakable(name: str) -> str:
    """Let a long name break between its words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=/)", "\N{ZERO WIDTH SPACE}", name)


def _row(view: Proof, matrix: Matrix, row: Row) -> list[tables.Cell]:
    cells = (
        partial(_cell, view, alert, row, cell) if cell else ""
        for alert, cell in zip(matrix.alerts, row.cells, strict=True)
    )
    return [partial(_fault, row), *cells]


def _fault(row: Row) -> None:
    pieces.words(row.fault, "span", "fault")
    if row.unheard:
        pieces.badge("unheard", "critical")


def _cell(view: Proof, alert: str, row: Row, cell: Cell) -> None:
    meaning = _LOOKS[cell.outcome][0]
    said = "·" if cell.after is None else lasting(cell.after)
    button = ui.element("button").classes(f"badge {meaning}").props('type="button"')
    sentence = f"On “{row.fault}” {alert} {_told(cell)}."
    button.props["aria-label"] = sentence
    button.on("click", partial(_open, view, alert, sentence), args=[])
    with button:
        pieces.words(said)


def _told(cell: Cell) -> str:
    if cell.after is None:
        return "stays silent"
    whose = "for which it is" if cell.outcome == "meant" else "which is for others, and may do so"
    return f"rings after {lasting(cell.after)}, {whose}"


def _open(view: Proof, alert: str, sentence: str) -> None:
    """Show what was rehearsed of an alert."""
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"):
        pieces.heading(alert, 2)
        pieces.words(sentence, "p")
        heads = ("Day", "Fault", "Must", "Did")
        tables.table(f"Rehearsals of {alert}", heads, map(_rehearsal, view.of(alert)))
        pieces.button("Close", dialog.close)
    dialog.on("hide", dialog.delete)


def _rehearsal(each: Rehearsal) -> list[tables.Cell]:
    did = each.problem or (f"rang after {lasting(each.after)}" if each.after is not None else "stayed silent")
    return [
        each.day,
        each.fault,
        "ring" if each.rings else "stay silent",
        partial(pieces.badge, did, "critical" if each.problem else "ok"),
    ]
