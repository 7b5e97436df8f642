"""Declared alerts, with the conditions that a declaration leaves to us."""

from __future__ import annotations

from tocsin.derive.clauses import enough, holds, open_hours, unless_down
from tocsin.derive.plan import AlertRule
from tocsin.model import Alert, Service


def rule(service: Service, alert: Alert) -> AlertRule:
    """Return the rule of an alert that a service declares."""
    clauses = []
    if alert.at_least is not None:
        clauses.append(enough(alert.at_least))
    if alert.during is not None:
        clauses.append(open_hours(alert.during))
    if alert.severity == "warning":
        clauses.append(unless_down(service.name))
    return AlertRule(
        name=alert.name,
        expr=holds(alert.when, *clauses),
        lasting=alert.lasting,
        within=alert.within,
        severity=alert.severity,
        service=service.name,
        team=service.team,
        summary=alert.headline,
        because=alert.because,
        runbook=alert.runbook,
        faults=alert.faults,
    )
