"""The same rules and targets for the Prometheus Operator: a PodMonitor and a PrometheusRule for each service.

A public URL is asked by a Probe, through the stack's own blackbox exporter.

A PodMonitor needs no Service before the pods, and finds what the stack's own Prometheus finds. The operator puts
`namespace`, `pod`, `container` and `endpoint` beside our labels, which no rule reads.

There is no AlertmanagerConfig: by default the operator lets such a route match only alerts with the label `namespace`
of its own namespace (alertmanagerConfigMatcherStrategy: OnNamespace). Many of ours have none: their rules aggregate by
service, and an absent target has no namespace; they would reach nobody.

The chart's Prometheus judges rules twice a minute unless told otherwise: each group says how often it was proved.

Sources: prometheus-operator's API reference (monitoring.coreos.com/v1: PodMonitor, PodMetricsEndpoint, RelabelConfig,
Probe, PrometheusRule, RuleGroup, Rule; AlertmanagerConfigMatcherStrategy); kube-prometheus-stack's values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from tocsin.bundles.kubernetes import blackbox, objects
from tocsin.bundles.kubernetes.cluster import MONITORING, SELECTED, SERVICES
from tocsin.derive import Plan
from tocsin.model import Service
from tocsin.targets import Artifact
from tocsin.targets.probing import MODULE
from tocsin.targets.text import to_yaml

_RULES = "prometheus/rules/"


def render(plan: Plan, texts: Mapping[str, str]) -> Iterator[Artifact]:
    """Yield a file for each service, and one for what all share."""
    services = {service.name: service for service in plan.catalog.services}
    for path, text in texts.items():
        if path.startswith(_RULES):
            owner = path.removeprefix(_RULES).removesuffix(".yaml")
            monitors = list(_monitors(services[owner], plan)) if owner in services else []
            groups = [{"interval": plan.evaluation_interval, **group} for group in yaml.safe_load(text)["groups"]]
            rules = _object("PrometheusRule", owner, {"groups": groups})
            yield Artifact(f"operator/{owner}.yaml", to_yaml(*monitors, rules))
    if prober := blackbox.prober(plan, texts):
        yield Artifact("operator/blackbox.yaml", objects.spell(prober))


def _monitors(service: Service, plan: Plan) -> Iterator[objects.Object]:
    yield _monitor(service, plan)
    if service.public_url:
        spec = {
            "jobName": service.probe,
            "interval": plan.scrape_interval,
            "module": MODULE,
            "prober": {"url": f"{blackbox.PART.name}.{MONITORING}:{blackbox.PART.port}"},
            "targets": {"staticConfig": {"static": [service.public_url]}},
        }
        yield _object("Probe", service.name, spec)


def _monitor(service: Service, plan: Plan) -> objects.Object:
    target = [{"targetLabel": name, "replacement": value, "action": "replace"} for name, value in service.target]
    spec = {
        "namespaceSelector": {"matchNames": [SERVICES]},
        "selector": {"matchLabels": {"app.kubernetes.io/name": service.name}},
        "podMetricsEndpoints": [
            {"portNumber": service.port, "interval": plan.scrape_interval, "relabelings": target},
        ],
    }
    return _object("PodMonitor", service.name, spec)


def _object(kind: str, name: str, spec: objects.Object) -> objects.Object:
    metadata = {"name": name, "namespace": MONITORING, "labels": {**objects.labels(name), **SELECTED}}
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": metadata, "spec": spec}
