"""What was seen of the world before judging; a check never looks by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tocsin.model.passage import Passage, Place

_ALLOW = re.compile(r"allow\s+(?P<check>\S+)(?:\s+because\s+(?P<because>.*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRule:
    """A rule of a rule file: *lasting*, *keeping*, *interval* in seconds, with its *annotations* and *labels*.

    It rings once it held for *lasting*, and *keeping* longer than it holds. *ends* is the last line that belongs to it.
    *compares* tells that the expression itself decides when it rings.
    """

    kind: Literal["alert", "recording"]
    name: str
    expr: Passage
    group: str
    place: Place
    ends: int
    lasting: float = 0.0
    keeping: float = 0.0
    interval: float | None = None
    labels: Mapping[str, Passage] = field(default_factory=dict)
    annotations: Mapping[str, Passage] = field(default_factory=dict)
    compares: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPanel:
    """A panel of a dashboard; *unit* is Grafana's name of one."""

    title: str
    kind: str
    unit: str
    queries: tuple[Passage, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBoard:
    """A dashboard: *variables* by name, each with how it is defined, and *uses*, all text that may speak of one."""

    title: str
    panels: tuple[SeenPanel, ...]
    place: Place
    variables: Mapping[str, str] = field(default_factory=dict)
    uses: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMetric:
    """A metric of an exposition: *labels* of its series, beside `le` and `quantile`, each with the values seen.

    A label that some series lack has the value "" too.

    *bounds* are the finite bounds of a histogram's buckets; *series* how many were seen.
    """

    name: str
    kind: str
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bounds: tuple[float, ...] = ()
    series: int = 0
    native: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class SeenSample:
    """A line of an exposition: a series by its name and labels."""

    name: str
    labels: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class SeenFamily:
    """The lines of an exposition about one metric, which bears the name of its series, or of its histogram.

    *kind* is "" where no line says it; *place* that of the first line.
    """

    name: str
    kind: str
    help: str
    samples: tuple[SeenSample, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Exposed:
    """What a *service* exposes; *libraries* is how the names begin of metrics that its libraries choose."""

    service: str
    families: Mapping[str, SeenFamily]
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """A comment that allows what *check* finds from place *first* to place *last*, *because* of something."""

    check: str
    because: str
    place: Place
    first: Place
    last: Place

    @classmethod
    def of(cls, said: str, place: Place, first: Place, last: Place) -> Allowance:
        """Return what a comment says after `tocsin:` as an allowance, of a check without a name if it is none."""
        found = _ALLOW.match(said)
        if found is None:
            return cls("", said.strip(), place, first, last)
        return cls(found["check"], (found["because"] or "").strip(), place, first, last)

    def covers(self, place: Place) -> bool:
        """Tell whether it allows something at *place*."""
        return place.file == self.place.file and (
            (self.first.line, self.first.column) <= (place.line, place.column) <= (self.last.line, self.last.column)
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a file that was not read, and why."""

    place: Place
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a file that Prometheus or Grafana would refuse, and why."""

    place: Place
    why: str


@dataclass(frozen=True, slots=True)
class SeenTarget:
    """A target of a running Prometheus: *why* its last scrape failed, "" if it did not."""

    job: str
    instance: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What a running Prometheus says.

    *series* are how many there are now, by job and name; None if it was not asked. *answers* are how many series
    came of each question; a question that is missing was not asked.
    """

    targets: tuple[SeenTarget, ...] = ()
    series: Mapping[tuple[str, str], int] | None = None
    answers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was looked at; None means that nobody looked.

    *runbooks* are the pages found, as `<service>/<path>`; *secrets* the names of the files that
    hold keys and addresses. *commands* are those of Tocsin, each with its flags; without any, nobody looked.
    *catalog* are the modules of the catalog, *code* those of each service.
    *metrics* are those of expositions, by name, and *target_labels* what a scrape adds. *exposed* is the exposition of
    one service, line by line.
    """

    runbooks: Mapping[str, Passage] | None = None
    secrets: frozenset[str] | None = None
    commands: Mapping[str, frozenset[str]] = field(default_factory=dict)
    catalog: tuple[Passage, ...] = ()
    code: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)
    rules: tuple[SeenRule, ...] = ()
    boards: tuple[SeenBoard, ...] = ()
    metrics: Mapping[str, SeenMetric] | None = None
    target_labels: tuple[str, ...] = ("job", "instance")
    allowances: tuple[Allowance, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    refused: tuple[Refused, ...] = ()
    live: Live | None = None
    exposed: Exposed | None = None
