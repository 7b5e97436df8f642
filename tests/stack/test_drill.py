"""Alerts followed through the real Prometheus and the real Alertmanager into the inbox."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin import source
from tocsin.derive import Plan, derive, quicken
from tocsin.model import surroundings
from tocsin.stack import ports, tools
from tocsin.stack.cases import select
from tocsin.stack.drill import STEPS, Outcome, drill
from tocsin.stack.local import Stack
from tocsin.stack.setup import Setup, usual_ports

SPEED = 60

ONE_OF_EACH = {
    "lightspeed-bigquery/SalesSyncStalled": "Silence",
    "lightspeed-bigquery/ErrorBudgetBurnFast/sync-success": "Errors",
    "customer-profile/DataSourceDown": "Shift",
    "customer-profile/ErrorBudgetBurnFast/profile-errors": "Errors",
    "si-recommendations/HighErrorRate": "Errors",
    "voice-commerce/ServiceDown": "Down",
    "voice-commerce/HighLatency": "Slow",
    "video-commerce/ErrorBudgetBurnFast/playback": "Errors",
    "video-commerce/ErrorBudgetBurnFast/first-frame": "Slow",
    "video-commerce/PlaybackFailing": "Scale",
}
"""Every kind of fault, of requests, of events and of observations, and one service that suffers three at a time."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quicken(derive(source.load_catalog()), SPEED)


def tocsin(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("tocsin", path=str(Path(sys.executable).parent))
    assert program is not None
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=source.project_root())


def test_every_kind_of_fault_rings_is_delivered_and_is_resolved(tmp_path: Path, plan: Plan) -> None:
    said = tocsin("drill", *ONE_OF_EACH, "--speed=60", "--format=json", f"--folder={tmp_path}")
    assert said.returncode == 0, said.stdout + said.stderr
    report = json.loads(said.stdout)
    drilled = {
        "/".join((each["service"], each["alert"], *([each["slo"]] if "slo" in each else []))): each
        for each in report["drilled"]
    }
    assert set(drilled) == set(ONE_OF_EACH)
    teams = {service.name: service.team for service in plan.catalog.services}
    for subject, fault in ONE_OF_EACH.items():
        outcome = drilled[subject]
        channel = {"critical": "pagerduty", "warning": "slack"}[outcome["severity"]]
        assert outcome["fault"].startswith(f"{fault}(")
        assert outcome["receiver"] == f"{teams[outcome['service']]}-{channel}"
        assert outcome["problem"] is None
        assert [step for step in outcome["seconds"] if step != "pending"] == [
            step for step in STEPS if step != "pending"
        ]
        assert sorted(outcome["seconds"].values()) == list(outcome["seconds"].values())
        assert ("pending" in outcome["seconds"]) == (outcome["alert"] != "ErrorBudgetBurnFast")
    assert report["hours_kept_open"] == ["shop"]
    assert report["left"] == []
    assert report["prometheus"] == ".".join(map(str, tools.version(tools.find("prometheus"))))


@pytest.mark.skipif(tools.version(tools.find("prometheus")) < (3, 0, 0), reason="there is no Prometheus 3")
def test_a_drill_goes_well_on_prometheus_3(tmp_path: Path) -> None:
    alerts = ("voice-commerce/ServiceDown", "video-commerce/HighErrorRate")
    said = tocsin("drill", *alerts, "--format=json", f"--folder={tmp_path}")
    assert said.returncode == 0, said.stdout + said.stderr
    report = json.loads(said.stdout)
    assert report["prometheus"].startswith("3.")
    assert [outcome["problem"] for outcome in report["drilled"]] == [None, None]


def test_what_does_not_come_is_a_problem_and_the_service_is_healed_all_the_same(tmp_path: Path, plan: Plan) -> None:
    (case,) = select(plan, ["voice-commerce/ServiceDown"], speed=SPEED).cases
    to_slack = next(route for route in plan.routes if route.receiver == "commerce-slack")
    around = surroundings.read(source.settings(source.project_root()), tuple(s.name for s in plan.catalog.services))
    setup = Setup(
        plan=plan,
        root=source.project_root(),
        folder=tmp_path / "run",
        ports=ports.free(usual_ports(plan, around)),
        surroundings=around,
        traffic=6,
        fault_token="only-for-this-test",  # noqa: S106 - it opens nothing but this test's services
        speed=SPEED,
    )

    async def drilled() -> tuple[list[Outcome], list[Outcome], set[str]]:
        async with Stack(setup) as stack:
            misrouted = await drill(stack, [replace(case, route=to_slack)], lambda *_: None, patience=10)
            (setup.configuration / "runbooks/voice-commerce/service-down.md").unlink()
            without_runbook = await drill(stack, [case], lambda *_: None, patience=60)
            return misrouted, without_runbook, {part.health for part in stack.states}

    (misrouted,), (without_runbook,), health = asyncio.run(drilled())
    assert misrouted.problem == "the message did not come to commerce-slack within 10 seconds"
    assert "runbooks/voice-commerce/service-down answers 404" in without_runbook.problem
    assert health == {"healthy"}


def test_a_speed_that_empties_windows_is_refused_before_anything_starts() -> None:
    said = tocsin("drill", "ServiceDown", "--speed=1000")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        "tocsin: A speed of 1000 does not work, because a window of 5m must hold 4 scrapes: choose one from 1 to 300.\n"
    )


def test_a_folder_of_somebody_elses_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    said = tocsin("drill", "ServiceDown", f"--folder={tmp_path}")
    assert said.returncode == 2
    assert "holds something else than a drill: choose another --folder" in said.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
