"""PACKS: one module for each place to run in, which puts what the targets spelled into its files. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin import targets
from tocsin.bundles import cloudrun, compose, kubernetes, managed
from tocsin.bundles.spelled import Spelled
from tocsin.derive import Plan
from tocsin.model.surroundings import Surroundings
from tocsin.targets import PRODUCTION, Artifact, Site

Bundle = Callable[[Plan, Spelled], Iterator[Artifact]]

BUNDLES: tuple[Bundle, ...] = (cloudrun.pack, kubernetes.pack, managed.pack)
"""All but Compose, which runs what is around the services too."""

__all__ = ["BUNDLES", "Bundle", "Spelled", "deliver"]


def deliver(plan: Plan, around: Surroundings | None = None) -> tuple[Artifact, ...]:
    """Return everything that `tocsin build` writes of a plan, sorted by path: what targets spelled, and the bundles."""
    spelled = targets.build(plan)

    def texts(site: Site) -> dict[str, str]:
        artifacts = spelled if site == PRODUCTION else targets.build(plan, site)
        return {artifact.path: artifact.text for artifact in artifacts}

    packed = (artifact for bundle in BUNDLES for artifact in bundle(plan, texts))
    composed = compose.pack(plan, texts, around or Surroundings())
    return tuple(sorted((*spelled, *packed, *composed), key=lambda artifact: artifact.path))
