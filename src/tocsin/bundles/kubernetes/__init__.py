"""Kubernetes: Prometheus, Alertmanager, Grafana and the rules as files for `kubectl apply`, and all for the operator.

Sources: Kubernetes's documentation, "Kubernetes API", "Pod Security Standards", "Recommended Labels", "Network
Policies", "Configure a Pod to Use a ConfigMap" (what changes in a running pod, and an optional one that comes later).
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.bundles.kubernetes import alertmanager, grafana, operator, prometheus
from tocsin.bundles.kubernetes.cluster import SITE
from tocsin.bundles.spelled import Spelled
from tocsin.derive import Plan
from tocsin.targets import Artifact

__all__ = ["pack"]


def pack(plan: Plan, spelled: Spelled) -> Iterator[Artifact]:
    """Yield the files of the stack, and those of the operator."""
    texts = spelled(SITE)
    yield Artifact("prometheus.yaml", prometheus.stack(plan, texts))
    yield Artifact("alerts.yaml", prometheus.alerts(texts))
    yield Artifact("alertmanager.yaml", alertmanager.stack(plan, texts))
    yield Artifact("grafana.yaml", grafana.stack(texts))
    yield from operator.render(plan, texts)
