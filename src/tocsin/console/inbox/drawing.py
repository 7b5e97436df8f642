"""Draws the page of the inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.inbox.slack import Attachment, Piece
from tocsin.console.inbox.view import Heartbeat, Inbox, Incident, Message
from tocsin.console.markdown import Run
from tocsin.console.page import Redraw, Visit
from tocsin.console.pieces import Meaning
from tocsin.console.prose import draw_runs
from tocsin.console.spelling import clock, lasting

_COLOURS: dict[str, Meaning] = {"good": "ok", "warning": "warning", "danger": "critical"}
_EFFECTS: Mapping[str, tuple[str, Meaning]] = {
    "opened": ("Triggered", "critical"),
    "repeated": ("Triggered again", "critical"),
    "acknowledged": ("Acknowledged", "warning"),
    "resolved": ("Resolved", "ok"),
    "dropped": ("Dropped", "silent"),
}
_SHOWN = 6
_LINE = 200

T = TypeVar("T", Incident, Message)


def draw(view: Inbox, _: Visit) -> Redraw:
    """Draw incidents as PagerDuty would, and messages as Slack would; what stays as it is, is not drawn again."""
    with ui.element("div").classes("bar"):
        pieces.heading("Inbox", 1)
        pieces.words("what reached PagerDuty and Slack, or would have in production", "span", "faint")
        beats = ui.element("span").classes("row push")
    away = ui.element("div")
    with ui.element("div").classes("two") as columns:
        with pieces.card("PagerDuty"):
            incidents = _Kept[Incident](_incident, "Nobody was paged.")
        with pieces.card("Slack"):
            messages = _Kept[Message](_message, "Nothing was written.")

    def show(newer: Inbox) -> None:
        beats.clear()
        with beats:
            for beat in newer.heartbeats:
                _heartbeat(beat)
        away.clear()
        with away:
            for sentence in newer.away:
                pieces.away(sentence)
        columns.set_visibility(not newer.away)
        incidents.show(newer.incidents)
        messages.show(newer.messages)

    show(view)
    return show


class _Kept(Generic[T]):
    """Things that are drawn one after the other, of which only those are drawn anew that changed."""

    def __init__(self, drawing: Callable[[T], None], nothing: str) -> None:
        self._draw: Callable[[T], None] = drawing
        self._empty = pieces.empty(nothing)
        self._place = ui.element("div")
        self._drawn: dict[int, tuple[T, ui.element]] = {}

    def show(self, things: Sequence[T]) -> None:
        """Show these, in their order."""
        self._empty.set_visibility(not things)
        for gone in self._drawn.keys() - {thing.id for thing in things}:
            self._drawn.pop(gone)[1].delete()
        for at, thing in enumerate(things):
            before, box = self._drawn.get(thing.id) or (None, self._new())
            if before != thing:
                box.clear()
                with box:
                    self._draw(thing)
            if self._place.default_slot.children[at] is not box:
                box.move(self._place, target_index=at)
            self._drawn[thing.id] = (thing, box)

    def _new(self) -> ui.element:
        with self._place:
            return ui.element("article")


def _heartbeat(beat: Heartbeat) -> None:
    every = "" if beat.every is None else f", every {lasting(beat.every)}"
    words = f"{beat.name} is late since" if beat.late else f"{beat.name} beat at"
    pieces.badge(f"{words} {clock(beat.at)}{every}", "critical" if beat.late else "ok")


def meaning(incident: Incident) -> Meaning:
    """Return what the colour of an incident stands for."""
    if incident.status == "resolved":
        return "ok"
    return "critical" if incident.urgency == "high" else "warning"


def _incident(incident: Incident) -> None:
    with ui.element("div").classes(f"incident {meaning(incident)}"):
        with ui.element("div").classes("row"):
            pieces.badge(incident.status.capitalize(), meaning(incident))
            urgent = incident.urgency == "high" and incident.status != "resolved"
            pieces.badge(f"{incident.urgency.capitalize()} urgency", "critical" if urgent else "text")
            pieces.words(f"#{incident.id}", "span", "faint push")
        pieces.heading(incident.summary, 3)
        tables.facts(
            (
                ("Service", incident.service or incident.source),
                ("Assigned to", incident.team),
                ("Severity", incident.severity),
                ("Triggered", "" if incident.triggers < 2 else f"{incident.triggers} times"),  # noqa: PLR2004 - more than once
                *((name, value) for name, value in incident.details if not _long(value)),
            )
        )
        for name, value in incident.details:
            if _long(value):
                with ui.element("details").classes("more"):
                    pieces.words(name, "summary")
                    pieces.words(value, "pre")
        if incident.links:
            with ui.element("div").classes("row buttons"):
                for link in incident.links:
                    _go(link.text, link.address)
        _log(incident)


def _long(value: str) -> bool:
    return "\n" in value or len(value) > _LINE


def _log(incident: Incident) -> None:
    """Draw what became of an incident, each with the time that it took since it was triggered."""
    entries = incident.log if len(incident.log) <= _SHOWN else (incident.log[0], *incident.log[1 - _SHOWN :])
    began = incident.log[0].at if incident.log else None
    with ui.element("ol").classes("story").props('aria-label="What became of it"'):
        for entry in entries:
            words, stands = _EFFECTS.get(entry.effect, (entry.effect, "text"))
            with ui.element("li").classes(stands):
                pieces.words(words, "strong")
                pieces.words(clock(entry.at), "span", "number")
                if began is not None and entry.at > began:
                    pieces.words(f"after {lasting((entry.at - began).total_seconds())}", "span", "faint")


def _go(text: str, address: str) -> None:
    ui.link(text, address, new_tab=True).props('rel="noreferrer"').classes("button")


def _message(message: Message) -> None:
    with ui.element("div").classes("message"):
        pieces.words(message.sender[:1].upper(), "span", "face").props["aria-hidden"] = "true"
        with ui.element("div"):
            with ui.element("div").classes("row"):
                pieces.words(message.sender, "strong")
                pieces.badge("APP", "text")
                pieces.words(clock(message.at), "span", "faint")
                pieces.words(message.channel or message.team, "span", "faint push")
            _pieces(message.pieces)
            for attachment in message.attachments:
                _attachment(attachment)


def _attachment(attachment: Attachment) -> None:
    with ui.element("div").classes(f"slack {_COLOURS.get(attachment.colour, 'text')}") as box:
        if attachment.colour.startswith("#"):
            box.style(f"border-left-color: {attachment.colour}")
        _pieces(attachment.pieces)


def _pieces(found: Iterable[Piece]) -> None:
    for piece in found:
        match piece.kind:
            case "divider":
                ui.element("hr")
            case "header":
                _texts("h3", piece, "said")
            case "quote":
                _texts("blockquote", piece, "said")
            case "fields" | "context" as kind:
                with ui.element("div").classes(kind):
                    _texts("div", piece, "said")
            case "actions":
                with ui.element("div").classes("row buttons"):
                    for text in piece.texts:
                        _action(text)
            case _:
                _texts("div", piece, "said")


def _texts(tag: str, piece: Piece, classes: str) -> None:
    for text in piece.texts:
        with ui.element(tag).classes(classes):
            draw_runs(text)


def _action(text: Sequence[Run]) -> None:
    """Draw a button: one that leads somewhere is a link, all others do nothing here."""
    words = "".join(run.text for run in text)
    link = next((run.link for run in text if run.link), "")
    if link:
        _go(words, link)
    else:
        pieces.words(words, "span", "button still")
