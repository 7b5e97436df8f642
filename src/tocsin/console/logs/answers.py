"""Draws what comes of a look into the logs: records, those that come, and the answer to a query as chart and table."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson
from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.boards.palette import palette
from tocsin.console.boards.picture import Picture
from tocsin.console.logs import charts
from tocsin.console.logs.view import NUMBERS, Chart, Logs, Table
from tocsin.console.page import Visit
from tocsin.console.pieces import Meaning

_MEANINGS: dict[str, Meaning] = {
    "CRITICAL": "critical",
    "ERROR": "critical",
    "WARNING": "warning",
    "DEBUG": "silent",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_SHORT = 10
"""Characters of a trace's id that are shown; its link has them all."""


class Answering:
    """The place of the answer; what is followed can be paused, and goes on with all that came meanwhile."""

    def __init__(self, view: Logs, visit: Visit) -> None:
        """Draw *view*."""
        self._visit = visit
        self._seen = self._newest = view
        self._before = view.came
        self._paused = False
        if view.live:
            with ui.element("div").classes("row following"):
                self._button = pieces.button("Pause", self._turn, on=False)
                self._said = pieces.words("", "span", "faint").props('role="status"')
        self._trouble = ui.element("div")
        self._place = ui.element("div")
        self._body: ui.element | None = None
        self._draw(view)

    def put(self, view: Logs) -> None:
        """Put what came meanwhile before what is there; while the store is away, what was seen last stays."""
        self._newest = view
        self._trouble.clear()
        with self._trouble:
            _trouble(view)
        if view.table is None:
            return
        if not self._paused:
            self._show(view, view.table)
        self._tell()

    def _turn(self) -> None:
        self._paused = not self._paused
        self._button.props["aria-pressed"] = str(self._paused).lower()
        self._button.update()
        if not self._paused:
            self.put(self._newest)
        self._tell()

    def _tell(self) -> None:
        waiting = self._newest.came - self._seen.came
        if self._paused:
            self._said.text = f"Paused; {waiting} more came." if waiting > 0 else "Paused; nothing came meanwhile."
        else:
            came = max(0, self._seen.came - self._before)
            self._said.text = f"{came:,} came while this was open; the newest are on top."

    def _draw(self, view: Logs) -> None:
        with self._trouble:
            _trouble(view)
        self._redraw(view)
        if view.live:
            self._tell()

    def _redraw(self, view: Logs) -> None:
        self._seen = view
        self._place.clear()
        with self._place:
            if view.chart is not None:
                with pieces.card("Chart"):
                    _chart(view.chart, self._visit)
            self._body = None if view.table is None or view.absent else _table(view.table, live=view.live)

    def _show(self, view: Logs, table: Table) -> None:
        """Draw only what is new, unless it is all."""
        before = self._seen.table
        new = view.came - self._seen.came
        kept = len(table.rows) - new
        if before is None or self._body is None or kept <= 0 or new < 0 or table.rows[new:] != before.rows[:kept]:
            if before is None or before.rows != table.rows or self._body is None:
                self._redraw(view)
        else:
            self._seen = view
            for cells in reversed(list(_rows(table, new))):
                with self._body:
                    tables.row(cells).move(target_index=0)
            for old in list(self._body.default_slot.children)[len(table.rows) :]:
                old.delete()


def _trouble(view: Logs) -> None:
    if view.absent and not view.live:
        pieces.empty(view.absent)
    elif view.trouble is not None:
        pieces.away(view.trouble.sentence)
        if view.trouble.excerpt:
            pieces.words(view.trouble.excerpt, "pre", "excerpt")


def _table(table: Table, *, live: bool) -> ui.element | None:
    """Draw a table; return its rows, if there are any."""
    if not table.rows:
        pieces.empty("No record fits yet." if live else "No record fits.")
        return None
    with pieces.card() as box:
        box.props["aria-label"] = "Records"
        if not live:
            _counted(table)
        heads = [_head(table, at) for at in range(len(table.columns))]
        return tables.table("Records", heads, _rows(table, len(table.rows)), _numbers(table))


def _counted(table: Table) -> None:
    count = f"{len(table.rows):,} {'row' if len(table.rows) == 1 else 'rows'}"
    with ui.element("div").classes("row counted"):
        pieces.words(f"{count}; there are more" if table.more else count, "span", "faint")
        with ui.element("span").classes("row push"):
            for name, written, media in (("CSV", _csv, "text/csv"), ("JSON", _json, "application/json")):
                save = partial(_save, table, written, f"records.{name.lower()}", media)
                pieces.button(name, save).props["aria-label"] = f"Download as {name}"


def _save(table: Table, written: Any, name: str, media: str) -> None:
    ui.download.content(written(table), name, media)


def _csv(table: Table) -> str:
    to = io.StringIO()
    writer = csv.writer(to)
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_said(value) for value in row] for row in table.rows)
    return to.getvalue()


def _json(table: Table) -> bytes:
    names = [column.name for column in table.columns]
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in table.rows], option=orjson.OPT_INDENT_2)


def _head(table: Table, at: int) -> str:
    name = table.columns[at].name
    return f"{name} (UTC)" if table.columns[at].type.startswith("TIMESTAMP") else name


def _numbers(table: Table) -> list[int]:
    return [at for at, column in enumerate(table.columns) if column.type.startswith(NUMBERS)]


def _rows(table: Table, count: int) -> Iterator[list[tables.Cell]]:
    names = [column.name for column in table.columns]
    for row in table.rows[:count]:
        yield list(_cells(names, row))


def _cells(names: list[str], row: tuple[Any, ...]) -> Iterator[tables.Cell]:
    for name, value in zip(names, row, strict=True):
        said = _said(value)
        if name == "severity" and said:
            yield partial(pieces.badge, said, _MEANINGS.get(said, "text"))
        elif name == "trace" and said:
            yield partial(_trace, said)
        elif _TIME.fullmatch(said):
            yield partial(pieces.words, charts.short(said), "span", "mono kept")
        elif isinstance(value, float):
            yield f"{value:.6g}"
        elif isinstance(value, dict | list):
            yield partial(pieces.words, said, "span", "mono")
        else:
            yield said


def _said(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _trace(id_: str) -> None:
    link = ui.link(f"{id_[:_SHORT]}…" if len(id_) > _SHORT else id_, f"/logs?trace={id_}").classes("mono kept")
    link.props["aria-label"] = f"All of the trace {id_}"


def _chart(chart: Chart, visit: Visit) -> None:
    with ui.element("div").classes("answer").style(f"--height: {charts.height(chart)}px"):
        Picture(charts.drawn(chart, palette(dark=visit.dark)), visit)
