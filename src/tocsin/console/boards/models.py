"""Grafana's dashboards, read: as much of the classic JSON model as the console draws, and a word on what it does not.

The model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset({"timeseries", "stat", "gauge", "bargauge", "piechart", "heatmap", "table", "text"})
"""The panels that can be drawn, beside rows."""

_TRANSFORMATIONS = frozenset({"filterFieldsByName", "organize"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel is in its section, in Grafana's units: 24 columns, and rows of 30 pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """From *value* on, or from the beginning, it is *colour*."""

    value: float | None
    colour: str


@dataclass(frozen=True, slots=True)
class Question:
    """A query of a panel."""

    expr: str
    legend: str
    instant: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A link, with Grafana's variables in it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelModel:
    """A panel: what it asks, and how it is to be shown; *unmapped* says what of it the console does not show."""

    number: int
    kind: str
    title: str
    description: str = ""
    place: Place
    questions: tuple[Question, ...] = ()
    unit: str = ""
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    no_value: str = ""
    thresholds: tuple[Threshold, ...] = ()
    dashed: bool = False
    fill: float = 0.0
    width: float = 1.0
    stacked: bool = False
    legend: bool = True
    calculations: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    transformations: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    links: tuple[Link, ...] = ()
    unmapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The panels under a row, or those before the first row, which have no *title*."""

    title: str
    panels: tuple[PanelModel, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable: what its values are, and which are chosen at first."""

    name: str
    label: str
    kind: str
    query: str = ""
    values: tuple[str, ...] = ()
    several: bool = False
    all: bool = False
    all_value: str = ""
    chosen: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A dashboard."""

    uid: str
    title: str
    folder: str
    description: str = ""
    sections: tuple[Section, ...] = ()
    variables: tuple[Variable, ...] = ()
    start: str = "now-1h"
    end: str = "now"
    refresh: str = ""
    annotations: tuple[Question, ...] = ()


def board(tree: Mapping[str, Any], folder: str = "") -> Board:
    """Return the dashboard that *tree*, its JSON, describes."""
    span = _table(tree, "time")
    return Board(
        uid=str(tree.get("uid") or ""),
        title=str(tree.get("title") or "Untitled"),
        folder=folder,
        description=str(tree.get("description") or ""),
        sections=tuple(_sections(tree)),
        variables=tuple(map(_variable, _tables(_table(tree, "templating"), "list"))),
        start=str(span.get("from") or "now-1h"),
        end=str(span.get("to") or "now"),
        refresh=str(tree.get("refresh") or ""),
        annotations=tuple(_annotations(tree)),
    )


def _sections(tree: Mapping[str, Any]) -> Iterator[Section]:
    title, closed, panels = "", False, list[Mapping[str, Any]]()
    for each in sorted(_tables(tree, "panels"), key=_order):
        if each.get("type") == "row":
            if panels or title:
                yield _section(title, panels, closed=closed)
            title, closed = str(each.get("title") or ""), bool(each.get("collapsed"))
            panels = list(_tables(each, "panels"))
        else:
            panels.append(each)
    if panels or title:
        yield _section(title, panels, closed=closed)


def _order(panel: Mapping[str, Any]) -> tuple[float, float]:
    place = _table(panel, "gridPos")
    return _number(place, "y") or 0.0, _number(place, "x") or 0.0


def _section(title: str, panels: list[Mapping[str, Any]], *, closed: bool) -> Section:
    top = min((_order(panel)[0] for panel in panels), default=0.0)
    return Section(title, tuple(_panel(panel, top) for panel in panels), closed)


def _panel(tree: Mapping[str, Any], top: float) -> PanelModel:
    place, config, options = _table(tree, "gridPos"), _table(tree, "fieldConfig"), _table(tree, "options")
    defaults = _table(config, "defaults")
    custom, legend = _table(defaults, "custom"), _table(options, "legend")
    reduce = _table(options, "reduceOptions")
    return PanelModel(
        number=int(_number(tree, "id") or 0),
        kind=str(tree.get("type") or ""),
        title=str(tree.get("title") or ""),
        description=str(tree.get("description") or ""),
        place=Place(
            int(_number(place, "x") or 0),
            int((_number(place, "y") or 0) - top),
            int(_number(place, "w") or 12),
            int(_number(place, "h") or 8),
        ),
        questions=tuple(map(_question, _tables(tree, "targets"))),
        unit=str(defaults.get("unit") or ""),
        decimals=None if (digits := _number(defaults, "decimals")) is None else int(digits),
        least=_number(defaults, "min"),
        most=_number(defaults, "max"),
        no_value=str(defaults.get("noValue") or ""),
        thresholds=tuple(
            Threshold(_number(step, "value"), str(step.get("color") or ""))
            for step in _tables(_table(defaults, "thresholds"), "steps")
        ),
        dashed=str(_table(custom, "thresholdsStyle").get("mode") or "off") != "off",
        fill=_number(custom, "fillOpacity") or 0.0,
        width=_number(custom, "lineWidth") or 1.0,
        stacked=str(_table(custom, "stacking").get("mode") or "none") != "none",
        legend=bool(legend.get("showLegend", True)),
        calculations=tuple(map(str, legend.get("calcs") or reduce.get("calcs") or ())),
        options=options,
        transformations=tuple(
            (str(each.get("id")), _table(each, "options")) for each in _tables(tree, "transformations")
        ),
        links=tuple(map(_link, (*_tables(tree, "links"), *_tables(defaults, "links")))),
        unmapped=tuple(_unmapped(tree)),
    )


def _unmapped(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a panel would be drawn otherwise in Grafana."""
    config = _table(tree, "fieldConfig")
    defaults = _table(config, "defaults")
    if tree.get("repeat"):
        yield "its repetition"
    if tree.get("type") == "text" and _table(tree, "options").get("mode") == "html":
        yield "its HTML"
    if config.get("overrides"):
        yield "its overrides"
    if defaults.get("mappings"):
        yield "its value mappings"
    if _table(defaults, "thresholds").get("mode") == "percentage":
        yield "its thresholds in percent"
    yield from (
        f"its transformation {each.get('id')}"
        for each in _tables(tree, "transformations")
        if each.get("id") not in _TRANSFORMATIONS
    )
    yield from (
        f"its query {each.get('refId')}, which is hidden" for each in _tables(tree, "targets") if each.get("hide")
    )


def _question(tree: Mapping[str, Any]) -> Question:
    return Question(
        str(tree.get("expr") or ""),
        str(tree.get("legendFormat") or ""),
        bool(tree.get("instant")) and not tree.get("range"),
    )


def _annotations(tree: Mapping[str, Any]) -> Iterator[Question]:
    for each in _tables(_table(tree, "annotations"), "list"):
        if each.get("expr") and each.get("enable", True):
            yield Question(str(each["expr"]), str(each.get("name") or ""), instant=False)


def _link(tree: Mapping[str, Any]) -> Link:
    return Link(str(tree.get("title") or ""), str(tree.get("url") or ""))


def _variable(tree: Mapping[str, Any]) -> Variable:
    query = tree.get("query")
    text = str(query.get("query") or "") if isinstance(query, Mapping) else str(query or "")
    kind = str(tree.get("type") or "")
    chosen = _table(tree, "current").get("value")
    name = str(tree.get("name") or "")
    return Variable(
        name=name,
        label=str(tree.get("label") or name),
        kind=kind,
        query=text,
        values=tuple(value.strip() for value in text.split(",")) if kind in {"custom", "interval"} else (),
        several=bool(tree.get("multi")),
        all=bool(tree.get("includeAll")),
        all_value=str(tree.get("allValue") or ""),
        chosen=tuple(map(str, chosen)) if isinstance(chosen, list) else () if chosen is None else (str(chosen),),
        hidden=tree.get("hide") in {2, "hideVariable"},
    )


def _table(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = tree.get(key)
    return found if isinstance(found, Mapping) else {}


def _tables(tree: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    found = tree.get(key)
    return tuple(each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else ()


def _number(tree: Mapping[str, Any], key: str) -> float | None:
    found = tree.get(key)
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None
