"""Prometheus: its configuration and its rule files.

In Kubernetes each pod is a target, whatever ports it declares: its labels are those of a static target, its instance
named by the pod, since an address says nothing once the pod is gone.

Sources: Prometheus's documentation, "Configuration" (kubernetes_sd_config, role pod, for the meta labels), "Recording
rules" and "Alerting rules"; blackbox exporter's, "Prometheus Configuration"; Kubernetes's, "Recommended Labels".
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import AlertRule, Plan, Recording, RuleGroup
from tocsin.model import Service
from tocsin.targets.artifact import Artifact
from tocsin.targets.probing import MODULE
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml

_POD = "__meta_kubernetes_pod"


def render(plan: Plan, site: Site) -> Iterator[Artifact]:
    """Yield prometheus.yml, and one rule file for each service."""
    yield Artifact("prometheus/prometheus.yml", to_yaml(_configuration(plan, site)))
    for owner in dict.fromkeys(group.owner for group in plan.groups):
        yield Artifact(f"prometheus/rules/{owner}.yaml", to_yaml({"groups": groups(plan, site, owner)}))


def groups(plan: Plan, site: Site, owner: str) -> list[dict[str, object]]:
    """Return the groups of *owner*'s rule file."""
    return [_group(plan, site, group) for group in plan.groups if group.owner == owner]


def _configuration(plan: Plan, site: Site) -> dict[str, object]:
    return {
        "global": {"scrape_interval": plan.scrape_interval, "evaluation_interval": plan.evaluation_interval},
        "rule_files": [site.rules],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(site.alertmanagers)}]}]},
        "scrape_configs": [
            *(_service(service, site) for service in plan.catalog.services),
            *(_probe(service, site) for service in plan.catalog.services if service.public_url and site.blackbox),
            {"job_name": "prometheus", "static_configs": [{"targets": [site.prometheus]}]},
            {"job_name": "alertmanager", "static_configs": [{"targets": list(site.alertmanagers)}]},
        ],
    }


def _service(service: Service, site: Site) -> dict[str, object]:
    return {"job_name": service.name, **(_discovered(service, site) if site.pods else _static(service, site))}


def _static(service: Service, site: Site) -> dict[str, object]:
    address = site.addresses.get(service.name, f"{service.name}:{service.port}")
    return {"static_configs": [{"targets": [address], "labels": {"service": service.name, "team": service.team}}]}


def _discovered(service: Service, site: Site) -> dict[str, object]:
    selector = {"role": "pod", "label": f"app.kubernetes.io/name={service.name}"}
    return {
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [site.pods]}, "selectors": [selector]}],
        "relabel_configs": [
            {"source_labels": [f"{_POD}_phase"], "regex": "Failed|Succeeded", "action": "drop"},
            _set("__address__", f"$1:{service.port}", f"{_POD}_ip", r"([\d.]+)"),
            _set("__address__", f"[$1]:{service.port}", f"{_POD}_ip", "(.*:.*)"),
            _set("instance", f"$1:{service.port}", f"{_POD}_name", "(.+)"),
            {"target_label": "service", "replacement": service.name},
            {"target_label": "team", "replacement": service.team},
        ],
    }


def _probe(service: Service, site: Site) -> dict[str, object]:
    """Return the job that asks the prober of a public URL; without the label `service`, which is the service's own."""
    return {
        "job_name": service.probe,
        "metrics_path": "/probe",
        "params": {"module": [MODULE]},
        "static_configs": [{"targets": [service.public_url]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": site.blackbox},
        ],
    }


def _set(label: str, value: str, source: str, regex: str) -> dict[str, object]:
    return {"source_labels": [source], "regex": regex, "target_label": label, "replacement": value}


def _group(plan: Plan, site: Site, group: RuleGroup) -> dict[str, object]:
    return {"name": group.name, "rules": [_rule(plan, site, rule) for rule in group.rules]}


def _rule(plan: Plan, site: Site, rule: Recording | AlertRule) -> dict[str, object]:
    if isinstance(rule, Recording):
        labels = {"labels": dict(rule.labels)} if rule.labels else {}
        return {"record": rule.name, "expr": rule.expr, **labels}
    return {
        "alert": rule.name,
        "expr": rule.expr,
        "for": rule.lasting,
        "labels": {"severity": rule.severity, "team": rule.team, "service": rule.service, **rule.labels},
        "annotations": {
            "summary": rule.summary,
            "because": rule.because,
            "runbook_url": site.runbook(plan.catalog, rule.service, rule.page),
        },
    }
