"""What `tocsin console` gives its pages: a drill, by the real stack."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tocsin.cli.console import drills_of
from tocsin.cli.project import load
from tocsin.stack.drill import STEPS


def test_a_reader_s_drill_goes_all_the_way_in_a_stack_of_its_own(tmp_path: Path) -> None:
    async def run() -> None:
        drills = drills_of(load(None), tmp_path / "drill")
        assert drills.begin("customer-profile/ServiceDown") == ""
        await drills.ended()
        (incident,) = drills.incidents
        assert incident.problem == ""
        assert [step.name for step in incident.steps] == list(STEPS)
        assert incident.ended

    asyncio.run(run())
