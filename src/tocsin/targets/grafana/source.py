"""The data source that every panel asks."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import DataSourceRef

PROMETHEUS_UID = "tocsin-prometheus"


def prometheus() -> DataSourceRef:
    """Return the reference to Prometheus."""
    return DataSourceRef("prometheus", PROMETHEUS_UID)
