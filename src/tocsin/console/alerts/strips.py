"""Draws when alerts waited and rang: a strip of time for each, and a table of the episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.alerts.history import SPANS, Episode, History
from tocsin.console.page import Visit
from tocsin.console.pieces import Meaning
from tocsin.console.spelling import clock, lasting

_TICKS = 5
_HEADS = ("Alert", "Service", "Pending since", "Fired", "Resolved", "Rang for", "At that time")


def meaning(episode: Episode) -> Meaning:
    """Return what the colour of an episode stands for; one that never fired only warned."""
    return "critical" if episode.fired is not None and episode.severity == "critical" else "warning"


def draw_strips(visit: Visit, history: History) -> Callable[[History], None]:
    """Draw the strips, which move on with time; return how a newer history is put in."""
    with pieces.card("History"):
        with ui.element("div").classes("row"):
            for span in SPANS:
                pieces.button(span, partial(_choose, visit, span), on=span == history.span)
        shown = pieces.words("", "p", "faint")
        place = ui.element("div")

    def put(new: History) -> None:
        shown.set_text(
            f"{clock(_moment(new.start))} to {clock(_moment(new.end))}; thin while pending, full while firing"
        )
        place.clear()
        with place:
            _strips(new)

    put(history)
    return put


def draw_table(history: History) -> Callable[[History], None]:
    """Draw the table, which with its links stays until an episode begins or ends; return how newer ones are put in."""
    place = ui.element("div")
    drawn: list[tuple[Episode, ...]] = []
    growing: list[tuple[Episode, pieces.Words]] = []

    def put(new: History) -> None:
        for episode, words in growing:
            words.set_text(_rang(episode, new.end))
        if drawn != [new.episodes]:
            drawn[:], growing[:] = [new.episodes], []
            place.clear()
            with place:
                _table(new, growing)

    put(history)
    return put


async def _choose(visit: Visit, span: str) -> None:
    await visit.go({"span": span, "from": None, "to": None})


def _strips(history: History) -> None:
    for sentence in history.away:
        pieces.empty(sentence)
    if not history.episodes:
        if not history.away:
            pieces.empty("No alert was pending or fired in this time.")
        return
    with ui.element("div").classes("strips"):
        ordered = sorted(history.episodes, key=_named)
        rows = [(name, list(group)) for name, group in groupby(ordered, _named)]
        for name, episodes in sorted(rows, key=lambda row: -max(each.since for each in row[1])):
            _strip(name, episodes, history)
        with ui.element("div").classes("ticks").props('aria-hidden="true"'):
            for each in range(_TICKS):
                at = history.start + (history.end - history.start) * each / (_TICKS - 1)
                pieces.words(_tick(at, history.end - history.start), "span")


def _tick(at: float, span: float) -> str:
    here = _moment(at).astimezone()
    return f"{here:%H:%M}" if span <= SPANS["1d"] else f"{here.day} {here:%b}"


def _strip(name: tuple[str, str, str], episodes: Iterable[Episode], history: History) -> None:
    told = [_told(each, history.end) for each in episodes]
    with ui.element("div").classes("strip-name"):
        pieces.words(f"{name[0]} {name[2]}".strip(), "strong")
        pieces.words(name[1], "span", "faint")
    with ui.element("div").classes("strip").props('role="img"') as strip:
        strip.props["aria-label"] = f"{name[0]} of {name[1]}: {'; '.join(told)}"
        for episode, words in zip(episodes, told, strict=True):
            until = history.end if episode.over is None else episode.over
            waited = until if episode.fired is None else episode.fired
            if waited > episode.since:
                _stretch("warning waits", episode.since, waited, history, words)
            if episode.fired is not None:
                _stretch(meaning(episode), episode.fired, until, history, words)


def _stretch(classes: str, start: float, end: float, history: History, words: str) -> None:
    whole = history.end - history.start
    left, right = (min(1.0, max(0.0, (each - history.start) / whole)) for each in (start, end))
    if right > left:
        place = f"left: {left:.3%}; width: {right - left:.3%}"
        ui.element("i").classes(classes).style(place).props["title"] = words


def _told(episode: Episode, now: float) -> str:
    words = [f"pending since {clock(_moment(episode.since))}"]
    if episode.fired is not None:
        words.append(f"fired at {clock(_moment(episode.fired))}")
    if episode.over is not None:
        words.append(f"over at {clock(_moment(episode.over))}")
    return f"{', '.join(words)} ({_rang(episode, now)})"


def _rang(episode: Episode, now: float) -> str:
    """Say for how long it rang, or that it was only pending."""
    until = now if episode.over is None else episode.over
    so_far = " so far" if episode.over is None else ""
    if episode.fired is None:
        return f"pending only, {lasting(until - episode.since)}{so_far}"
    return f"{lasting(until - episode.fired)}{so_far}"


def _table(history: History, growing: list[tuple[Episode, pieces.Words]]) -> None:
    if not history.episodes:
        return
    with pieces.card("Episodes, the newest first"):
        tables.table("Episodes", _HEADS, [_row(each, history.end, growing) for each in history.episodes])
        if history.more:
            pieces.words(f"{history.more} earlier ones are not shown: choose a shorter span.", "p", "faint")


def _row(episode: Episode, now: float, growing: list[tuple[Episode, pieces.Words]]) -> list[tables.Cell]:
    def rang() -> None:
        words = pieces.words(_rang(episode, now), "span", "kept")
        if episode.over is None:
            growing.append((episode, words))

    return [
        partial(_alert, episode),
        episode.service,
        partial(_at, episode.since),
        "" if episode.fired is None else partial(_at, episode.fired),
        partial(_now, episode) if episode.over is None else partial(_at, episode.over),
        rang,
        partial(_links, episode, now),
    ]


def _now(episode: Episode) -> None:
    pieces.badge("pending" if episode.fired is None else "firing", meaning(episode))


def _alert(episode: Episode) -> None:
    pieces.words(f"{episode.name} {episode.slo}".strip(), "strong")
    pieces.words(" ")
    pieces.badge(episode.severity, "critical" if episode.severity == "critical" else "warning")


def _at(at: float) -> None:
    pieces.words(clock(_moment(at)), "span", "kept")


def _links(episode: Episode, now: float) -> None:
    with ui.element("span").classes("row"):
        ui.link("Board", episode.board(now))
        ui.link("Logs", episode.logs(now))
        if episode.runbook:
            ui.link("Runbook", episode.runbook, new_tab=True).props('rel="noreferrer"')


def _named(episode: Episode) -> tuple[str, str, str]:
    return episode.name, episode.service, episode.slo


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
