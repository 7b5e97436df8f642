"""Alertmanager: a cluster of two, which tell one another what they sent, and the routes.

Alertmanager has no way of its own to see that its configuration changed: a pod is replaced, one after the other, when
the routes change. Prometheus tells all of them of each alert, as Alertmanager's documentation asks.

Sources: Alertmanager's documentation, "High Availability" and "Management API".
"""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.bundles import images
from tocsin.bundles.kubernetes import objects
from tocsin.bundles.kubernetes.cluster import ALERTMANAGERS, MONITORING, SITE
from tocsin.bundles.kubernetes.objects import Object, Part
from tocsin.derive import Plan

SECRETS = "alertmanager-secrets"

_GOSSIP = 9094
PART = Part(
    name="alertmanager",
    image=images.ALERTMANAGER,
    user=65_534,
    port=9093,
    alive="/-/healthy",
    ready="/-/ready",
    cpu="50m",
    memory="128Mi",
    arguments=(
        "--config.file=/etc/alertmanager/config/alertmanager.yml",
        "--storage.path=/alertmanager",
        f"--cluster.listen-address=0.0.0.0:{_GOSSIP}",
        *(f"--cluster.peer=alertmanager-{number}.alertmanager:{_GOSSIP}" for number in range(ALERTMANAGERS)),
    ),
    mounts={"config": "/etc/alertmanager/config", "secrets": SITE.secrets, "data": "/alertmanager"},
)


def stack(plan: Plan, texts: Mapping[str, str]) -> str:
    """Return all of Alertmanager but its secrets, which are named on top."""
    routes = {"alertmanager.yml": texts["alertmanager/alertmanager.yml"]}
    return objects.spell(
        [
            objects.config_map("alertmanager-config", routes),
            objects.service(PART, headless=True, gossip=_GOSSIP),
            _stateful_set(objects.fingerprint(routes)),
            _policy(plan),
            objects.named(
                "PodDisruptionBudget",
                "policy/v1",
                PART.name,
                spec={"maxUnavailable": 1, "selector": {"matchLabels": objects.select(PART.name)}},
            ),
        ],
        *_needed(plan),
    )


def _needed(plan: Plan) -> tuple[str, ...]:
    keys = dict.fromkeys(route.secret for route in plan.routes)
    return (
        f"Pods wait for the Secret {SECRETS!r} in the namespace {MONITORING!r}, which nothing here writes. Its keys:",
        *(f"- {key}" for key in keys),
    )


def _stateful_set(content: str) -> Object:
    volumes = [
        {"name": "config", "configMap": {"name": "alertmanager-config"}},
        {"name": "secrets", "secret": {"secretName": SECRETS, "defaultMode": 0o440}},
    ]
    apart = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": objects.select(PART.name)},
    }
    spec = {
        "serviceName": PART.name,
        "replicas": ALERTMANAGERS,
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": objects.select(PART.name)},
        "template": objects.pod(PART, volumes, content=content, topologySpreadConstraints=[apart]),
        "volumeClaimTemplates": [objects.claim("data", "1Gi")],
    }
    return objects.named("StatefulSet", "apps/v1", PART.name, spec=spec)


def _policy(plan: Plan) -> Object:
    gossip = [{"port": _GOSSIP, "protocol": protocol} for protocol in ("TCP", "UDP")]
    outside = sorted({443, objects.port_of(plan.catalog.heartbeat)})
    return objects.policy(
        PART,
        [
            {"from": [objects.peer("prometheus")], "ports": objects.tcp(PART.port)},
            {"from": [objects.peer(PART.name)], "ports": gossip},
        ],
        [
            {"to": [objects.peer(PART.name)], "ports": gossip},
            {"ports": objects.tcp(*outside)},  # PagerDuty, Slack and the heartbeat, whose addresses change
        ],
    )
