"""Grafana's dashboards, read: as much of the classic JSON model as the console draws, and a word on what it does not.

The model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tocsin.console.boards import fields
from tocsin.console.boards.fields import Override, Remap, Threshold
from tocsin.console.boards.tree import number, table, tables
from tocsin.targets.text import NOTICE_TEXT

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
class Question:
    """A query of a panel."""

    expr: str
    legend: str
    instant: bool
    exemplars: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is marked on pictures, where *expr* has a value, and its colour."""

    expr: str
    colour: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link, with Grafana's variables in it; it may take the span and the variables' values along."""

    title: str
    url: str
    keeps_time: bool = False
    keeps_values: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelModel:
    """A panel: what it asks, and how it is to be shown; *unmapped* says what of it the console does not show.

    An axis that is *grounded* begins at nothing where no value is less. *display* is what its fields are called,
    *colour* the one of all, *style* how a series is drawn: as a line, bars or points. *right* puts the axis there,
    *unseen* leaves a series out. *lines* are the links of one series, *order* is the column by which the legend is
    sorted. The panel stands once for each value of the variable *repeat*, *beside* so many or, with 0, below the other.
    """

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
    grounded: bool = False
    fill: float = 0.0
    width: float = 1.0
    stacked: bool = False
    legend: bool = True
    calculations: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    transformations: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    links: tuple[Link, ...] = ()
    lines: tuple[Link, ...] = ()
    mappings: tuple[Remap, ...] = ()
    overrides: tuple[Override, ...] = ()
    display: str = ""
    colour: str = ""
    style: str = "line"
    right: bool = False
    unseen: bool = False
    order: str = ""
    descending: bool = False
    repeat: str = ""
    beside: int = 0
    unmapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The panels under a row, or those before the first row, which have no *title*."""

    title: str
    panels: tuple[PanelModel, ...]
    closed: bool = False
    repeat: str = ""


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
    annotations: tuple[Annotation, ...] = ()
    links: tuple[Link, ...] = ()


def board(tree: Mapping[str, Any], folder: str = "") -> Board:
    """Return the dashboard that *tree*, its JSON, describes."""
    span = table(tree, "time")
    return Board(
        uid=str(tree.get("uid") or ""),
        title=str(tree.get("title") or "Untitled"),
        folder=folder,
        # Nobody who reads a board here is about to edit its file.
        description=str(tree.get("description") or "").removesuffix(NOTICE_TEXT).strip(),
        sections=tuple(_sections(tree)),
        variables=tuple(map(_variable, tables(table(tree, "templating"), "list"))),
        start=str(span.get("from") or "now-1h"),
        end=str(span.get("to") or "now"),
        refresh=str(tree.get("refresh") or ""),
        annotations=tuple(_annotations(tree)),
        links=tuple(map(_link, (each for each in tables(tree, "links") if each.get("type") == "link"))),
    )


def _sections(tree: Mapping[str, Any]) -> Iterator[Section]:
    row: Mapping[str, Any] = {}
    panels = list[Mapping[str, Any]]()
    for each in sorted(tables(tree, "panels"), key=_order):
        if each.get("type") == "row":
            if panels or row:
                yield _section(row, panels)
            row, panels = each, list(tables(each, "panels"))
        else:
            panels.append(each)
    if panels or row:
        yield _section(row, panels)


def _order(panel: Mapping[str, Any]) -> tuple[float, float]:
    place = table(panel, "gridPos")
    return number(place, "y") or 0.0, number(place, "x") or 0.0


def _section(row: Mapping[str, Any], panels: list[Mapping[str, Any]]) -> Section:
    top = min((_order(panel)[0] for panel in panels), default=0.0)
    return Section(
        title=str(row.get("title") or ""),
        panels=tuple(_panel(panel, top) for panel in panels),
        closed=bool(row.get("collapsed")),
        repeat=str(row.get("repeat") or ""),
    )


def _panel(tree: Mapping[str, Any], top: float) -> PanelModel:
    place, config, options = table(tree, "gridPos"), table(tree, "fieldConfig"), table(tree, "options")
    defaults = table(config, "defaults")
    legend, reduce = table(options, "legend"), table(options, "reduceOptions")
    return PanelModel(
        number=int(number(tree, "id") or 0),
        kind=str(tree.get("type") or ""),
        title=str(tree.get("title") or ""),
        description=str(tree.get("description") or ""),
        place=Place(
            int(number(place, "x") or 0),
            int((number(place, "y") or 0) - top),
            int(number(place, "w") or 12),
            int(number(place, "h") or 8),
        ),
        questions=tuple(map(_question, tables(tree, "targets"))),
        **fields.changes(defaults),
        legend=bool(legend.get("showLegend", True)),
        calculations=tuple(map(str, legend.get("calcs") or reduce.get("calcs") or ())),
        options=options,
        transformations=tuple(
            (str(each.get("id")), table(each, "options")) for each in tables(tree, "transformations")
        ),
        links=tuple(map(_link, tables(tree, "links"))),
        lines=tuple(map(_link, tables(defaults, "links"))),
        overrides=fields.overrides(config),
        order=str(legend.get("sortBy") or ""),
        descending=bool(legend.get("sortDesc")),
        repeat=str(tree.get("repeat") or ""),
        beside=0 if tree.get("repeatDirection") == "v" else int(number(tree, "maxPerRow") or 4),
        unmapped=tuple(_unmapped(tree)),
    )


def _unmapped(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a panel would be drawn otherwise in Grafana."""
    config = table(tree, "fieldConfig")
    defaults = table(config, "defaults")
    if tree.get("type") == "text" and table(tree, "options").get("mode") == "html":
        yield "its HTML"
    yield from fields.unmapped(config)
    if table(defaults, "thresholds").get("mode") == "percentage":
        yield "its thresholds in percent"
    yield from (
        f"its transformation {each.get('id')}"
        for each in tables(tree, "transformations")
        if each.get("id") not in _TRANSFORMATIONS
    )
    yield from (
        f"its query {each.get('refId')}, which is hidden" for each in tables(tree, "targets") if each.get("hide")
    )


def _question(tree: Mapping[str, Any]) -> Question:
    return Question(
        str(tree.get("expr") or ""),
        str(tree.get("legendFormat") or ""),
        bool(tree.get("instant")) and not tree.get("range"),
        bool(tree.get("exemplar")),
    )


def _annotations(tree: Mapping[str, Any]) -> Iterator[Annotation]:
    for each in tables(table(tree, "annotations"), "list"):
        if each.get("expr") and each.get("enable", True):
            yield Annotation(str(each["expr"]), str(each.get("iconColor") or "blue"))


def _link(tree: Mapping[str, Any]) -> Link:
    return Link(
        str(tree.get("title") or ""),
        str(tree.get("url") or ""),
        bool(tree.get("keepTime")),
        bool(tree.get("includeVars")),
    )


def _variable(tree: Mapping[str, Any]) -> Variable:
    query = tree.get("query")
    text = str(query.get("query") or "") if isinstance(query, Mapping) else str(query or "")
    kind = str(tree.get("type") or "")
    chosen = table(tree, "current").get("value")
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


def styled(panel: PanelModel, name: str, kind: str = "number") -> PanelModel:
    """Return the panel as its overrides want the field *name* of a *kind* shown; the later of them win."""
    found = [override.changes for override in panel.overrides if override.fits(name, kind)]
    return replace(panel, **{key: value for each in found for key, value in each.items()}) if found else panel
