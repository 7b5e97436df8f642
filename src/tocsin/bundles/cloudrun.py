"""Cloud Run: each service with Google's sidecar, which scrapes it beside itself and writes to managed Prometheus.

The sidecar is one in each instance, so that no scrape hits an instance by chance. /metrics has a port of its own, which
Cloud Run shows to nobody outside. `job` is the name of the RunMonitoring, the service's, as rules ask; `service` and
`team` are put on what is scraped. Words in capitals are the reader's own.

The sidecar waits for the service's start-up probe, without which the order would say nothing. A service takes requests
when it is ready; later a probe of liveness restarts it, since Cloud Run knows readiness only as a preview. A service
that `idles` may be scaled to no instance, any other has one at least: CPU is always allocated, or nothing would be
scraped between requests.

Sources: Cloud Run's documentation, "Cloud Run YAML Reference", "Write Prometheus metrics by using the Prometheus
sidecar", "Configure container health checks for services", "Billing settings" and "Configure secrets for services";
run-gmp-sidecar, which reads the RunMonitoring (confgenerator/config.go: its fields, where `job` comes from, labels that
it protects).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tocsin.bundles.images import MANAGED_COLLECTOR
from tocsin.bundles.spelled import Spelled
from tocsin.derive import Plan
from tocsin.model import Service
from tocsin.targets import Artifact
from tocsin.targets.text import to_yaml

METRICS_PORT = 9464
"""The port of /metrics within an instance: that of OpenTelemetry's Prometheus exporter."""

MOST_INSTANCES = 10
APPLICATION, COLLECTOR = "app", "collector"

_SIZE = {"resources": {"limits": {"cpu": "1", "memory": "512Mi"}}}
"""Cloud Run's own size of a container, and the smallest of its second generation."""


def pack(plan: Plan, _: Spelled) -> Iterator[Artifact]:
    """Yield for each service itself, and what its sidecar scrapes."""
    for service in plan.catalog.services:
        yield Artifact(f"cloudrun/{service.name}.yaml", to_yaml(_service(service)))
        yield Artifact(f"cloudrun/run-monitoring/{service.name}.yaml", to_yaml(_monitoring(service, plan)))


def _monitoring(service: Service, plan: Plan) -> dict[str, object]:
    labels = {"service": service.name, "team": service.team}
    return {
        "apiVersion": "monitoring.googleapis.com/v1beta",
        "kind": "RunMonitoring",
        "metadata": {"name": service.name},
        "spec": {
            "endpoints": [
                {
                    "port": METRICS_PORT,
                    "path": "/metrics",
                    "interval": plan.scrape_interval,
                    "metricRelabeling": [
                        {"action": "replace", "targetLabel": name, "replacement": value}
                        for name, value in labels.items()
                    ],
                }
            ],
            "targetLabels": {"metadata": ["revision"]},
        },
    }


def _service(service: Service) -> dict[str, object]:
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": service.name,
            "labels": {"team": service.team},
            "annotations": {"run.googleapis.com/ingress": "all" if service.public_url else "internal"},
        },
        "spec": {
            "template": {
                "metadata": {"annotations": _scaling(service)},
                "spec": {
                    "serviceAccountName": f"{service.name}@PROJECT_ID.iam.gserviceaccount.com",
                    "containers": [_application(service), _collector()],
                    "volumes": [_volume(service)],
                },
            },
            "traffic": [{"latestRevision": True, "percent": 100}],
        },
    }


def _scaling(service: Service) -> dict[str, str]:
    return {
        "autoscaling.knative.dev/minScale": "0" if service.idles else "1",
        "autoscaling.knative.dev/maxScale": str(MOST_INSTANCES),
        "run.googleapis.com/execution-environment": "gen2",
        "run.googleapis.com/cpu-throttling": "false",
        "run.googleapis.com/startup-cpu-boost": "true",
        "run.googleapis.com/container-dependencies": json.dumps({COLLECTOR: [APPLICATION]}),
    }


def _application(service: Service) -> dict[str, object]:
    return {
        "name": APPLICATION,
        "image": f"LOCATION-docker.pkg.dev/PROJECT_ID/tocsin/{service.name}:TAG",
        "ports": [{"name": "http1", "containerPort": service.port}],
        "env": [
            {"name": "SERVICE_VERSION", "value": "TAG"},
            {"name": "TOCSIN_ENVIRONMENT", "value": "production"},
            {"name": "GOOGLE_CLOUD_PROJECT", "value": "PROJECT_ID"},
            {"name": "TOCSIN_METRICS_PORT", "value": str(METRICS_PORT)},
            {"name": "SENTRY_DSN", "valueFrom": {"secretKeyRef": _latest(f"{service.name}-sentry-dsn")}},
        ],
        **_SIZE,
        "startupProbe": _probe(service, "/readyz", every=2, failures=60),
        "livenessProbe": _probe(service, "/healthz", every=10, failures=3),
    }


def _latest(secret: str) -> dict[str, str]:
    return {"name": secret, "key": "latest"}


def _probe(service: Service, path: str, *, every: int, failures: int) -> dict[str, object]:
    return {
        "httpGet": {"path": path, "port": service.port},
        "periodSeconds": every,
        "timeoutSeconds": 2,
        "failureThreshold": failures,
    }


def _collector() -> dict[str, object]:
    mount = {"name": "run-monitoring", "mountPath": "/etc/rungmp/"}
    return {"name": COLLECTOR, "image": MANAGED_COLLECTOR, **_SIZE, "volumeMounts": [mount]}


def _volume(service: Service) -> dict[str, object]:
    secret = {"secretName": f"{service.name}-run-monitoring", "items": [{"key": "latest", "path": "config.yaml"}]}
    return {"name": "run-monitoring", "secret": secret}
