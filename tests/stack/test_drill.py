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
from tocsin.model import TocsinError
from tocsin.stack import ports, prometheus, surroundings
from tocsin.stack.drill import Outcome, cases, drill
from tocsin.stack.local import Stack
from tocsin.stack.setup import Setup, usual_ports

SPEED = 60


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quicken(derive(source.load_catalog()), SPEED)


def tocsin(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("tocsin", path=str(Path(sys.executable).parent))
    assert program is not None
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=source.project_root())


def test_both_alerts_of_every_service_ring_are_delivered_and_are_resolved(tmp_path: Path, plan: Plan) -> None:
    said = tocsin("drill", "ServiceDown", "HighErrorRate", "--speed=60", "--format=json", f"--folder={tmp_path}")
    assert said.returncode == 0, said.stdout + said.stderr
    outcomes = json.loads(said.stdout)
    teams = {service.name: service.team for service in plan.catalog.services}
    assert {(outcome["alert"], outcome["service"], outcome["receiver"]) for outcome in outcomes} == {
        (alert, service, f"{team}-pagerduty")
        for alert in ("ServiceDown", "HighErrorRate")
        for service, team in teams.items()
    }
    for outcome in outcomes:
        assert outcome["problem"] is None
        assert list(outcome["seconds"]) == ["fault in", "firing", "delivered", "fault out", "resolved"]
        assert sorted(outcome["seconds"].values()) == list(outcome["seconds"].values())


def test_what_does_not_come_is_a_problem_and_the_service_is_healed_all_the_same(tmp_path: Path, plan: Plan) -> None:
    (case,) = cases(plan, ["voice-commerce/ServiceDown"])
    to_slack = next(route for route in plan.routes if route.receiver == "commerce-slack")
    around = surroundings.read(source.settings(source.project_root()), tuple(s.name for s in plan.catalog.services))
    setup = Setup(
        plan=plan,
        root=source.project_root(),
        folder=tmp_path / "run",
        ports=ports.free(usual_ports(plan, around)),
        surroundings=around,
        fault_token="only-for-this-test",  # noqa: S106 - it opens nothing but this test's services
        flags=prometheus.at_speed(SPEED),
    )

    async def drilled() -> tuple[list[Outcome], list[Outcome], set[str]]:
        async with Stack(setup) as stack:
            misrouted = await drill(stack, [replace(case, route=to_slack)], lambda *_: None, patience=10)
            without_runbook = await drill(stack, [case], lambda *_: None, patience=60)
            return misrouted, without_runbook, {part.health for part in stack.states}

    (misrouted,), (without_runbook,), health = asyncio.run(drilled())
    assert misrouted.problem == "the message did not come to commerce-slack within 10 seconds"
    assert "runbooks/voice-commerce/service-down answers 404" in without_runbook.problem
    assert health == {"healthy"}


def test_an_unknown_alert_is_refused_with_those_that_exist(plan: Plan) -> None:
    with pytest.raises(TocsinError, match="No alert is called 'ServiceDwn': choose from ServiceDown, HighErrorRate"):
        cases(plan, ["ServiceDwn"])


def test_an_alert_whose_fault_no_drill_can_bring_about_is_refused(plan: Plan) -> None:
    with pytest.raises(TocsinError, match=r"SalesSyncStalled rings on Silence, which no drill can bring about"):
        cases(plan, ["SalesSyncStalled"])


def test_a_speed_that_empties_windows_is_refused_before_anything_starts() -> None:
    said = tocsin("drill", "ServiceDown", "--speed=1000")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "tocsin: A speed of 1000 does not work: choose one from 1 to 300.\n"


def test_a_folder_of_somebody_elses_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    said = tocsin("drill", "ServiceDown", f"--folder={tmp_path}")
    assert said.returncode == 2
    assert "holds something else than a drill: choose another --folder" in said.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
