"""What every room's tests share: the real tools, and a small catalog of one service."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tocsin import (
    Alert,
    Availability,
    Catalog,
    Counter,
    Histogram,
    Label,
    Latency,
    Mean,
    Ratio,
    Scale,
    Service,
    Team,
)
from tocsin.stack import tools

settings.register_profile("tocsin", deadline=None, max_examples=60)
settings.load_profile("tocsin")

# What is run in the background inherits that Ctrl-C is ignored, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

PAYMENTS = Counter("payments_total", "Payments tried.", (Label("outcome", ("taken", "refused")),))
SCORE = Histogram("fraud_score", "How sure we are.", buckets=(0.1, 0.5, 0.9))

PAYMENTS_STALL = Alert(
    "PaymentsStall",
    when=f"sum(rate({PAYMENTS.where(outcome='taken')}[5m])) < 0.1",
    lasting="1m",
    within="8m",
    severity="warning",
    because="Customers cannot pay.",
    rings_on=Scale(PAYMENTS, 0),
    runbook="runbooks/payments-stall.md",
)

CHECKOUT = Service(
    name="checkout",
    team="shop",
    port=8000,
    because="Nobody can buy.",
    signals=(PAYMENTS, SCORE),
    objectives=(
        Availability(0.999),
        Latency(0.95, below=0.7),
        Ratio(
            name="payments", ratio=0.9, bad=PAYMENTS.where(outcome="refused"), total=PAYMENTS, because="Payments fail."
        ),
        Mean(SCORE, at_least=0.4),
    ),
    alerts=(PAYMENTS_STALL,),
)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """A catalog of one service that has an objective of each kind."""
    return Catalog(
        services=(CHECKOUT,),
        teams=(Team(name="shop", slack="#shop"),),
        runbooks="https://runbooks.example",
        heartbeat="https://heartbeat.example/shop",
    )


@pytest.fixture(scope="session")
def run_tool() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run promtool or amtool, and return what it said."""

    def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [str(tools.find(name)), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run
