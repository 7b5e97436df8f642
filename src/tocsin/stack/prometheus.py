"""Prometheus as a part of the stack."""

from __future__ import annotations

from pathlib import Path

from tocsin.model import duration
from tocsin.stack import tools, trial
from tocsin.stack.part import Part
from tocsin.stack.setup import ALERTMANAGER, PROMETHEUS, Setup

_RETENTION = "15d"

_LOOKBACK, _RESEND_DELAY = 300_000, 60_000
"""Milliseconds for which a sample counts as current, and between two reports of an alert: Prometheus's own values."""

_GRACE = 60_000
"""Milliseconds that an alert must at least have waited for its wait to go on after a restart.

Prometheus's own ten minutes would resolve and page again what rings, wherever `for` is between 4 and 10 minutes.
"""


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
            "--enable-feature=exemplar-storage",  # the traces behind a latency
            *at_speed(setup.speed),
        ),
        folder=setup.folder,
        url=f"{url}/",
        ready=f"{url}/-/ready",
        after=(ALERTMANAGER, *(service.name for service in setup.hosted)),
        grace=10,
    )


def at_speed(speed: int) -> tuple[str, ...]:
    """Return the flags with which Prometheus keeps pace with a plan whose durations were divided by *speed*."""
    return (
        f"--query.lookback-delta={duration(_LOOKBACK // speed)}",
        f"--rules.alert.resend-delay={duration(_RESEND_DELAY // speed)}",
        f"--rules.alert.for-grace-period={duration(_GRACE // speed)}",
    )


def check(setup: Setup) -> None:
    """Let promtool judge the configuration and its rules.

    Raises:
        TocsinError: it refuses them.

    """
    trial.require(tools.find("promtool"), "check", "config", str(_configuration(setup)))


def _configuration(setup: Setup) -> Path:
    return setup.configuration / "prometheus" / "prometheus.yml"
