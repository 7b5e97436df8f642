"""Drills that readers of the console begin: by a drill that waits for the test, and once by the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tocsin.console.drills import Choice, Drills, Step
from tocsin.model import TocsinError

ALERT = "shop/ServiceDown"
NOTICE = Callable[[str, float], None]


def test_steps_are_told_as_they_come_and_one_drill_runs_at_a_time() -> None:
    async def run() -> None:
        broken, go_on = asyncio.Event(), asyncio.Event()

        async def drill(alert: str, notice: NOTICE) -> str:
            assert alert == ALERT
            notice("fault in", 0.1)
            broken.set()
            await go_on.wait()
            notice("firing", 2.0)
            return ""

        drills = Drills([Choice(ALERT, "no instance answers")], drill, 60)
        assert drills.begin("shop/Nothing") == "No drill knows the alert shop/Nothing: choose another one."
        assert not drills.busy
        assert drills.begin(ALERT) == ""
        await broken.wait()
        assert [incident.steps for incident in drills.incidents] == [(Step("fault in", 0.1),)]
        assert drills.begin(ALERT) == "A drill is under way: wait until it has ended."
        go_on.set()
        await drills.ended()
        (incident,) = drills.incidents
        assert incident.steps == (Step("fault in", 0.1), Step("firing", 2.0))
        assert (incident.ended, incident.problem) == (True, "")

    asyncio.run(run())


def test_what_went_wrong_is_said_and_the_next_drill_may_begin() -> None:
    async def run() -> None:
        async def drill(_: str, __: NOTICE) -> str:
            raise TocsinError("The port is taken.")

        drills = Drills([Choice(ALERT, "no instance answers")], drill, 60)
        for number in (1, 2):
            assert drills.begin(ALERT) == ""
            await drills.ended()
            assert len(drills.incidents) == number
        assert {incident.problem for incident in drills.incidents} == {"The port is taken."}

    asyncio.run(run())


def test_a_drill_that_a_reader_stops_is_told_as_stopped_and_another_may_begin() -> None:
    async def run() -> None:
        begun, gone = asyncio.Event(), asyncio.Event()

        async def drill(_: str, notice: NOTICE) -> str:
            notice("fault in", 0.1)
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                gone.set()
            return ""

        drills = Drills([Choice(ALERT, "no instance answers")], drill, 60)
        drills.stop()
        drills.begin(ALERT)
        await begun.wait()
        drills.stop()
        assert (drills.incidents[0].stopped, drills.incidents[0].ended) == (True, False)
        await drills.ended()
        assert gone.is_set()
        (incident,) = drills.incidents
        assert (incident.stopped, incident.ended, incident.problem) == (True, True, "")
        assert drills.begin(ALERT) == ""
        await drills.end()

    asyncio.run(run())


def test_a_drill_that_breaks_off_has_failed_and_does_not_go_on_for_ever() -> None:
    async def run() -> None:
        async def drill(_: str, __: NOTICE) -> str:
            raise OSError("no room")

        drills = Drills([Choice(ALERT, "no instance answers")], drill, 60)
        drills.begin(ALERT)
        await drills.ended()
        assert drills.incidents[0].ended
        assert drills.incidents[0].problem.startswith("The drill broke off")

    asyncio.run(run())


def test_a_drill_under_way_ends_with_the_console() -> None:
    async def run() -> None:
        stopped = asyncio.Event()

        async def drill(_: str, __: NOTICE) -> str:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            return ""

        drills = Drills([Choice(ALERT, "no instance answers")], drill, 60)
        drills.begin(ALERT)
        await asyncio.sleep(0)
        await drills.end()
        assert stopped.is_set()
        assert not drills.busy

    asyncio.run(run())
