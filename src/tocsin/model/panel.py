"""Panels: what people look at on a board."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tocsin.model.errors import DeclarationError

Kind = Literal["timeseries", "stat", "gauge", "bargauge", "piechart", "heatmap", "table"]
Unit = Literal["short", "reqps", "cpm", "ops", "percentunit", "s", "bytes", "bool", "cores"]
"""Grafana's unit names, and `cores`; `cpm` is a count per minute."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression and the legend of its lines, with labels as {{label}}."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled picture of one or more queries; *help* says what to do when it looks wrong.

    *objective* names the service's objective whose bound is drawn in it.
    """

    title: str
    queries: tuple[Query, ...]
    unit: Unit = field(kw_only=True)
    help: str = field(kw_only=True)
    kind: Kind = field(default="timeseries", kw_only=True)
    objective: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.queries:
            raise DeclarationError(f"The panel {self.title!r} needs a title and at least one query.")
