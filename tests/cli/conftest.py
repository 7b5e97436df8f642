"""A project of one service in a folder of its own, and the verbs run in it as a user would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CATALOG = """\
from tocsin import Alert, Availability, Catalog, Counter, Label, Scale, Service, Team

PAYMENTS = Counter("payments_total", "Payments tried.", (Label("outcome", ("taken", "refused")),))

CATALOG = Catalog(
    services=(
        Service(
            name="checkout",
            team="shop",
            port=8000,
            because="Nobody can buy.",
            signals=(PAYMENTS,),
            objectives=(Availability(0.999),),
            alerts=(
                Alert(
                    "PaymentsStall",
                    when=f"sum(rate({PAYMENTS.where(outcome='taken')}[5m])) < 0.1",
                    within="8m",
                    severity="warning",
                    because="Customers cannot pay.",
                    rings_on=Scale(PAYMENTS, 0),
                    runbook="runbooks/payments-stall.md",
                ),
            ),
        ),
    ),
    teams=(Team(name="shop", slack="#shop"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example/shop",
)
"""
RUNBOOK = """\
# What rings

## What it means for customers

Nobody can buy.

## First looks

1. Look at the till.

## Likely causes

- It is unplugged.

## Mitigation

Plug it in.

## When to escalate

At once.
"""
PAGES = ("service-down", "high-error-rate", "high-latency", "error-budget-burn", "watchdog", "payments-stall")

Tocsin = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a catalog and the runbooks that it needs."""
    (tmp_path / "pyproject.toml").write_text('[tool.tocsin]\ncatalog = "shop.catalog:CATALOG"\n')
    (tmp_path / "shop/runbooks").mkdir(parents=True)
    (tmp_path / "shop/__init__.py").touch()
    (tmp_path / "shop/catalog.py").write_text(CATALOG)
    for page in PAGES:
        (tmp_path / f"shop/runbooks/{page}.md").write_text(RUNBOOK)
    return tmp_path


@pytest.fixture
def tocsin(project: Path) -> Tocsin:
    """Run `tocsin` in the project's folder."""
    program = shutil.which("tocsin", path=str(Path(sys.executable).parent))
    assert program is not None

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [program, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
        )

    return run
