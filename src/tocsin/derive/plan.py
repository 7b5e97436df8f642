"""The plan: everything that was decided, before it is spelled for anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tocsin.derive.board import Board
from tocsin.model import Catalog, Counter, Fault, Histogram, Hours, Selector, Signal, slug

Channel = Literal["pagerduty", "slack", "heartbeat"]

_SECRETS: dict[Channel, str] = {"pagerduty": "key", "slack": "url", "heartbeat": "token"}


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule: the series *name* with *labels* holds the value of *expr*."""

    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A fault on which an alert must ring: *within* a time, and not sooner than *not_before*.

    Once the fault is gone the alert must be silent within *silent_within*, if that is promised, and not sooner than
    *silent_not_before*. *visits* is the traffic during the fault, relative to a healthy day; *ebb* that after it,
    relative to that under it. If there is a *calm*, that is for how long it was the usual before the fault; and much
    more before that. *window* is the shortest in which this fault is seen, where others of the rule are
    shorter.
    """

    fault: Fault
    within: str
    not_before: str = "0s"
    silent_within: str = ""
    silent_not_before: str = "0s"
    visits: float = 1.0
    ebb: float = 1.0
    calm: str = ""
    window: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """*count* events within *window*, fewer than which an alert does not judge: those *of* a counter, not *less*."""

    count: int
    window: str
    of: Counter | Selector
    less: Selector | None = None

    @property
    def signals(self) -> frozenset[str]:
        """The name of the signal whose events it counts."""
        return _names(self.of)


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the events of a *total* that are *bad*, of which those of *less* are none."""

    total: Counter | Selector
    bad: Counter | Selector
    less: Selector | None = None


@dataclass(frozen=True, slots=True)
class Slices:
    """The share of slices of time, of a *length* and with *count* events, in which *of* has a mean below *at_least*."""

    of: Histogram
    at_least: float
    count: int
    length: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A share that lies *above* a threshold over each of some *windows*, and *count* bad events over the first of them.

    *fault* is one that clearly makes it hold.
    """

    share: Share | Slices
    above: float
    windows: tuple[str, ...]
    fault: Fault
    count: int = 0

    @property
    def signals(self) -> frozenset[str]:
        """The names of the signals that it judges."""
        share = self.share
        return _names(share.total, share.bad) if isinstance(share, Share) else _names(share.of)

    @property
    def counted_over(self) -> str:
        """How long the time is in which there must be enough events."""
        return self.windows[0] if isinstance(self.share, Share) else self.share.length

    @property
    def enough(self) -> int:
        """How many events that must be."""
        return self.count if isinstance(self.share, Share) else self.share.count


def _names(*read: Signal | Selector) -> frozenset[str]:
    return frozenset(each.signal.name if isinstance(each, Selector) else each.name for each in read)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """An alerting rule, the page that explains it, and what is promised of it.

    It rings on each of *rings*, the first of which is the fault that it is for, and never on those of *quiet*.
    Alerts whose name or subject is in *also* may ring with it.
    If there are *criteria*, it is promised to ring when one of them has held for *lasting*, and at no other time.
    """

    name: str
    expr: str
    severity: str
    service: str
    team: str
    summary: str
    because: str
    within: str
    labels: Mapping[str, str] = field(default_factory=dict)
    lasting: str = "0s"
    runbook: str = ""
    rings: tuple[Ring, ...] = ()
    quiet: tuple[Fault, ...] = ()
    also: tuple[str, ...] = ()
    evidence: Evidence | None = None
    criteria: tuple[Criterion, ...] = ()
    during: Hours | None = None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults on which this alert must ring."""
        return tuple(ring.fault for ring in self.rings)

    @property
    def subject(self) -> str:
        """What a person calls this rule: its service and name, and its objective where it has one."""
        return "/".join((self.service, self.name, *(self.labels[k] for k in ("slo",) if k in self.labels)))

    @property
    def page(self) -> str:
        """The name of its page among those of its service: its own, and its objective where it has one."""
        return "-".join((slug(self.name), *(self.labels[k] for k in ("slo",) if k in self.labels)))


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated one after the other; *owner* is a service, or `tocsin` for what serves all."""

    owner: str
    name: str
    rules: tuple[Recording | AlertRule, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long Alertmanager waits: for a group's first alerts, between its changes, and before it repeats itself."""

    wait: str
    interval: str
    repeat: str


@dataclass(frozen=True, slots=True)
class Route:
    """Alerts with *labels* go to a team's channel."""

    channel: Channel
    team: str
    labels: Mapping[str, str]
    timing: Timing

    @property
    def receiver(self) -> str:
        """The receiver's name: the team and the channel."""
        return f"{self.team}-{self.channel}" if self.team else self.channel

    @property
    def secret(self) -> str:
        """The name of the file that holds the channel's key, address or token."""
        return f"{self.receiver}-{_SECRETS[self.channel]}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written, run and proved for a catalog.

    *prose* are the runbooks that were written by hand, as `<service>/runbooks/<name>.md`, without a service where they
    are for all.
    """

    catalog: Catalog
    scrape_interval: str
    evaluation_interval: str
    groups: tuple[RuleGroup, ...]
    routes: tuple[Route, ...]
    boards: tuple[Board, ...]
    prose: Mapping[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> Iterator[Recording | AlertRule]:
        """Every rule, in the order of its groups."""
        return (rule for group in self.groups for rule in group.rules)

    @property
    def recordings(self) -> Iterator[Recording]:
        """Every recording rule."""
        return (rule for rule in self.rules if isinstance(rule, Recording))

    @property
    def alerts(self) -> Iterator[AlertRule]:
        """Every alerting rule."""
        return (rule for rule in self.rules if isinstance(rule, AlertRule))
