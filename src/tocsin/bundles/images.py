"""Images by their names and versions: the one place in which they stand.

Prometheus 3.13 has long-term support. Bugsink is no image of others: Compose builds it as `tocsin up` installs it.
"""

from __future__ import annotations

PROMETHEUS = "prom/prometheus:v3.13.3"
ALERTMANAGER = "prom/alertmanager:v0.34.1"
BLACKBOX_EXPORTER = "prom/blackbox-exporter:v0.28.0"
GRAFANA = "grafana/grafana:12.4.4"
PYTHON = "python:3.13-slim"
MANAGED_COLLECTOR = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.2.0"
"""Google's sidecar for Cloud Run, in the version that its documentation names."""
