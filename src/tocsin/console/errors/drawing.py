"""Draws the page of errors."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from tocsin.console import pieces, ranges, tables
from tocsin.console.errors.view import Errors, Event, Frame
from tocsin.console.page import Visit
from tocsin.console.spelling import clock
from tocsin.live.bugsink import Issue


def draw(view: Errors, visit: Visit) -> None:
    """Draw the issues, and beside them the last error of the chosen one."""
    with ui.element("div").classes("bar"):
        pieces.heading("Errors", 1)
        for service, events in view.services:
            on = service in view.wanted
            pieces.button(f"{service}: {events:,}", partial(visit.go, {"service": None if on else service}), on=on)
        with ui.element("div").classes("row push"):
            ranges.choice(view.start, view.end, view.ends, visit, always="All that is kept")
            if visit.sources.tracker:
                ui.link("Open Bugsink", visit.sources.tracker, new_tab=True).props('rel="noreferrer"')
    if view.absent:
        pieces.away(view.absent)
    elif not view.issues:
        pieces.empty(_nothing(view))
    else:
        with ui.element("div").classes("aside"):
            with ui.element("div"):
                for service, issue in view.issues:
                    _pick(service, issue, view, visit)
            with ui.element("div"):
                _chosen(view)


def _nothing(view: Errors) -> str:
    who = f"Nothing of {' and '.join(view.wanted)}" if view.wanted else "No service"
    told = "was told" if view.wanted else "told of an error"
    return f"{who} {told} in this span of time." if view.start else f"{who} {told}."


def _pick(service: str, issue: Issue, view: Errors, visit: Visit) -> None:
    calm = issue.resolved or issue.muted
    row = ui.element("button").classes(f"pick {'silent' if calm else 'critical'}").props('type="button"')
    row.props["aria-current"] = "true" if issue.id == view.chosen else "false"
    row.on("click", partial(visit.go, {"issue": issue.id}), args=[])
    with row:
        with ui.element("span").classes("row"):
            pieces.words(issue.kind, "strong")
            pieces.words(service, "span", "faint")
            if calm:
                pieces.badge("resolved" if issue.resolved else "muted", "silent")
            pieces.words(f"{issue.events:,} x, last {clock(issue.last_seen)}", "span", "faint push")
        pieces.words(issue.message, "span", "below")


def _chosen(view: Errors) -> None:
    service, issue = next(each for each in view.issues if each[1].id == view.chosen)
    with pieces.card(issue.kind):
        pieces.words(issue.message, "p")
        event = view.event
        tables.facts(
            (
                ("Service", service),
                ("In", issue.transaction),
                ("Seen", f"{issue.events:,} times, from {clock(issue.first_seen)} to {clock(issue.last_seen)}"),
                ("Trace", partial(_trace, event.trace, service, view) if event and event.trace else ""),
                *(event.tags if event else ()),
            )
        )
    with pieces.card("Where it happened"):
        if event is None:
            pieces.empty("None of its errors that are kept is of this span of time.")
        else:
            _frames(event)


def _trace(trace: str, service: str, view: Errors) -> None:
    ui.link(f"logs of {trace}", _logs(view, service=service, trace=trace))


def _logs(view: Errors, **filters: str) -> str:
    """Return the address of the logs of the same span of time."""
    span = {"from": view.start, "to": view.end} if view.start else {}
    return f"/logs?{urlencode({**filters, **span})}"


def _frames(event: Event) -> None:
    if not event.frames:
        pieces.empty("The event has no stack trace.")
    for frame in event.frames:
        _frame(frame)


def _frame(frame: Frame) -> None:
    with ui.element("div").classes("frame own" if frame.own else "frame"):
        pieces.words(frame.place, "span", "mono")
        pieces.words(f" in {frame.function}", "span", "faint")
        if frame.line:
            pieces.words(frame.line, "pre")
