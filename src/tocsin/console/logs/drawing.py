"""Draws the page of logs: how it is asked."""

from __future__ import annotations

from functools import partial

import orjson
from nicegui import ui

from tocsin.console import pieces, ranges
from tocsin.console.logs.answers import Answering
from tocsin.console.logs.completion import words
from tocsin.console.logs.view import Logs
from tocsin.console.page import Redraw, Visit

_FURNISH = f"import('/static/modules/sql.js').then(each => each.furnish({orjson.dumps(words()).decode()}))"
"""Names, colours and completes the editor, once the browser has it: NiceGUI cannot. All the words are ours."""

_LIVE = 2.0
"""Seconds between two looks at what comes."""

_EXAMPLE = """\
SELECT TIMESTAMP_TRUNC(time, MINUTE) AS minute, severity, COUNT(*) AS records
FROM logs
GROUP BY minute, severity
ORDER BY minute"""


def draw(view: Logs, visit: Visit) -> Redraw | None:
    """Draw filters or a query, and what comes of it; what comes later is put below the filters."""
    visit.every = _LIVE if view.live else None
    with ui.element("div").classes("bar"):
        pieces.heading("Logs", 1)
        _tabs(view, visit)
        with ui.element("div").classes("row push"):
            ranges.choice(view.start, view.end, view.ends, visit, always="All that is kept")
    if view.sql:
        _query(view, visit)
    else:
        _filters(view, visit)
    answering = Answering(view, visit)
    return answering.put if view.live else None


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
            on_change=lambda event: visit.go({"service": tuple(event.value or ())}),
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
        ui.switch("Follow", value=view.live, on_change=lambda event: _follow(view, visit, on=bool(event.value)))


async def _narrow(visit: Visit, name: str, field: ui.input) -> None:
    await visit.go({name: field.value or None})


async def _follow(view: Logs, visit: Visit, *, on: bool) -> None:
    """Follow what comes, or no longer; what comes is in no span that is over."""
    over = {"from": None, "to": None} if on and view.end != "now" else {}
    await visit.go({**over, "live": "on" if on else None})


def _query(view: Logs, visit: Visit) -> None:
    with pieces.card() as box:
        box.props["aria-label"] = "Query"
        editor = ui.codemirror(view.sql, theme="githubDark" if visit.dark else "eclipse", line_wrapping=True)
        editor.classes("sql")

        async def run() -> None:
            await visit.go({"sql": editor.value, "question": None})

        ui.run_javascript(_FURNISH)
        editor.on("keydown.ctrl.enter", run, args=[])
        editor.on("keydown.meta.enter", run, args=[])
        with ui.element("div").classes("row form"):
            pieces.button("Run", run).classes("main")
            pieces.words("Ctrl-Enter runs, Ctrl-Space completes; BigQuery's SQL on the view logs", "span", "faint")
            ui.select(
                dict(view.questions),
                label="A question of the library",
                on_change=lambda event: visit.go({"question": event.value, "sql": None}),
            ).props("dense outlined").classes("wide push")
