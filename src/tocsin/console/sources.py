"""Everything that a page may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tocsin.console.drills import Drills
from tocsin.console.following import Following
from tocsin.console.metrics import Metrics
from tocsin.console.replays import Replays
from tocsin.derive import Plan
from tocsin.model import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is looked at: addresses are URLs without a path, and empty for what is not there.

    *http* is a client that follows no proxy, for all but Prometheus, which is asked through *metrics*. *tracker_token*
    is the file of the token with which the error tracker's API is read. *store* is the folder of the logs, and
    *following* reads what comes into it; *boards* is that of Grafana's dashboards, *artifacts* that which
    `tocsin build` wrote, and *proof* the file that `tocsin prove` wrote. *speed* is that by which the durations of
    *plan* were divided. *drills* is how a reader breaks a service, *replays* how one sees a rehearsal.
    *code* returns the catalog's modules as they are now, *loaded* is what they were when *plan* was made of them.
    """

    plan: Plan
    http: httpx.AsyncClient
    metrics: Metrics
    prometheus: str
    alertmanager: str
    inbox: str
    tracker: str = ""
    tracker_token: Path
    store: Path
    following: Following
    boards: Path
    artifacts: Path
    proof: Path
    speed: int = 1
    drills: Drills | None = None
    replays: Replays | None = None
    code: Callable[[], tuple[Passage, ...]] = tuple
    loaded: tuple[Passage, ...] = ()
