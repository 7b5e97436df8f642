"""Prometheus: its configuration and its rule files.

Sources: Prometheus's documentation, "Configuration", "Recording rules" and "Alerting rules"; blackbox
exporter's, "Prometheus Configuration".
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import AlertRule, Plan, Recording, RuleGroup
from tocsin.model import Service
from tocsin.targets.artifact import Artifact
from tocsin.targets.probing import MODULE
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml


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
        "rule_files": ["rules/*.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(site.alertmanagers)}]}]},
        "scrape_configs": [
            *(_service(service, site) for service in plan.catalog.services),
            *(_probe(service, site) for service in plan.catalog.services if service.public_url and site.blackbox),
            {"job_name": "prometheus", "static_configs": [{"targets": [site.prometheus]}]},
            {"job_name": "alertmanager", "static_configs": [{"targets": list(site.alertmanagers)}]},
        ],
    }


def _service(service: Service, site: Site) -> dict[str, object]:
    return {
        "job_name": service.name,
        "static_configs": [
            {
                "targets": [site.addresses.get(service.name, f"{service.name}:{service.port}")],
                "labels": {"service": service.name, "team": service.team},
            }
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
