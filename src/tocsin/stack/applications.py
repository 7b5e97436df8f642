"""The Python programs of the stack: the services and their companions on uvicorn, the inbox, the traffic."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from tocsin.model.surroundings import DATA
from tocsin.stack import bugsink, secrets, shipping
from tocsin.stack.part import Part
from tocsin.stack.ports import LOOPBACK
from tocsin.stack.setup import BUGSINK, INBOX, LOGS, TRAFFIC, Setup


def services(setup: Setup) -> Iterator[Part]:
    """Yield every service that names its application.

    Each starts after the applications that it asks for, the error tracker, and who keeps what it prints.
    """
    door = {"TOCSIN_FAULTS": setup.fault_token} if setup.fault_token else {}
    for service in setup.hosted:
        tells = bugsink.told(setup, service.name) if setup.tracked else {}
        after = (BUGSINK,) if setup.tracked else ()
        yield _application(setup, service.name, service.app, "/readyz", {**door, **tells}, after=(*_kept(), *after))


def companions(setup: Setup) -> Iterator[Part]:
    """Yield every companion, which must answer /healthz."""
    for companion in setup.surroundings.companions:
        yield _application(setup, companion.name, companion.app, "/healthz", {}, after=_kept())


def inbox(setup: Setup) -> Part:
    """Return the inbox, which serves the runbooks too."""
    url = setup.url(INBOX)
    return Part(
        name=INBOX,
        command=(
            *_module("tocsin.stack.inbox"),
            f"--port={setup.ports[INBOX]}",
            f"--folder={setup.data(INBOX)}",
            f"--keys={secrets.known_to_inbox(setup)}",
            f"--runbooks={setup.configuration / 'runbooks'}",
        ),
        folder=setup.root,
        url=f"{url}/",
        ready=f"{url}/healthz",
        environment=_common(),
    )


def traffic(setup: Setup) -> Part:
    """Return the traffic, which visits every service."""
    visited = [service.name for service in setup.hosted]
    return Part(
        name=TRAFFIC,
        command=(
            *_module("tocsin.stack.traffic"),
            *([f"--catalog={setup.catalog}"] if setup.catalog else []),
            *(f"--address={name}={setup.url(name)}" for name in visited),
            f"--scale={setup.traffic:g}",
        ),
        folder=setup.root,
        environment=_common(),
        after=tuple(visited),
    )


def _application(
    setup: Setup, name: str, app: str, ready: str, environment: Mapping[str, str], *, after: tuple[str, ...] = ()
) -> Part:
    url = setup.url(name)
    variables = setup.surroundings.of(name)
    values = {other: setup.url(other) for other in variables.named} | {DATA: str(setup.data(name))}
    return Part(
        name=name,
        command=(
            *_module("uvicorn"),
            app,
            f"--host={LOOPBACK}",
            f"--port={setup.ports[name]}",
            "--no-access-log",
            "--timeout-graceful-shutdown=3",
        ),
        folder=setup.root,
        url=f"{url}/",
        ready=f"{url}{ready}",
        environment={**_common(), **variables.filled(values, setup.speed), **environment},
        after=(*after, *(other for other in variables.named if other != name)),
    )


def _kept() -> tuple[str, ...]:
    return (LOGS,) if shipping.installed() else ()


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


def _common() -> dict[str, str]:
    """Return what every Python program is given: prompt output, and no proxy before this machine."""
    spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return {"PYTHONUNBUFFERED": "1", "no_proxy": ",".join(filter(None, (spared, LOOPBACK, "localhost")))}
