"""Where the stack lies in a cluster, and what the operator's selectors want: the one place that says so."""

from __future__ import annotations

from tocsin.targets import Site

MONITORING = "monitoring"
"""The namespace of the stack."""

SERVICES = "default"
"""The namespace in which the services' pods are discovered: that of `kubectl apply` without any other word."""

SELECTED = {"release": "kube-prometheus-stack"}
"""The labels by which kube-prometheus-stack, under that release's name, finds rules and monitors."""

ALERTMANAGERS = 2
"""How many Alertmanagers tell one another what they sent, so that one may be away."""

SITE = Site(
    alertmanagers=tuple(f"alertmanager-{number}.alertmanager:9093" for number in range(ALERTMANAGERS)),
    rules="*.yaml",
    pods=SERVICES,
)
