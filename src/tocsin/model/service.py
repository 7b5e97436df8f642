"""A service and everything that it promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tocsin.model.alert import Alert
from tocsin.model.behaviour import Profile
from tocsin.model.builtin import (
    HTTP_BUCKETS,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    JOB_DURATION,
    JOB_LAST_SUCCESS,
    JOB_NAME,
    JOB_RUNS,
    LOG_RECORDS,
    PROCESS,
    SCRAPE,
)
from tocsin.model.errors import DeclarationError
from tocsin.model.naming import require_address, require_host
from tocsin.model.objective import Latency, Objective
from tocsin.model.panel import Panel
from tocsin.model.signal import Histogram, Label, Signal

SERIES = 10_000
"""How many series of its own a service may come to, unless it says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """A healthy day: mean requests per second, the share that fails, and two quantiles of their seconds.

    *routes* are those that are asked for, each as often as any other.
    """

    rps: float = 1.0
    errors: float = 0.0
    p50: float = 0.05
    p95: float = 0.25
    routes: tuple[str, ...] = ("/",)

    def __post_init__(self) -> None:
        if self.rps <= 0 or not 0 <= self.errors < 1 or not 0 < self.p50 <= self.p95:
            raise DeclarationError("Traffic needs rps above 0, errors from 0 to below 1, and 0 < p50 <= p95.")
        if not self.routes:
            raise DeclarationError("Traffic needs at least one route, like routes=('/',).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service: who owns it, what it exposes, what it promises, and what rings when it breaks.

    *traffic* and *behaviour* say how it moves on a healthy day; *idles* that it may be scaled to zero instances, so
    that its absence is no fault. *public_url* is the address at which customers come to it, which is probed from
    outside. *jobs* names what it runs with `tocsin.job`, *series* is the budget of what it declares in the worst case.
    *app* names the ASGI application, and *visitor* the coroutine function that behaves like one of its customers, both
    as `module:NAME`; `tocsin up` runs them.
    """

    name: str
    team: str
    port: int
    because: str
    signals: tuple[Signal, ...] = ()
    objectives: tuple[Objective, ...] = ()
    alerts: tuple[Alert, ...] = ()
    panels: tuple[Panel, ...] = ()
    jobs: tuple[str, ...] = ()
    traffic: Traffic = Traffic()
    behaviour: tuple[Profile, ...] = ()
    idles: bool = False
    public_url: str = ""
    series: int = SERIES
    app: str = ""
    visitor: str = ""

    def __post_init__(self) -> None:
        require_host(self.name, "service")
        if not 0 < self.port < 65_536:  # noqa: PLR2004 - the range of a TCP port
            raise DeclarationError(f"{self.name}: the port {self.port} must lie between 1 and 65535.")
        if not self.because.strip():
            raise DeclarationError(f"{self.name}: say in `because` what customers lose when it is down.")
        require_address(self.public_url, f"{self.name}: its public URL")
        if isinstance(self.jobs, str):
            raise DeclarationError(f"{self.name}: its jobs must be a tuple of names, not one text.")
        if self.series < 1:
            raise DeclarationError(f"{self.name}: its budget of series must be at least 1.")
        for job in self.jobs:
            require_host(job, "job")
        self._once("job", self.jobs)
        self._once("objective", (objective.name for objective in self.objectives))
        self._once("alert", (alert.name for alert in self.alerts))
        self._once("panel", (panel.title for panel in self.panels))
        promised = [objective.name for objective in self.objectives]
        for panel in self.panels:
            if panel.objective and panel.objective not in promised:
                raise DeclarationError(
                    f"{self.name}: the panel {panel.title!r} is for the objective {panel.objective!r}, "
                    f"which it does not promise: use one of {', '.join(promised) or 'those that it declares'}."
                )
        self._once("behaviour of", (str(profile.of) for profile in self.behaviour))
        recorded = {signal.name for signal in self.recorded}
        for profile in self.behaviour:
            if profile.signal.name not in recorded:
                raise DeclarationError(
                    f"{self.name} says how {profile.signal.name} behaves, but does not record it: add it to signals."
                )
        self._once("metric", (name for signal in self.exposed for name in signal.series_names))

    def _once(self, what: str, names: Iterable[str]) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise DeclarationError(f"{self.name} declares the {what} {name!r} twice: rename or remove one.")
            seen.add(name)

    @property
    def http_duration(self) -> Histogram:
        """The histogram of this service's requests, with a bucket at each bound that it promises."""
        bounds = {o.below for o in self.objectives if isinstance(o, Latency) and o.of is None}
        return Histogram(
            HTTP_DURATION.name,
            HTTP_DURATION.help,
            HTTP_DURATION.labels,
            buckets=tuple(sorted({*HTTP_BUCKETS, *map(float, bounds)})),
        )

    @property
    def recorded(self) -> tuple[Signal, ...]:
        """Every signal that the service's own code records: those it declares, its log records, and its jobs."""
        if not self.jobs:
            return (*self.signals, LOG_RECORDS)
        name = Label(JOB_NAME.name, self.jobs)
        jobs = (
            replace(signal, labels=(name, *signal.labels[1:])) for signal in (JOB_DURATION, JOB_RUNS, JOB_LAST_SUCCESS)
        )
        return (*self.signals, LOG_RECORDS, *jobs)

    @property
    def target(self) -> tuple[tuple[str, str], ...]:
        """The labels that the scrape puts on every series, beside those that tell instances apart."""
        return ("job", self.name), ("service", self.name), ("team", self.team)

    @property
    def probe(self) -> str:
        """The job under which its public URL is probed; no service can be called so."""
        return f"probe/{self.name}"

    @property
    def telling_apart(self) -> tuple[str, ...]:
        """The names of the labels that tell the instances of this service apart."""
        return ("instance",)

    @property
    def exposed(self) -> tuple[Signal, ...]:
        """Every signal on the service's /metrics, and what Prometheus adds for its target."""
        return (*self.recorded, HTTP_REQUESTS, self.http_duration, HTTP_IN_FLIGHT, *PROCESS, *SCRAPE)
