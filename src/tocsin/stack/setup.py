"""What is to be run, where, and on which ports: all that the parts are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.derive import Plan
from tocsin.model import Service, TocsinError
from tocsin.model.surroundings import Surroundings
from tocsin.stack.ports import LOOPBACK
from tocsin.targets import Site

INBOX, ALERTMANAGER, PROMETHEUS, TRAFFIC = "inbox", "alertmanager", "prometheus", "traffic"
BUGSINK, LOGS, CONSOLE = "bugsink", "logs", "console"

_PORTS = {PROMETHEUS: 9090, ALERTMANAGER: 9093, INBOX: 9095}
_BUGSINK_PORT = 9096
CONSOLE_PORT = 9097


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A stack to be run.

    *root* is the project's folder, from which applications are imported; *folder*, an absolute path, holds all that the
    run writes. *catalog* is the `module:NAME` that the traffic visits by, else the project's own; *traffic* scales it,
    and 0 sends nobody. The durations of *plan* were divided by *speed*. With a *fault_token* the services have a fault
    door, which opens to it. There is an error tracker, and a console, if *ports* has one for it.
    """

    plan: Plan
    root: Path
    folder: Path
    ports: Mapping[str, int]
    surroundings: Surroundings = field(default_factory=Surroundings)
    catalog: str | None = None
    traffic: float = 1.0
    fault_token: str = ""
    speed: int = 1

    @property
    def configuration(self) -> Path:
        """The folder of the rendered artifacts."""
        return self.folder / "configuration"

    @property
    def secrets(self) -> Path:
        """The folder of keys that only the owner may read."""
        return self.folder / "secrets"

    @property
    def logs(self) -> Path:
        """The folder of what the parts print."""
        return self.folder / "logs"

    def data(self, part: str) -> Path:
        """Return the folder that is kept for *part* from run to run."""
        return self.folder / "data" / part

    def address(self, part: str) -> str:
        """Return *part*'s host:port."""
        return f"{LOOPBACK}:{self.ports[part]}"

    def url(self, part: str) -> str:
        """Return *part*'s address as a URL without a path."""
        return f"http://{self.address(part)}"

    @property
    def tracked(self) -> bool:
        """Whether an error tracker is among the parts."""
        return BUGSINK in self.ports

    @property
    def shown(self) -> bool:
        """Whether a console is among the parts."""
        return CONSOLE in self.ports

    @property
    def hosted(self) -> tuple[Service, ...]:
        """The services that name their application; the others run elsewhere, at their declared ports."""
        return tuple(service for service in self.plan.catalog.services if service.app)

    @property
    def site(self) -> Site:
        """Where everything lives, for the artifacts."""
        inbox = self.url(INBOX)
        return Site(
            addresses={
                service.name: f"{LOOPBACK}:{self.ports.get(service.name, service.port)}"
                for service in self.plan.catalog.services
            },
            prometheus=self.address(PROMETHEUS),
            alertmanagers=(self.address(ALERTMANAGER),),
            blackbox="",
            secrets=str(self.secrets),
            pagerduty_url=f"{inbox}/v2/enqueue",
            heartbeat=f"{inbox}/heartbeat/watchdog",
            runbooks=f"{self.url(CONSOLE) if self.shown else inbox}/runbooks",
            **({"console": self.url(CONSOLE)} if self.shown else {}),
        )


def usual_ports(
    plan: Plan, surroundings: Surroundings, *, tracked: bool = False, shown: bool = False
) -> dict[str, int]:
    """Return the port of every part that listens, as declared.

    *tracked* says whether an error tracker is among them, *shown* whether a console is.

    Raises:
        TocsinError: two parts share a name or a port.

    """
    hosted = [(service.name, service.port) for service in plan.catalog.services if service.app]
    optional = ((BUGSINK, _BUGSINK_PORT, tracked), (CONSOLE, CONSOLE_PORT, shown))
    own = {**_PORTS, **{name: port for name, port, wanted in optional if wanted}}
    listening = (*own.items(), *hosted, *((other.name, other.port) for other in surroundings.companions))
    ports: dict[str, int] = {}
    for name, port in listening:
        if name in ports or name in {TRAFFIC, LOGS}:
            raise TocsinError(f"Two parts of the stack would be called {name}: rename the service or companion.")
        if port in ports.values():
            other = next(other for other, taken in ports.items() if taken == port)
            raise TocsinError(f"{name} and {other} would share the port {port}: give {name} another.")
        ports[name] = port
    return ports
