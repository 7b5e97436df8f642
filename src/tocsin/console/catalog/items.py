"""What a service has in its catalog: itself, its signals, its objectives and its alerts, derived ones too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.derive import AlertRule, Plan
from tocsin.model import Service

Kind = Literal["service", "signal", "objective", "alert"]


@dataclass(frozen=True, slots=True)
class Item:
    """Something of the catalog; *help* says what it is for.

    It is declared by calling *call*, whose first argument or name is *called*; for a derived alert by that of which it
    is derived.
    """

    kind: Kind
    name: str
    help: str
    call: str
    called: str
    severity: str = ""

    @property
    def key(self) -> str:
        """What tells it from all others in the address of the page."""
        return f"{self.kind}/{self.name}"

    def says(self, text: str) -> bool:
        """Whether *text* stands in what is known of it."""
        return text.lower() in f"{self.key} {self.help}".lower()


def items(plan: Plan, service: Service) -> Iterator[Item]:
    """Yield everything that *service* has."""
    yield Item("service", service.name, service.because, "Service", service.name)
    for signal in service.signals:
        yield Item("signal", signal.name, signal.help, type(signal).__name__, signal.name)
    for each in service.objectives:
        yield Item("objective", each.name, each.because, type(each).__name__, each.name)
    for rule in plan.alerts:
        if rule.service == service.name:
            call, called = _declared(rule, service)
            yield Item("alert", rule.subject.partition("/")[2], rule.because, call, called, rule.severity)


def _declared(rule: AlertRule, service: Service) -> tuple[str, str]:
    """Return what is called to declare an alert, and with which name."""
    if any(alert.name == rule.name for alert in service.alerts):
        return "Alert", rule.name
    objective = next((each for each in service.objectives if each.name == rule.labels.get("slo")), None)
    return ("Service", service.name) if objective is None else (type(objective).__name__, objective.name)
