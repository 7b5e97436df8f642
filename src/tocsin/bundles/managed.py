"""Google Cloud Managed Service for Prometheus: what it scrapes on GKE, and the rules that it evaluates.

A service's `Rules` see and write series of their own namespace alone, and so do the opening hours that they read. The
Watchdog says that the alarm works, once in each cluster: `ClusterRules`. What the sidecar on Cloud Run writes has
another cluster and namespace than any on GKE: its rules are `GlobalRules`, which select by no label of a place.

The operator sets `job` to the name of the PodMonitoring, so that it is the service's, as rules ask; a target's label
`service` is read from its pod, so that `up` has it too, and `team` is put on what is scraped.

Sources: prometheus-engine's API reference (monitoring.googleapis.com/v1: PodMonitoring, ScrapeEndpoint, TargetLabels,
RelabelingRule, Rules, ClusterRules, GlobalRules, RuleGroup, Rule) and its package rules (how they are scoped); Google
Cloud's documentation, "Managed rule evaluation and alerting", "Evaluation of rules and alerts with managed collection"
and "PromQL compatibility".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tocsin.bundles.spelled import Spelled
from tocsin.derive import Plan
from tocsin.model import Service
from tocsin.targets import PRODUCTION, Artifact
from tocsin.targets.text import to_yaml

API = "monitoring.googleapis.com/v1"
NAME = "app.kubernetes.io/name"
"""The label of a pod that holds the service's name."""

_RULES = "prometheus/rules/"
_Groups = list[dict[str, Any]]


def pack(plan: Plan, spelled: Spelled) -> Iterator[Artifact]:
    """Yield what is scraped of each service and its rules, what serves all, and all rules as GlobalRules too."""
    services = {service.name: service for service in plan.catalog.services}
    for path, text in spelled(PRODUCTION).items():
        if not path.startswith(_RULES):
            continue
        owner = path.removeprefix(_RULES).removesuffix(".yaml")
        groups = _timed(yaml.safe_load(text)["groups"], plan.evaluation_interval)
        documents = _service(services[owner], plan, groups) if owner in services else _shared(owner, groups)
        yield Artifact(f"managed/{owner}.yaml", to_yaml(*documents))
        yield Artifact(f"managed/global/{owner}.yaml", to_yaml(_rules("GlobalRules", owner, groups)))


def _timed(groups: _Groups, interval: str) -> _Groups:
    """Say how often each group is evaluated, which Prometheus says once for all."""
    return [{"name": group["name"], "interval": interval, "rules": group["rules"]} for group in groups]


def _service(service: Service, plan: Plan, groups: _Groups) -> Iterator[dict[str, object]]:
    yield {
        "apiVersion": API,
        "kind": "PodMonitoring",
        "metadata": {"name": service.name},
        "spec": {
            "selector": {"matchLabels": {NAME: service.name}},
            "endpoints": [
                {
                    "port": service.port,
                    "interval": plan.scrape_interval,
                    "metricRelabeling": [{"action": "replace", "targetLabel": "team", "replacement": service.team}],
                }
            ],
            "targetLabels": {"metadata": ["pod"], "fromPod": [{"from": NAME, "to": "service"}]},
        },
    }
    yield _rules("Rules", service.name, groups)


def _shared(owner: str, groups: _Groups) -> Iterator[dict[str, object]]:
    """Yield what is recorded for the services' rules in their namespace, and what rings once in a cluster."""
    recorded = [group for group in groups if any("record" in rule for rule in group["rules"])]
    alone = [group for group in groups if group not in recorded]
    if recorded:
        yield _rules("Rules", owner, recorded)
    if alone:
        yield _rules("ClusterRules", owner, alone)


def _rules(kind: str, name: str, groups: _Groups) -> dict[str, object]:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": {"groups": groups}}
