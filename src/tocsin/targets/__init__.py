"""SPELLS: one module for each output, each a function from a plan to artifacts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.derive import Plan
from tocsin.targets import (
    alertmanager,
    bigquery,
    blackbox,
    catalog,
    grafana,
    openslo,
    prometheus,
    remote_write,
    runbooks,
    terraform,
    typescript,
)
from tocsin.targets.artifact import Artifact
from tocsin.targets.site import PRODUCTION, Site

Target = Callable[[Plan, Site], Iterator[Artifact]]

TARGETS: tuple[Target, ...] = (
    prometheus.render,
    alertmanager.render,
    bigquery.render,
    blackbox.render,
    grafana.render,
    openslo.render,
    remote_write.render,
    terraform.render,
    catalog.render,
    typescript.render,
    runbooks.render,
)

__all__ = ["PRODUCTION", "TARGETS", "Artifact", "Site", "Target", "build"]


def build(plan: Plan, site: Site = PRODUCTION) -> tuple[Artifact, ...]:
    """Return every artifact of a plan, sorted by path."""
    artifacts = (artifact for render in TARGETS for artifact in render(plan, site))
    return tuple(sorted(artifacts, key=lambda artifact: artifact.path))
