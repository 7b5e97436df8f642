"""What a panel shows, before it is put on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.console.boards.models import Place
from tocsin.console.markdown import Block


@dataclass(frozen=True, slots=True)
class LegendRow:
    """A series in the legend: its name, its colour, and its values in the order of the legend's columns."""

    name: str
    colour: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Options of ECharts, and the legend beside or below; *zooms* tells whether its x axis is the time.

    *traces* are the requests to look into, each in words and with its trace.
    """

    options: Mapping[str, Any]
    columns: tuple[str, ...] = ()
    legend: tuple[LegendRow, ...] = ()
    beside: bool = False
    zooms: bool = False
    traces: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """One value, large; *spark* is the path of what it was before, if that is to be seen."""

    name: str
    text: str
    colour: str
    spark: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values beside each other."""

    each: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; *numeric* are the columns whose cells are numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Plain:
    """A text, as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A text of Markdown, read."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to see, and why; *away* if something is wrong."""

    sentence: str
    away: bool = False


Content = Chart | Numbers | Rows | Plain | Prose | Nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A panel as it is seen; *remarks* say what of it is not shown as Grafana would."""

    number: int
    title: str
    description: str
    place: Place
    content: Content
    links: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
