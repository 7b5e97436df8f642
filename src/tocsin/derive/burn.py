"""Objectives as recordings and multi-window, multi-burn-rate alerts.

Sources: SRE Workbook, chapter 5 (windows and factors); Sloth's recording names, since published dashboards read them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.derive.clauses import holds, unless_down
from tocsin.derive.plan import AlertRule, Recording, RuleGroup
from tocsin.derive.sli import Indicator, indicator
from tocsin.model import PERIOD, Latency, Objective, Service, Severity, seconds

CEILING = 0.9
"""The highest error ratio that an alert waits for: factor x budget of 1 or more could never be passed."""


@dataclass(frozen=True, slots=True)
class Burn:
    """A rate of spending the error budget, seen over a long window and still going on in a short one."""

    factor: float
    long: str
    short: str


@dataclass(frozen=True, slots=True)
class BurnAlert:
    """Two burn rates that one alert rings on."""

    name: str
    severity: Severity
    pace: str
    burns: tuple[Burn, Burn]


FAST = BurnAlert("ErrorBudgetBurnFast", "critical", "fast", (Burn(14.4, "1h", "5m"), Burn(6, "6h", "30m")))
SLOW = BurnAlert("ErrorBudgetBurnSlow", "warning", "slowly", (Burn(3, "1d", "2h"), Burn(1, "3d", "6h")))
WINDOWS = tuple(sorted({w for alert in (FAST, SLOW) for b in alert.burns for w in (b.long, b.short)}, key=seconds))


def group(service: Service, objective: Objective) -> RuleGroup:
    """Return the recordings and the alerts of one objective."""
    labels = {"service": service.name, "slo": objective.name}
    sli = indicator(service, objective, labels)
    alerts = (_alert(service, objective, sli, alert) for alert in (FAST, SLOW))
    rules: tuple[Recording | AlertRule, ...] = (*_recordings(service, objective, sli), *alerts)
    return RuleGroup(service.name, f"{service.name}/objective/{objective.name}", rules)


def error_ratio(window: str, service: Service, objective: Objective) -> str:
    """Return the selector of the recorded error ratio over a window."""
    return f'slo:sli_error:ratio_rate{window}{{service="{service.name}",slo="{objective.name}"}}'


def _recordings(service: Service, objective: Objective, sli: Indicator) -> Iterator[Recording]:
    labels = {
        "service": service.name,
        "slo": objective.name,
        "sloth_id": f"{service.name}-{objective.name}",
        "sloth_service": service.name,
        "sloth_slo": objective.name,
    }
    mine = f'{{service="{service.name}",slo="{objective.name}"}}'
    budget = f"slo:error_budget:ratio{mine}"
    yield from sli.inputs
    for window in WINDOWS:
        yield Recording(
            f"slo:sli_error:ratio_rate{window}", sli.error_ratio(window), {**labels, "sloth_window": window}
        )
    yield Recording(f"slo:sli_error:ratio_rate{PERIOD}", sli.period_ratio, {**labels, "sloth_window": PERIOD})
    yield Recording("slo:objective:ratio", f"vector({objective.ratio:g})", labels)
    yield Recording("slo:error_budget:ratio", f"vector({objective.budget:g})", labels)
    yield Recording("slo:time_period:days", f"vector({seconds(PERIOD) / 86_400:g})", labels)
    current, period = (error_ratio(window, service, objective) for window in ("5m", PERIOD))
    yield Recording("slo:current_burn_rate:ratio", f"{current} / on (service, slo) {budget}", labels)
    yield Recording("slo:period_burn_rate:ratio", f"{period} / on (service, slo) {budget}", labels)
    yield Recording("slo:period_error_budget_remaining:ratio", f"1 - slo:period_burn_rate:ratio{mine}", labels)


def _alert(service: Service, objective: Objective, sli: Indicator, alert: BurnAlert) -> AlertRule:
    spoilt = min(1.0, 2 * _threshold(objective, alert.burns[0]))
    clauses = (unless_down(service.name),) if alert.severity == "warning" else ()
    burning = "\nor ".join(_burning(service, objective, sli, burn) for burn in alert.burns)
    return AlertRule(
        name=alert.name,
        expr=holds(f"max(\n{burning}\n)", *clauses),
        within=_within(objective, alert.burns[0], sli.spoilt(spoilt)),
        severity=alert.severity,
        service=service.name,
        team=service.team,
        labels={"slo": objective.name},
        summary=f"{service.name} spends its {objective.name} error budget {alert.pace}",
        because=f"{objective.because} Promised over {PERIOD}: {_promise(objective)}.",
        runbook=objective.runbook or "runbooks/error-budget-burn.md",
        faults=(sli.fault(spoilt),),
    )


def _burning(service: Service, objective: Objective, sli: Indicator, burn: Burn) -> str:
    limit = f"{_factor(objective, burn):.6g} * {objective.budget:g}"
    long, short = (error_ratio(window, service, objective) for window in (burn.long, burn.short))
    evidence = f" and on () ({sli.failures(burn.long)} >= {objective.min_failures})" if sli.failures else ""
    return f"({long} > {limit} and on () ({short} > {limit}){evidence})"


def _factor(objective: Objective, burn: Burn) -> float:
    return min(burn.factor, CEILING / objective.budget)


def _threshold(objective: Objective, burn: Burn) -> float:
    return _factor(objective, burn) * objective.budget


def _within(objective: Objective, burn: Burn, spoilt: float) -> str:
    """Return how soon the long window's ratio passes the threshold when *spoilt* of all events are bad, and some room.

    After an outage of t in a window of w the ratio is spoilt * t / w, so it passes the threshold
    at w * threshold / spoilt.
    """
    minutes = seconds(burn.long) / 60 * _threshold(objective, burn) / spoilt
    return f"{math.ceil(minutes * 1.1) + 5}m"


def _promise(objective: Objective) -> str:
    share = f"{objective.ratio * 100:.6g} %"
    return f"{share} within {objective.below:g} seconds" if isinstance(objective, Latency) else f"{share} good"
