"""Declared alerts, with the conditions that a declaration leaves to us."""

from __future__ import annotations

from tocsin.derive.clauses import at_least, holds, open_hours, unless_down
from tocsin.derive.plan import AlertRule, Evidence, Ring
from tocsin.model import Alert, Service


def rule(service: Service, alert: Alert) -> AlertRule:
    """Return the rule of an alert that a service declares."""
    enough = alert.at_least
    clauses = []
    if enough is not None:
        clauses.append(at_least(enough))
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
        rings=tuple(Ring(fault=fault, within=alert.within, not_before=alert.not_before) for fault in alert.faults),
        quiet=alert.near_misses,
        also=alert.also,
        during=alert.during,
        evidence=None if enough is None else Evidence(enough.count, enough.window, enough.of),
    )
