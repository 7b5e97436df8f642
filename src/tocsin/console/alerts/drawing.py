"""Draws the page of alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.alerts.history import History
from tocsin.console.alerts.strips import draw_strips, draw_table
from tocsin.console.alerts.view import ORDER, Alerts, Ringing, Silence, State, lift, silence
from tocsin.console.markdown import address
from tocsin.console.metrics import Away
from tocsin.console.page import Redraw, Visit
from tocsin.console.pieces import Meaning
from tocsin.console.prose import prose
from tocsin.console.spelling import clock, lasting, number

_LENGTHS = {"30 minutes": 0.5, "2 hours": 2.0, "8 hours": 8.0, "1 day": 24.0, "1 week": 168.0}


def draw(view: Alerts, visit: Visit) -> Redraw:
    """Draw the alerts, and beside them the chosen one with its page; return how newer ones are put in.

    The form stays as it is as long as it is about the same, for somebody may be writing.
    """
    top = ui.element("div")
    past: list[Callable[[History], None]] = []
    with ui.element("div").classes("aside"):
        with ui.element("div"):
            listed, silences, strips = ui.element("div"), ui.element("div"), ui.element("div")
        with ui.element("div"):
            facts, form, page = ui.element("div"), ui.element("div"), ui.element("div")
    below = ui.element("div")
    about: dict[ui.element, object] = {}

    def fill(box: ui.element, of: object, drawing: partial[None]) -> None:
        if box not in about or about[box] != of:
            about[box] = of
            box.clear()
            with box:
                drawing()

    def put(new: Alerts) -> None:
        chosen = next((alert for alert in new.ringing if alert.key == new.chosen), None)
        fill(top, (new.ringing, new.quiet, new.watched, new.broken, new.away), partial(_top, new))
        fill(listed, (new.ringing, new.chosen, new.away), partial(_list, new, visit))
        fill(silences, new.silences, partial(_silences, new.silences, visit))
        fill(facts, chosen, partial(_facts, chosen))
        fill(form, (new.chosen, chosen and chosen.silences), partial(_form, chosen, visit))
        fill(page, new.runbook, partial(_page, chosen, new))
        for show in past:
            show(new.history)

    put(view)
    with strips:
        past.append(draw_strips(visit, view.history))
    with below:
        past.append(draw_table(view.history))
    return put


def meaning(alert: Ringing) -> Meaning:
    """Return what the colour of an alert stands for."""
    if alert.state in {"silenced", "inhibited"}:
        return "silent"
    return "critical" if alert.severity == "critical" and alert.state == "firing" else "warning"


def _top(view: Alerts) -> None:
    counts = Counter[State](alert.state for alert in view.ringing)
    worst: dict[State, Meaning] = {alert.state: meaning(alert) for alert in reversed(view.ringing)}
    with ui.element("div").classes("bar"):
        pieces.heading("Alerts", 1)
        for state in ORDER:
            if counts[state]:
                pieces.badge(f"{counts[state]} {state}", worst[state])
        if view.quiet is not None:
            pieces.badge(f"{view.quiet} quiet", "text")
            if view.watched:
                pieces.badge("heartbeat rings", "ok")
    for sentence in view.away:
        pieces.away(sentence)
    if view.quiet is not None and not view.watched:
        pieces.away("The alert that always must ring does not: no other could be heard. Look at Prometheus's rules.")
    for name, why in view.broken:
        pieces.away(f"The rule of {name} cannot be evaluated: {why}.")


def _list(view: Alerts, visit: Visit) -> None:
    if not view.ringing:
        if view.quiet is not None:
            pieces.empty(f"Nothing rings: all {view.quiet} alerts are quiet.")
        return
    for alert in view.ringing:
        row = ui.element("button").classes(f"pick {meaning(alert)}").props('type="button"')
        row.props["aria-current"] = "true" if alert.key == view.chosen else "false"
        row.on("click", partial(visit.go, {"alert": alert.key}), args=[])
        with row:
            with ui.element("span").classes("row"):
                pieces.badge(alert.state, meaning(alert))
                pieces.words(alert.name, "strong")
                pieces.words(alert.service, "span", "faint")
                pieces.words(f"since {clock(alert.since)}", "span", "faint push")
            pieces.words(alert.summary, "span", "below")


def _facts(alert: Ringing | None) -> None:
    if alert is None:
        return
    with pieces.card() as box:
        box.props["aria-label"] = "The chosen alert"
        with ui.element("div").classes("row"):
            pieces.heading(alert.name, 2)
            pieces.badge(alert.state, meaning(alert))
            pieces.badge(alert.severity, "text")
        pieces.words(alert.because, "p")
        labels = ", ".join(f"{name}={value}" for name, value in alert.labels.items() if name != "alertname")
        tables.facts(
            (
                ("Since", f"{clock(alert.since)}; it rings {_once(alert.lasting)}"),
                ("Value", number(alert.value)),
                ("Expression", partial(pieces.words, alert.expression, "pre")),
                ("Tells", ", ".join(alert.receivers) or "nobody (yet): Alertmanager does not have it"),
                ("Labels", labels),
                ("Look at", partial(_elsewhere, alert)),
            )
        )


def _once(wait: float) -> str:
    return f"once this lasts {lasting(wait)}" if wait else "at once"


def _elsewhere(alert: Ringing) -> None:
    """Lead to what the service did and said since shortly before."""
    begin = f"{(alert.since.timestamp() - 300) * 1000:.0f}"
    with ui.element("span").classes("row"):
        around = {"from": begin, "to": "now"}
        ui.link("Its board since then", f"/boards?{urlencode({'uid': f'tocsin-{alert.service}-health', **around})}")
        ui.link("Its logs since then", f"/logs?{urlencode({'service': alert.service, 'from': begin})}")
        if address(alert.runbook):
            ui.link("Runbook", alert.runbook, new_tab=True).props('rel="noreferrer"')


def _form(alert: Ringing | None, visit: Visit) -> None:
    """Draw how the alert is silenced; of one that is, only when that ends is told, among the silences."""
    if alert is None or alert.silences:
        return
    with pieces.card("Silence it"), ui.element("div").classes("row form"):
        length = ui.select(list(_LENGTHS), value="2 hours", label="For").props("dense outlined")
        by = ui.input("Your name").props("dense outlined")
        comment = ui.input("Why").props("dense outlined").classes("wide")

        async def press() -> None:
            hours = timedelta(hours=_LENGTHS[length.value])
            made = await silence(visit.sources, alert.labels, hours, by.value, comment.value)
            _say(made, f"{alert.name} is silenced for {length.value}.")
            await visit.look_again()

        pieces.button("Silence", press).classes("main")


def _silences(silences: tuple[Silence, ...], visit: Visit) -> None:
    if not silences:
        return
    with pieces.card("Silences"):
        rows = [
            (each.matchers, partial(_kept, clock(each.ends)), each.by, each.comment, partial(_lifting, each, visit))
            for each in silences
        ]
        tables.table("Silences", ("Of", "Until", "By", "Why", "Lift"), rows)


def _kept(text: str) -> None:
    pieces.words(text, "span", "kept")


def _lifting(each: Silence, visit: Visit) -> None:
    async def press() -> None:
        _say(await lift(visit.sources, each.id), "The silence is lifted.")
        await visit.look_again()

    pieces.button("Lift", press).props["aria-label"] = f"Lift the silence of {each.matchers}"


def _page(alert: Ringing | None, view: Alerts) -> None:
    if alert is None:
        return
    with pieces.card("Runbook"):
        if isinstance(view.runbook, Away):
            pieces.empty(view.runbook.sentence)
        else:
            prose(view.runbook, "Of the runbook")


def _say(done: object, sentence: str) -> None:
    if isinstance(done, Away):
        ui.notify(done.sentence, type="negative", multi_line=True)
    else:
        ui.notify(sentence, type="positive")
