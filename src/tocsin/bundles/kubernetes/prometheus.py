"""Prometheus: its configuration, a StatefulSet that keeps what it scraped, and the right to see the services' pods.

It reloads its configuration and rules once they change, without a restart: both lie in one folder, in which they change
at once, and where every version of Prometheus 3 looks for what changed (prometheus#15673). The rules come from
alerts.yaml, which may be applied later. There is one replica: a second would be asked in turn with the first, and has
other samples. While its node is drained no alert is judged; the Watchdog says so.

Sources: Prometheus's documentation, "Feature flags" (auto-reload-config looks at the checksums of the configuration and
of its rule files), "Storage" and "Management API".
"""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.bundles import images
from tocsin.bundles.kubernetes import blackbox, objects
from tocsin.bundles.kubernetes.cluster import MONITORING, SERVICES
from tocsin.bundles.kubernetes.objects import Object, Part
from tocsin.derive import Plan

PART = Part(
    name="prometheus",
    image=images.PROMETHEUS,
    user=65_534,
    port=9090,
    alive="/-/healthy",
    ready="/-/ready",
    cpu="250m",
    memory="2Gi",
    arguments=(
        "--config.file=/etc/prometheus/config/prometheus.yml",
        "--enable-feature=auto-reload-config,exemplar-storage",
        "--config.auto-reload-interval=30s",
        "--storage.tsdb.path=/prometheus",
        "--storage.tsdb.retention.time=35d",
        "--storage.tsdb.retention.size=40GB",
    ),
    mounts={"config": "/etc/prometheus/config", "data": "/prometheus"},
    slow=90,  # what was written last is read again
)
_RULES = "prometheus/rules/"
_DISK = "50Gi"
_GRACE = 300
"""Seconds in which it writes down what it holds in memory."""


def stack(plan: Plan, texts: Mapping[str, str]) -> str:
    """Return all of Prometheus but its rules, and what it asks public URLs by."""
    return objects.spell(
        [
            objects.config_map("prometheus-config", {"prometheus.yml": texts["prometheus/prometheus.yml"]}),
            objects.named("ServiceAccount", "v1", PART.name, automountServiceAccountToken=False),
            *_rights(),
            objects.service(PART),
            _stateful_set(_rules(texts)),
            _policy(plan),
            *blackbox.prober(plan, texts),
        ],
        f"It discovers pods in the namespace {SERVICES!r}, by their label app.kubernetes.io/name.",
    )


def alerts(texts: Mapping[str, str]) -> str:
    """Return the rules."""
    return objects.spell(_rules(texts), "A running Prometheus reloads them, a minute or two after they were applied.")


def _rules(texts: Mapping[str, str]) -> list[Object]:
    files = {path.removeprefix(_RULES): text for path, text in texts.items() if path.startswith(_RULES)}
    return objects.config_maps("prometheus-rules", files)


def _rights() -> list[Object]:
    """Let it see pods where the services are, and nothing else."""
    role = objects.named(
        "Role",
        "rbac.authorization.k8s.io/v1",
        PART.name,
        rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}],
    )
    binding = objects.named(
        "RoleBinding",
        "rbac.authorization.k8s.io/v1",
        PART.name,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": PART.name},
        subjects=[{"kind": "ServiceAccount", "name": PART.name, "namespace": MONITORING}],
    )
    return [{**each, "metadata": {**each["metadata"], "namespace": SERVICES}} for each in (role, binding)]


def _stateful_set(rules: list[Object]) -> Object:
    config = objects.projected("config", rules, "prometheus-config")
    spec = {
        "serviceName": PART.name,
        "replicas": 1,
        "selector": {"matchLabels": objects.select(PART.name)},
        "template": objects.pod(PART, [config], account=PART.name, terminationGracePeriodSeconds=_GRACE),
        "volumeClaimTemplates": [objects.claim("data", _DISK)],
    }
    return objects.named("StatefulSet", "apps/v1", PART.name, spec=spec)


def _policy(plan: Plan) -> Object:
    services = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": SERVICES}},
        "podSelector": {
            "matchExpressions": [
                {
                    "key": "app.kubernetes.io/name",
                    "operator": "In",
                    "values": [service.name for service in plan.catalog.services],
                }
            ]
        },
    }
    ports = sorted({service.port for service in plan.catalog.services})
    return objects.policy(
        PART,
        [{"from": [objects.peer("grafana"), objects.peer(PART.name)], "ports": objects.tcp(PART.port)}],
        [
            {"to": [services], "ports": objects.tcp(*ports)},
            {"to": [objects.peer("alertmanager")], "ports": objects.tcp(9093)},
            {"to": [objects.peer(PART.name)], "ports": objects.tcp(PART.port)},
            {"to": [objects.peer(blackbox.PART.name)], "ports": objects.tcp(blackbox.PART.port)},
            {"ports": objects.tcp(443, 6443)},  # the API server, whose address no selector names
        ],
    )
