"""Looks at a board: its variables, and what Prometheus answers to each of its panels."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import QueryParams

from tocsin.console import times
from tocsin.console.boards import library, lines
from tocsin.console.boards.answers import Series, series
from tocsin.console.boards.links import Reader
from tocsin.console.boards.models import Board, PanelModel, Question, Variable
from tocsin.console.boards.repeats import Laid, sections
from tocsin.console.boards.variables import Choice, chosen, inserted, label_values
from tocsin.console.metrics import Away, Exemplar, Line, Metrics, Window
from tocsin.console.sources import Sources

POINTS = 240
"""Points of a line, about."""

_MARKED_EVERY, _MARKED_POINTS, _MOST_MARKS = 60.0, 1500, 30

DEFAULT_SPAN = 3600.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A dashboard that can be chosen."""

    uid: str
    title: str
    folder: str
    description: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A panel, and the series that were answered, or why there are none."""

    panel: PanelModel
    found: tuple[Series, ...] | Away
    dots: tuple[Exemplar, ...] = ()
    scope: Mapping[str, Choice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """The panels under a row."""

    title: str
    closed: bool
    panels: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardsView:
    """The dashboards that there are, and the one that is open, if one is: what was chosen, and what it shows."""

    shelf: tuple[Shelf, ...]
    folder: str
    uid: str = ""
    title: str = ""
    description: str = ""
    choices: Mapping[str, Choice] | None = None
    start: str = ""
    end: str = ""
    refresh: str = ""
    window: Window | None = None
    sections: tuple[Shown, ...] = ()
    marks: tuple[lines.Mark, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    problem: str = ""


async def look(sources: Sources, query: QueryParams) -> BoardsView:
    """Return the board that the address names, within the span and with the values that it names."""
    found = library.boards(sources.boards)
    shelf = tuple(Shelf(each.uid, each.title, each.folder, each.description) for each in found)
    wanted = query.get("uid", "")
    board = next((each for each in found if each.uid == wanted), None)
    if board is None:
        problem = f"There is no board with the uid {wanted}: choose one of these." if wanted else ""
        return BoardsView(shelf=shelf, folder=str(sources.boards), problem=problem)
    start, end = query.get("from", board.start), query.get("to", board.end)
    window, problem = _window(start, end)
    choices = await _choices(board, query, sources.metrics, window)
    shown, marks = await asyncio.gather(
        _sections(board, choices, sources.metrics, window), _marks(board, choices, sources.metrics, window)
    )
    return BoardsView(
        shelf=shelf,
        folder=str(sources.boards),
        uid=board.uid,
        title=board.title,
        description=board.description,
        choices=choices,
        start=start,
        end=end,
        refresh=query.get("refresh", board.refresh),
        window=window,
        sections=shown,
        marks=marks,
        links=Reader(choices, window, None if problem else (start, end)).all(board.links, {}),
        problem=problem,
    )


def _window(start: str, end: str) -> tuple[Window, str]:
    now = time.time()
    ends = times.between(start, end, now)
    if ends is None:
        return Window.of(now - DEFAULT_SPAN, now, POINTS), times.refused(start, end)
    return Window.of(*ends, POINTS), ""


async def _choices(board: Board, query: QueryParams, metrics: Metrics, window: Window) -> dict[str, Choice]:
    """Return what is chosen, variable after variable, for one may depend on those before it."""
    choices: dict[str, Choice] = {}
    for variable in board.variables:
        wanted = tuple(query.getlist(f"var-{variable.name}"))
        values = await _values(variable, choices, metrics, window)
        problem = values.sentence if isinstance(values, Away) else ""
        choices[variable.name] = chosen(variable, () if isinstance(values, Away) else values, wanted, problem)
    return choices


async def _values(
    variable: Variable, choices: Mapping[str, Choice], metrics: Metrics, window: Window
) -> tuple[str, ...] | Away:
    if variable.kind in {"custom", "interval"}:
        return variable.values
    if variable.kind in {"constant", "textbox"}:
        return (variable.query,)
    asked = label_values(variable.query) if variable.kind == "query" else None
    if asked is None:
        return Away(f"The console cannot ask for the values of {variable.name}: it knows label_values(series, label).")
    return await metrics.label_values(asked[1], inserted(asked[0], choices, window), window)


async def _sections(board: Board, choices: Mapping[str, Choice], metrics: Metrics, window: Window) -> tuple[Shown, ...]:
    async def answered(laid: Laid) -> Answered:
        own = {**choices, **laid.scope}
        found, dots = await asyncio.gather(
            _answers(laid.panel, own, metrics, window), _dots(laid.panel, own, metrics, window)
        )
        return Answered(laid.panel, found, dots, laid.scope)

    return tuple(
        [
            Shown(title, closed, tuple(await asyncio.gather(*map(answered, panels))))
            for title, closed, panels in sections(board.sections, choices)
        ]
    )


async def _answers(
    panel: PanelModel, choices: Mapping[str, Choice], metrics: Metrics, window: Window
) -> tuple[Series, ...] | Away:
    async def ask(question: Question) -> tuple[Series, ...] | Away:
        expr = inserted(question.expr, choices, window)
        if not question.instant:
            told = await metrics.span(expr, window)
            return told if isinstance(told, Away) else series(question, told)
        moment = await metrics.instant(expr, window.end)
        if isinstance(moment, Away):
            return moment
        return series(question, (Line(each.labels, ((window.end, each.value),)) for each in moment))

    told = await asyncio.gather(*(ask(question) for question in panel.questions if question.expr))
    missing = next((each for each in told if isinstance(each, Away)), None)
    return missing or tuple(found for each in told if not isinstance(each, Away) for found in each)


async def _dots(
    panel: PanelModel, choices: Mapping[str, Choice], metrics: Metrics, window: Window
) -> tuple[Exemplar, ...]:
    """Return the requests behind the panel; a Prometheus that keeps none is no fault of the picture."""
    exprs = dict.fromkeys(inserted(each.expr, choices, window) for each in panel.questions if each.exemplars)
    told = await asyncio.gather(*(metrics.exemplars(each, window) for each in exprs))
    return tuple(sorted({dot for each in told if not isinstance(each, Away) for dot in each}))


async def _marks(
    board: Board, choices: Mapping[str, Choice], metrics: Metrics, window: Window
) -> tuple[lines.Mark, ...]:
    step = min(window.step, _MARKED_EVERY)
    if (window.end - window.start) / step > _MARKED_POINTS:
        return ()
    fine = Window(window.start, window.end, step)
    told = await asyncio.gather(*(metrics.span(inserted(each.expr, choices, fine), fine) for each in board.annotations))
    marks = (
        mark
        for annotation, each in zip(board.annotations, told, strict=True)
        if not isinstance(each, Away)
        for mark in began(each, fine, annotation.colour)
    )
    return tuple(sorted(marks))[-_MOST_MARKS:]


def began(found: Iterable[Line], window: Window, colour: str) -> list[lines.Mark]:
    """Return when each line began, or began anew after a gap; what was there from the start did not begin."""
    marks: list[lines.Mark] = []
    for line in found:
        before = window.start - window.step
        for at, _ in line.points:
            if at - before > 1.5 * window.step:
                what = line.labels.get("alertname") or f"{line.labels.get('service', '')}{lines.STARTED}".strip()
                marks.append(lines.Mark(at, what, colour))
            before = at
    return marks
