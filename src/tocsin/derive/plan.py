"""The plan: everything that was decided, before it is spelled for anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tocsin.model import Catalog, Fault, Panel

Channel = Literal["pagerduty", "slack", "heartbeat"]

_SECRETS: dict[Channel, str] = {"pagerduty": "key", "slack": "url", "heartbeat": "token"}


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule: the series *name* with *labels* holds the value of *expr*."""

    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """An alerting rule, the page that explains it, and the faults on which it must ring *within* a time."""

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
    faults: tuple[Fault, ...] = ()

    @property
    def subject(self) -> str:
        """What a person calls this rule: its service and name, and its objective where it has one."""
        return "/".join((self.service, self.name, *(self.labels[k] for k in ("slo",) if k in self.labels)))


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
class Board:
    """Panels about one service, in the order in which they are read."""

    uid: str
    title: str
    service: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written, run and proved for a catalog."""

    catalog: Catalog
    scrape_interval: str
    evaluation_interval: str
    groups: tuple[RuleGroup, ...]
    routes: tuple[Route, ...]
    boards: tuple[Board, ...]

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
