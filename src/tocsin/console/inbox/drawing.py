"""Draws the page of the inbox."""

from __future__ import annotations

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.inbox.view import Attachment, Heartbeat, Inbox, Incident, Message
from tocsin.console.page import Visit
from tocsin.console.pieces import Meaning
from tocsin.console.prose import draw_runs
from tocsin.console.spelling import clock, lasting

_COLOURS: dict[str, Meaning] = {"good": "ok", "warning": "warning", "danger": "critical"}


def draw(view: Inbox, _: Visit) -> None:
    """Draw incidents as PagerDuty would, and messages as Slack would."""
    with ui.element("div").classes("bar"):
        pieces.heading("Inbox", 1)
        pieces.words("what reached PagerDuty and Slack, or would have in production", "span", "faint")
        with ui.element("span").classes("row push"):
            for beat in view.heartbeats:
                _heartbeat(beat)
    for sentence in view.away:
        pieces.away(sentence)
    if view.away:
        return
    with ui.element("div").classes("two"):
        with pieces.card("PagerDuty"):
            if not view.incidents:
                pieces.empty("Nobody was paged.")
            for incident in view.incidents:
                _incident(incident)
        with pieces.card("Slack"):
            if not view.messages:
                pieces.empty("Nothing was written.")
            for message in view.messages:
                _message(message)


def _heartbeat(beat: Heartbeat) -> None:
    every = "" if beat.every is None else f", every {lasting(beat.every)}"
    words = f"{beat.name} is late since" if beat.late else f"{beat.name} beat at"
    pieces.badge(f"{words} {clock(beat.at)}{every}", "critical" if beat.late else "ok")


def meaning(incident: Incident) -> Meaning:
    """Return what the colour of an incident stands for."""
    if incident.status == "resolved":
        return "ok"
    return "critical" if incident.severity in {"critical", "error"} else "warning"


def _incident(incident: Incident) -> None:
    with ui.element("article").classes(f"slack {meaning(incident)}"):
        with ui.element("div").classes("row"):
            pieces.badge(incident.status, meaning(incident))
            pieces.words(f"#{incident.id}", "span", "faint")
            pieces.words(incident.summary, "strong")
        with ui.element("div").classes("row"):
            pieces.words(f"{incident.severity} for {incident.team}, from {incident.source}", "span", "faint")
            if incident.runbook:
                ui.link("Runbook", incident.runbook, new_tab=True).props('rel="noreferrer"')
        tables.facts(
            (
                *incident.details,
                ("Log", "; ".join(f"{entry.effect} {clock(entry.at)}" for entry in incident.log[-6:])),
            )
        )


def _message(message: Message) -> None:
    with ui.element("article"):
        with ui.element("div").classes("row"):
            pieces.words(message.channel or message.team, "strong")
            pieces.words(clock(message.at), "span", "faint")
        if message.text:
            with ui.element("p"):
                draw_runs(message.text)
        for attachment in message.attachments:
            _attachment(attachment)


def _attachment(attachment: Attachment) -> None:
    with ui.element("div").classes(f"slack {_COLOURS.get(attachment.colour, 'text')}"):
        if attachment.link:
            ui.link(attachment.title, attachment.link, new_tab=True).props('rel="noreferrer"').classes("strong")
        elif attachment.title:
            pieces.words(attachment.title, "strong")
        with ui.element("div"):
            draw_runs(attachment.text)
