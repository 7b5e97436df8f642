"""Grafana: its dashboards, and what provisions them.

Sources: Grafana's documentation, "Provision Grafana" (data sources, dashboards) and "Dashboard JSON model"; the types
of its own Foundation SDK for Grafana 11.6, in which every dashboard is built.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import Plan
from tocsin.targets.artifact import Artifact
from tocsin.targets.grafana import dashboard, provisioning
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml


def render(plan: Plan, site: Site) -> Iterator[Artifact]:
    """Yield one JSON file for each board, and the files by which Grafana finds Prometheus and the boards."""
    for board in plan.boards:
        yield Artifact(f"grafana/dashboards/{board.folder}/{board.file}.json", dashboard.spelled(board, plan, site))
    if plan.boards:
        yield Artifact("grafana/provisioning/datasources/tocsin.yaml", to_yaml(provisioning.datasources(plan, site)))
        yield Artifact("grafana/provisioning/dashboards/tocsin.yaml", to_yaml(provisioning.folders(plan)))
