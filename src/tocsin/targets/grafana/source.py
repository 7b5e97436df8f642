"""The data source that every panel asks, and what people call its labels."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import DataSourceRef

PROMETHEUS_UID = "tocsin-prometheus"


def prometheus() -> DataSourceRef:
    """Return the reference to Prometheus."""
    return DataSourceRef("prometheus", PROMETHEUS_UID)


def titled(label: str) -> str:
    """Return what people call a label."""
    return {"slo": "Objective", "alertname": "Alert", "alertstate": "State"}.get(label, label.capitalize())
