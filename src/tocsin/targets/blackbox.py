"""Blackbox exporter: how public URLs are probed from outside.

A probe is a GET that must end in a status of 200 to 299, redirects followed, within what is left of the scrape's time;
a certificate that is wrong or over fails it.

Source: blackbox exporter's documentation, "CONFIGURATION.md" (<module>, <http_probe>).
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import Plan
from tocsin.targets.artifact import Artifact
from tocsin.targets.probing import MODULE
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml


def render(plan: Plan, site: Site) -> Iterator[Artifact]:
    """Yield blackbox.yml, if any service has a public URL, and there is a prober."""
    if site.blackbox and any(service.public_url for service in plan.catalog.services):
        yield Artifact("blackbox/blackbox.yml", to_yaml({"modules": {MODULE: _module()}}))


def _module() -> dict[str, object]:
    return {
        "prober": "http",
        "timeout": "8s",
        "http": {"method": "GET", "headers": {"User-Agent": "tocsin-probe"}, "follow_redirects": True},
    }
