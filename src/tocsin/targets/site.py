"""Where things live: the addresses and folders that differ between production and a laptop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place to run; what is left empty follows from the catalog.

    *addresses* maps a service to its host:port, else `<service>:<port>`. *secrets* is the folder of the files that hold
    keys and webhook addresses. *runbooks* and *heartbeat* replace the catalog's.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    alertmanagers: tuple[str, ...] = ("alertmanager:9093",)
    secrets: str = "/etc/alertmanager/secrets"
    pagerduty_url: str = "https://events.pagerduty.com/v2/enqueue"
    heartbeat: str = ""
    runbooks: str = ""


PRODUCTION = Site()
