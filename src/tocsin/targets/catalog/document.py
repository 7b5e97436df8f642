"""What stands in catalog.json: everything that was declared, and every alert that follows from it."""

from __future__ import annotations

import dataclasses
from typing import Any

from tocsin.derive import AlertRule, Plan
from tocsin.model import (
    PERIOD,
    PROCESS,
    SCRAPE,
    TARGET_LABELS,
    Availability,
    Fault,
    Gauge,
    Histogram,
    Hours,
    Label,
    Latency,
    Mean,
    Objective,
    Ratio,
    Selector,
    Service,
    Signal,
    milliseconds,
)
from tocsin.promql.units import word
from tocsin.targets.catalog.schema import SCHEMA, VERSION
from tocsin.targets.site import Site
from tocsin.targets.text import NOTICE_TEXT

_Object = dict[str, Any]


def document(plan: Plan, site: Site) -> _Object:
    """Return the catalog of *plan*; times are in seconds."""
    catalog = plan.catalog
    alerts: dict[str, list[_Object]] = {service.name: [] for service in catalog.services}
    common: list[_Object] = []
    for rule in plan.alerts:
        alerts.get(rule.service, common).append(_alert(plan, site, rule))
    return {
        "$schema": SCHEMA,
        "$comment": NOTICE_TEXT,
        "version": VERSION,
        "scrape_interval": _seconds(plan.scrape_interval),
        "evaluation_interval": _seconds(plan.evaluation_interval),
        "target_labels": list(TARGET_LABELS),
        "teams": [{"name": team.name, "slack": team.slack} for team in catalog.teams],
        "hours": [_hours(hours) for hours in catalog.hours],
        "services": [_service(service, alerts[service.name]) for service in catalog.services],
        "alerts": common,
    }


def _service(service: Service, alerts: list[_Object]) -> _Object:
    traffic = service.traffic
    return {
        "name": service.name,
        "team": service.team,
        "port": service.port,
        "because": service.because,
        "idles": service.idles,
        "public_url": service.public_url,
        "jobs": list(service.jobs),
        "series": service.series,
        "traffic": {**dataclasses.asdict(traffic), "routes": list(traffic.routes)},
        "signals": [_signal(service, signal) for signal in service.exposed if signal not in SCRAPE],
        "objectives": [_objective(service, objective) for objective in service.objectives],
        "alerts": alerts,
    }


def _signal(service: Service, signal: Signal) -> _Object:
    more: _Object = {}
    if isinstance(signal, Histogram):
        more["buckets"] = list(signal.buckets)
    if isinstance(signal, Gauge):
        more["across"] = signal.across
    return {
        "name": signal.name,
        "type": signal.kind,
        "unit": word(signal.name),
        "help": signal.help,
        "from": "service" if signal in service.signals else "library" if signal in PROCESS else "tocsin",
        "labels": [_label(label) for label in signal.labels],
        **more,
    }


def _label(label: Label) -> _Object:
    return (
        {"name": label.name, "values": list(label.domain)}
        if label.closed
        else {"name": label.name, "limit": label.limit}
    )


def _objective(service: Service, objective: Objective) -> _Object:
    return {
        "name": objective.name,
        "type": type(objective).__name__.lower(),
        "ratio": objective.ratio,
        "period": _seconds(PERIOD),
        "because": objective.because,
        **_promise(service, objective),
    }


def _promise(service: Service, objective: Objective) -> _Object:
    match objective:
        case Latency():
            return {"of": (objective.of or service.http_duration).name, "below": objective.below}
        case Mean():
            return {"of": objective.signal.name, "at_least": objective.at_least}
        case Ratio():
            return {"bad": str(objective.bad), "total": str(objective.total)}
        case Availability():
            return {}
        case _:
            raise AssertionError(f"nothing is written of {type(objective).__name__}")


def _alert(plan: Plan, site: Site, rule: AlertRule) -> _Object:
    return {
        "name": rule.name,
        "severity": rule.severity,
        "team": rule.team,
        "labels": dict(rule.labels),
        "summary": rule.summary,
        "because": rule.because,
        "expr": rule.expr,
        "lasting": _seconds(rule.lasting),
        "within": _seconds(rule.within),
        "during": rule.during.name if rule.during else None,
        "rings_on": [_fault(fault) for fault in rule.faults],
        "quiet_on": [_fault(fault) for fault in rule.quiet],
        "runbook": site.runbook(plan.catalog, rule.service, rule.page),
    }


def _fault(fault: Fault) -> _Object:
    """Return a fault: its fields, signals by name and series as selectors, and what it is in words."""
    fields = {field.name: getattr(fault, field.name) for field in dataclasses.fields(fault)}
    told = {name: _told(name, value) for name, value in fields.items() if value is not None}
    return {"type": type(fault).__name__.lower(), "says": str(fault), **told}


def _told(name: str, value: object) -> object:
    if isinstance(value, Fault):
        return _fault(value)
    if isinstance(value, Signal | Selector):
        return str(value)
    return _seconds(value) if isinstance(value, str) and name in ("there", "away") else value


def _hours(hours: Hours) -> _Object:
    spans = [{"day": span.day, "opens": span.opens, "closes": span.closes} for span in hours.spans]
    return {"name": hours.name, "zone": hours.zone, "spans": spans}


def _seconds(duration: str) -> float:
    """Return a duration in seconds, as a whole number where it is one."""
    millis = milliseconds(duration)
    return millis // 1000 if millis % 1000 == 0 else millis / 1000
