"""Where things live: the addresses and folders that differ between production and a laptop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.model import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place to run; what is left empty follows from the catalog.

    *addresses* maps a service to its host:port, else `<service>:<port>`. *secrets* is the folder of the files that hold
    keys and webhook addresses. *runbooks* and *heartbeat* replace the catalog's. At *prometheus* it scrapes itself, and
    is asked; at *console* people find logs and errors: on their own machine. Through *blackbox* public URLs are probed,
    where there is such an exporter.
    *rules* is where prometheus.yml looks for
    rule files, from its own folder. With *pods*, a namespace of Kubernetes, services are discovered there, and have no
    addresses.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    prometheus: str = "prometheus:9090"
    alertmanagers: tuple[str, ...] = ("alertmanager:9093",)
    blackbox: str = "blackbox:9115"
    secrets: str = "/etc/alertmanager/secrets"
    pagerduty_url: str = "https://events.pagerduty.com/v2/enqueue"
    heartbeat: str = ""
    runbooks: str = ""
    console: str = "http://127.0.0.1:9097"
    rules: str = "rules/*.yaml"
    pods: str = ""

    def runbook(self, catalog: Catalog, service: str, page: str) -> str:
        """Return the address of a *page*, named like `service-down`, of a service."""
        return f"{(self.runbooks or catalog.runbooks).rstrip('/')}/{service}/{page}"


PRODUCTION = Site()
