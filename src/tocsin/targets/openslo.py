"""OpenSLO: each service and each of its objectives as documents that other tools read.

An objective on events has the counters themselves as its queries: whoever reads them takes the increase over a window
first, and then the sum, since a sum of counters hides their resets. That of a mean judges slices of time. Alerts are
left out: an alert condition of OpenSLO has one window and no least number of events, so that it would ring otherwise
than the rules that are proved.

Source: the OpenSLO specification, v1: "General Schema", "Service", "SLO", "Objectives", "SLI", "Ratio Metric".
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import Plan, Share, Slices
from tocsin.model import PERIOD, Latency, Mean, Objective, Service
from tocsin.targets.artifact import Artifact
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml

API = "openslo/v1"


def render(plan: Plan, _: Site) -> Iterator[Artifact]:
    """Yield the documents of each service, the objectives in their order."""
    shares = {
        (rule.service, rule.labels["slo"]): rule.criteria[0].share for rule in plan.alerts if "slo" in rule.labels
    }
    for service in plan.catalog.services:
        objectives = (_slo(service, each, shares[service.name, each.name]) for each in service.objectives)
        yield Artifact(f"openslo/{service.name}.yaml", to_yaml(_service(service), *objectives))


def _service(service: Service) -> dict[str, object]:
    return {
        "apiVersion": API,
        "kind": "Service",
        "metadata": {"name": service.name, "labels": {"team": service.team}},
        "spec": {"description": service.because},
    }


def _slo(service: Service, objective: Objective, share: Share | Slices) -> dict[str, object]:
    name = f"{service.name}-{objective.name}"
    return {
        "apiVersion": API,
        "kind": "SLO",
        "metadata": {"name": name, "displayName": _title(service, objective), "labels": {"team": service.team}},
        "spec": {
            "description": objective.because,
            "service": service.name,
            "indicator": {"metadata": {"name": name}, "spec": _indicator(share)},
            "timeWindow": [{"duration": PERIOD, "isRolling": True}],
            "budgetingMethod": "Occurrences" if isinstance(share, Share) else "Timeslices",
            "objectives": [_target(objective, share)],
        },
    }


def _title(service: Service, objective: Objective) -> str:
    match objective:
        case Latency():
            bound = f", at most {objective.below:g} s"
        case Mean():
            bound = f", a mean of {objective.at_least:g}"
        case _:
            bound = ""
    return f"{service.name}: {objective.name.replace('-', ' ')}{bound}"


def _indicator(share: Share | Slices) -> dict[str, object]:
    if isinstance(share, Slices):
        return {"thresholdMetric": _source(_mean(share))}
    spoilt = {"good": share.less} if share.less is not None else {"bad": share.bad}
    events = {name: _source(str(counted)) for name, counted in (*spoilt.items(), ("total", share.total))}
    return {"ratioMetric": {"counter": True, **events}}


def _mean(slices: Slices) -> str:
    """Return the mean over a slice, where there were events enough."""
    of, length = slices.of, slices.length
    mean = f"sum(rate({of.sum}[{length}])) / sum(rate({of.count}[{length}]))"
    return f"{mean}\nand on () (sum(increase({of.count}[{length}])) >= {slices.count})"


def _source(query: str) -> dict[str, object]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


def _target(objective: Objective, share: Share | Slices) -> dict[str, object]:
    if isinstance(share, Share):
        return {"target": objective.ratio}
    return {
        "op": "gte",
        "value": share.at_least,
        "target": objective.ratio,
        "timeSliceTarget": 1.0,
        "timeSliceWindow": share.length,
    }
