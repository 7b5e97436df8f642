"""Objectives as recordings and multi-window, multi-burn-rate alerts.

Sources: SRE Workbook, chapter 5 (windows and factors); Sloth's recording names, since published dashboards read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.derive.baseline import baseline
from tocsin.derive.clauses import holds, unless_down
from tocsin.derive.plan import AlertRule, Criterion, Evidence, Recording, Ring, RuleGroup, Share
from tocsin.derive.rings import CLEARLY, NEARLY, RUSH, detection, ebb, reset, ring
from tocsin.derive.sli import Indicator, indicator
from tocsin.model import PERIOD, Flapping, Latency, Objective, Service, Severity, seconds

CEILING = 0.9
"""The highest error ratio that an alert waits for: factor x budget of 1 or more could never be passed."""

BELOW = 0.95
"""Times the threshold of a burn that the fault for the next, slower one spoils at most."""


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
    shares = tuple(_spoilt(objective, burns))
    rings = tuple(_rings(service, objective, sli, burns, shares))
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
        evidence=_evidence(sli, burns[0]),
        criteria=tuple(
            Criterion(
                sli.share,
                _threshold(objective, burn),
                (burn.long, burn.short),
                sli.fault(share),
                objective.min_failures if sli.failures else 0,
            )
            for burn, share in zip(burns, shares, strict=True)
        ),
    )


def _distinct(objective: Objective, alert: BurnAlert) -> tuple[Burn, ...]:
    """Return an alert's burns, without the slower one where both wait for the same ratio: the faster sees it first."""
    faster, slower = alert.burns
    return (faster,) if _threshold(objective, faster) == _threshold(objective, slower) else alert.burns


def _spoilt(objective: Objective, burns: tuple[Burn, ...]) -> Iterator[float]:
    """Yield for each burn a share of bad events that clearly passes its threshold, and not that of the burn before."""
    highest = 1.0
    for burn in burns:
        threshold = _threshold(objective, burn)
        yield min(CLEARLY * threshold, highest)
        highest = threshold * BELOW


def _rings(
    service: Service, objective: Objective, sli: Indicator, burns: tuple[Burn, ...], shares: tuple[float, ...]
) -> Iterator[Ring]:
    """Yield the rings of each burn: the first with the usual visits if it can be seen so, and all with others."""
    usual = baseline(service, objective)
    for burn, following, clearly in zip(burns, (*burns[1:], None), shares, strict=True):
        threshold = _threshold(objective, burn)
        overtaken = following is not None and _implies(burn, following)
        for visits in _visits(last=following is None, overtaken=overtaken) if sli.failures else (1.0,):
            rush = visits != 1
            spoilt = min(clearly, NEARLY * threshold) if rush else clearly
            fault = sli.fault(spoilt)
            bad = spoilt + (1 - spoilt) * usual if isinstance(objective, Latency) else spoilt
            silent = reset(seconds(burn.short), threshold, bad, usual, ebb(visits))
            yield ring(
                fault,
                detection(seconds(burn.long), threshold, bad, visits, usual),
                None if isinstance(fault, Flapping) else silent,
                delay=sli.delay,
                visits=visits,
                calm=burn.long if overtaken and rush else "",
                window=burn.short,
            )


def _visits(*, last: bool, overtaken: bool) -> tuple[float, ...]:
    """Return the visits under which a burn shows; the usual alone would not do, with which windows are all alike."""
    return (RUSH,) if last or overtaken else (1.0, RUSH)


def _implies(burn: Burn, slower: Burn) -> bool:
    """Tell whether, under steady traffic, *slower* holds wherever *burn* does."""
    return burn.factor * seconds(burn.long) >= slower.factor * seconds(slower.long)


def _evidence(sli: Indicator, burn: Burn) -> Evidence:
    share = sli.share
    if isinstance(share, Share):
        return Evidence(sli.least, burn.long, share.bad, share.less)
    return Evidence(sli.least, share.length, share.of.count)


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
