"""Objectives as recordings and multi-window, multi-burn-rate alerts.

Sources: SRE Workbook, chapter 5 (windows and factors); Sloth's recording names, since published dashboards read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.derive.baseline import baseline
from tocsin.derive.clauses import holds, unless_down
from tocsin.derive.plan import AlertRule, Evidence, Recording, Ring, RuleGroup
from tocsin.derive.rings import CLEARLY, detection, reset, ring
from tocsin.derive.sli import Indicator, indicator
from tocsin.model import PERIOD, Flapping, Flow, Latency, Mean, Objective, Selector, Service, Severity, Spread, seconds

CEILING = 0.9
"""The highest error ratio that an alert waits for: factor x budget of 1 or more could never be passed."""

BELOW = 0.95
"""Times the threshold of a burn that the fault for the next, slower one spoils at most."""
QUIET = 0.25
"""Times the usual visits under which a burn shows that a slower one would otherwise see first."""
RUSH = 4.0
"""Times the usual visits, after which a ratio of two different windows is far from what it was."""


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
    clauses = (unless_down(service.name),) if alert.severity == "warning" else ()
    burns = _distinct(objective, alert)
    burning = "\nor ".join(_burning(service, objective, sli, burn) for burn in burns)
    rings = tuple(_rings(service, objective, sli, burns))
    return AlertRule(
        name=alert.name,
        expr=holds(f"max(\n{burning}\n)", *clauses),
        within=rings[0].within,
        severity=alert.severity,
        service=service.name,
        team=service.team,
        labels={"slo": objective.name},
        summary=f"{service.name} spends its {objective.name} error budget {alert.pace}",
        because=f"{objective.because} Promised over {PERIOD}: {_promise(objective)}.",
        runbook=objective.runbook or "runbooks/error-budget-burn.md",
        rings=rings,
        quiet=(sli.fault(objective.budget / 2),),
        evidence=_evidence(objective, sli, burns[0]),
    )


def _distinct(objective: Objective, alert: BurnAlert) -> tuple[Burn, ...]:
    """Return an alert's burns, without the slower one where both wait for the same ratio: the faster sees it first."""
    faster, slower = alert.burns
    return (faster,) if _threshold(objective, faster) == _threshold(objective, slower) else alert.burns


def _rings(service: Service, objective: Objective, sli: Indicator, burns: tuple[Burn, ...]) -> Iterator[Ring]:
    """Yield for each burn a fault that clearly passes its threshold, and not that of the burn before."""
    usual = baseline(service, objective)
    highest = 1.0
    for burn, following in zip(burns, (*burns[1:], None), strict=True):
        threshold = _threshold(objective, burn)
        spoilt = min(CLEARLY * threshold, highest)
        highest = threshold * BELOW
        rush = following is None and usual < threshold / 4 and not _steady(service, sli)
        visits = _visits(burn, following) if sli.failures and (following or rush) else 1.0
        fault = sli.fault(spoilt)
        silent = reset(seconds(burn.short), threshold, spoilt, usual, min(1.0, visits) / visits)
        yield ring(
            fault,
            detection(seconds(burn.long), threshold, spoilt, visits, usual),
            None if isinstance(fault, Flapping) else silent,
            delay=sli.delay,
            visits=visits,
            window=burn.short,
        )


def _steady(service: Service, sli: Indicator) -> bool:
    """Tell whether what an indicator counts goes on whether or not anybody visits."""
    of = sli.counted[0]
    name = of.signal.name if isinstance(of, Selector) else of.name
    return any(
        isinstance(each, Flow | Spread) and each.steady and each.signal.name == name for each in service.behaviour
    )


def _visits(burn: Burn, slower: Burn | None) -> float:
    """Return the visits under which a burn shows; the last one's come in a rush, so that no window is like another."""
    if slower is None:
        return RUSH
    return QUIET if _implies(burn, slower) else 1.0


def _implies(burn: Burn, slower: Burn) -> bool:
    """Tell whether, under steady traffic, *slower* holds wherever *burn* does."""
    return burn.factor * seconds(burn.long) >= slower.factor * seconds(slower.long)


def _evidence(objective: Objective, sli: Indicator, burn: Burn) -> Evidence:
    count = objective.min_events if isinstance(objective, Mean) else objective.min_failures
    return Evidence(count, sli.window or burn.long, *sli.counted)


def _burning(service: Service, objective: Objective, sli: Indicator, burn: Burn) -> str:
    limit = f"{_factor(objective, burn):.6g} * {objective.budget:g}"
    long, short = (error_ratio(window, service, objective) for window in (burn.long, burn.short))
    evidence = f" and on () ({sli.failures(burn.long)} >= {objective.min_failures})" if sli.failures else ""
    return f"({long} > {limit} and on () ({short} > {limit}){evidence})"


def _factor(objective: Objective, burn: Burn) -> float:
    return min(burn.factor, CEILING / objective.budget)


def _threshold(objective: Objective, burn: Burn) -> float:
    return _factor(objective, burn) * objective.budget


def _promise(objective: Objective) -> str:
    share = f"{objective.ratio * 100:.6g} %"
    return f"{share} within {objective.below:g} seconds" if isinstance(objective, Latency) else f"{share} good"
