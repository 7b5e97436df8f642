"""A board: what stands on it, in the order in which it is read, before it is spelled for Grafana."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.model import HTTP_REQUESTS, Panel, Severity, Unit

Folder = Literal["services", "business", "operations"]

LONGEST = 40
"""Characters that Grafana allows a board's uid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From which value on something is wrong; with *below* it is what lies under the value."""

    warning: float | None = None
    critical: float | None = None
    below: bool = False

    @classmethod
    def of(cls, severity: Severity, value: float) -> Bounds:
        """Return the bound from which something is as bad as *severity* says."""
        return cls(critical=value) if severity == "critical" else cls(warning=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """A panel on a board, and what is known beside it.

    *runbook* is the page of an alert of *service*, or of the one that a line of the picture is of; where lines are of
    objectives, it is that of the alert on the line's.
    *empty* is what it says where nothing is to be seen, which then is no fault. *exemplars* asks for the traces behind
    a latency, *columns* names the labels that a table shows, *axis* is the unit of a heatmap's buckets.
    """

    panel: Panel
    bounds: Bounds = Bounds()
    service: str = ""
    runbook: str = ""
    empty: str = ""
    exemplars: bool = False
    columns: tuple[str, ...] = ()
    axis: Unit = "short"


@dataclass(frozen=True, slots=True)
class Row:
    """Panes below a heading."""

    title: str
    panes: tuple[Pane, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice on top of a board among the values of *label* on the series of *selector*; several may be chosen."""

    name: str
    label: str
    selector: str

    @property
    def matcher(self) -> str:
        """The matcher of what is chosen."""
        return f'{self.label}=~"${self.name}"'


SERVICE = Variable("service", "service", HTTP_REQUESTS.name)
"""Which of the services that answer requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Rows about one *service*, or, where it is "", about all of them; at first it shows the last *span* of time.

    With *guided*, every alert that may ring about them stands below the rows, with what it means and its runbook.
    """

    uid: str
    title: str
    folder: Folder
    file: str
    help: str
    rows: tuple[Row, ...]
    service: str = ""
    span: str = "1h"
    variables: tuple[Variable, ...] = ()
    guided: bool = False

    @property
    def panes(self) -> Iterator[Pane]:
        """Every pane, in reading order."""
        return (pane for row in self.rows for pane in row.panes)


def uid(*names: str) -> str:
    """Return the uid of a board by its names: the same ones for ever, and never longer than Grafana allows."""
    whole = "-".join(("tocsin", *names))
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
