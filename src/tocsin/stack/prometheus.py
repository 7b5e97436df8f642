"""Prometheus as a part of the stack."""

from __future__ import annotations

from pathlib import Path

from tocsin.stack import tools, trial
from tocsin.stack.part import Part
from tocsin.stack.setup import ALERTMANAGER, PROMETHEUS, Setup

_RETENTION = "15d"


def part(setup: Setup) -> Part:
    """Return the part; it starts when everything that it scrapes, and Alertmanager, is healthy."""
    url = setup.url(PROMETHEUS)
    return Part(
        name=PROMETHEUS,
        command=(
            str(tools.find("prometheus")),
            f"--config.file={_configuration(setup)}",
            f"--storage.tsdb.path={setup.data(PROMETHEUS)}",
            f"--storage.tsdb.retention.time={_RETENTION}",
            f"--web.listen-address={setup.address(PROMETHEUS)}",
            f"--web.external-url={url}/",
            *setup.flags,
        ),
        folder=setup.folder,
        url=f"{url}/",
        ready=f"{url}/-/ready",
        after=(ALERTMANAGER, *(service.name for service in setup.hosted)),
        grace=10,
    )


def check(setup: Setup) -> None:
    """Let promtool judge the configuration and its rules.

    Raises:
        TocsinError: it refuses them.

    """
    trial.require(tools.find("promtool"), "check", "config", str(_configuration(setup)))


def _configuration(setup: Setup) -> Path:
    return setup.configuration / "prometheus" / "prometheus.yml"
