"""Draws the page of logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.logs.view import NUMBERS, Chart, Logs, Table
from tocsin.console.page import Redraw, Visit
from tocsin.console.pieces import Meaning

_MEANINGS: dict[str, Meaning] = {
    "CRITICAL": "critical",
    "ERROR": "critical",
    "WARNING": "warning",
    "DEBUG": "silent",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_NAMED = """
const name = (left) => {
  const editor = document.querySelector(".sql .cm-content");
  if (editor) editor.setAttribute("aria-label", "Query");
  else if (left) setTimeout(name, 50, left - 1);
};
name(100);
"""
"""Names the editor for screen readers, once the browser has it: NiceGUI cannot."""

_FAINT = {"color": "#7b8798"}
"""Words of a chart that can be read on dark and on light."""

_LIVE = 2.0
"""Seconds between two looks at what comes."""

_EXAMPLE = """\
SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, severity, COUNT(*) AS records
FROM logs
GROUP BY minute, severity
ORDER BY minute"""
_SHORT = 10
"""Characters of a trace's id that are shown; its link has them all."""


def draw(view: Logs, visit: Visit) -> Redraw | None:
    """Draw filters or a query, and what comes of it; what comes later is put below the filters."""
    visit.every = _LIVE if view.live else None
    with ui.element("div").classes("bar"):
        pieces.heading("Logs", 1)
        _tabs(view, visit)
    if view.sql:
        _query(view, visit)
    else:
        _filters(view, visit)
    place = ui.element("div")

    def put(new: Logs) -> None:
        place.clear()
        with place:
            _answer(new)

    put(view)
    return None if view.sql else put


def _tabs(view: Logs, visit: Visit) -> None:
    with ui.element("div").classes("row tabs"):
        for name, on, sql in (("Newest", not view.sql, None), ("SQL", bool(view.sql), view.sql or _EXAMPLE)):
            pieces.button(name, partial(visit.go, {"sql": sql, "question": None, "live": None}), on=on)


def _filters(view: Logs, visit: Visit) -> None:
    now = view.filters
    with pieces.card() as box, ui.element("div").classes("row form"):
        box.props["aria-label"] = "Filters"
        ui.select(
            sorted({*view.services, *now.services}),
            value=list(now.services),
            multiple=True,
            clearable=True,
            label="Services",
            on_change=lambda event: visit.go({"service": tuple(event.value)}),
        ).props("dense outlined use-chips").classes("wide")
        ui.select(
            list(view.severities),
            value=now.severity if now.severity in view.severities else None,
            label="At least",
            on_change=lambda event: visit.go({"severity": event.value}),
        ).props("dense outlined")
        for name, label, value in (("text", "Text of the message", now.text), ("trace", "Trace", now.trace)):
            field = ui.input(label, value=value).props("dense outlined clearable").classes("wide")
            field.on("keydown.enter", partial(_narrow, visit, name, field), args=[])
            field.on("clear", partial(visit.go, {name: None}), args=[])
        ui.switch("Follow", value=view.live, on_change=lambda event: visit.go({"live": "on" if event.value else None}))


async def _narrow(visit: Visit, name: str, field: ui.input) -> None:
    await visit.go({name: field.value or None})


def _query(view: Logs, visit: Visit) -> None:
    with pieces.card() as box:
        box.props["aria-label"] = "Query"
        editor = ui.codemirror(
            view.sql, language="SQL", theme="vscodeDark" if visit.dark else "githubLight", line_wrapping=True
        ).classes("sql")

        async def run() -> None:
            await visit.go({"sql": editor.value, "question": None})

        ui.run_javascript(_NAMED)
        editor.on("keydown.ctrl.enter", run, args=[])
        with ui.element("div").classes("row form"):
            pieces.button("Run", run).classes("main")
            pieces.words("Ctrl-Enter; BigQuery's SQL on the view logs", "span", "faint")
            ui.select(
                dict(view.questions),
                label="A question of the library",
                on_change=lambda event: visit.go({"question": event.value, "sql": None}),
            ).props("dense outlined").classes("wide push")


def _answer(view: Logs) -> None:
    if view.absent:
        pieces.empty(view.absent)
    elif view.trouble is not None:
        pieces.away(view.trouble.sentence)
        if view.trouble.excerpt:
            pieces.words(view.trouble.excerpt, "pre")
    elif view.table is not None:
        if view.chart is not None:
            with pieces.card("Chart"):
                _chart(view.chart)
        _table(view.table)


def _table(table: Table) -> None:
    if not table.rows:
        pieces.empty("No record fits.")
        return
    with pieces.card() as box:
        box.props["aria-label"] = "Records"
        count = f"{len(table.rows)} {'row' if len(table.rows) == 1 else 'rows'}"
        pieces.words(f"{count}; there are more" if table.more else count, "p", "faint")
        numbers = [at for at, column in enumerate(table.columns) if column.type.startswith(NUMBERS)]
        heads = [column.name for column in table.columns]
        tables.table("Records", heads, (list(_cells(heads, row)) for row in table.rows), numbers)


def _cells(heads: list[str], row: tuple[Any, ...]) -> Iterator[tables.Cell]:
    for head, value in zip(heads, row, strict=True):
        said = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if head == "severity" and said:
            yield partial(pieces.badge, said, _MEANINGS.get(said, "text"))
        elif head == "trace" and said:
            yield partial(_trace, said)
        elif _TIME.fullmatch(said):
            yield partial(pieces.words, _short(said), "span", "mono")
        else:
            yield said


def _short(time: str) -> str:
    """Return a time to the millisecond, or less where it is whole."""
    return time.replace("T", " ")[:23].removesuffix(".000").removesuffix(":00")


def _trace(id_: str) -> None:
    link = ui.link(f"{id_[:_SHORT]}…" if len(id_) > _SHORT else id_, f"/logs?trace={id_}").classes("mono")
    link.props["aria-label"] = f"All of the trace {id_}"


def _chart(chart: Chart) -> None:
    kind = "line" if chart.over_time else "bar"
    ui.echart(
        {
            "animation": False,
            "grid": {"left": 60, "right": 16, "top": 32, "bottom": 28},
            "legend": {"type": "scroll", "top": 0, "textStyle": _FAINT},
            "tooltip": {"trigger": "axis", "renderMode": "richText"},
            "xAxis": {
                "type": "category",
                "data": [_short(label) if chart.over_time else label for label in chart.labels],
                "axisLabel": _FAINT,
            },
            "yAxis": {"type": "value", "axisLabel": _FAINT, "splitLine": {"lineStyle": {"color": "#7b879840"}}},
            "series": [
                {"type": kind, "name": each.name, "data": each.values, "showSymbol": len(chart.labels) < 2}  # noqa: PLR2004 - one point has no line
                for each in chart.series
            ],
        }
    ).classes("chart")
