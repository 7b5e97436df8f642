"""Images by their names and versions: the one place in which they stand."""

from __future__ import annotations

MANAGED_COLLECTOR = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.2.0"
"""Google's sidecar for Cloud Run, in the version that its documentation names."""
