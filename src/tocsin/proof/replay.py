"""Replays one rehearsal of the matrix, so that it can be seen why an alert rings when it does, or does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.model import TocsinError, seconds
from tocsin.proof import promtool
from tocsin.proof.days import rings
from tocsin.proof.matrix import crossings
from tocsin.proof.rehearsal import Reading, Rehearsal
from tocsin.proof.shown import Input, Points, Replay, Side
from tocsin.proof.sides import compared, inputs
from tocsin.proof.stage import Stage

POINTS = 240
"""Moments at which values are shown at most."""
MOST = 8
"""Input series that are shown at most, sums over all that are selected at once."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The rehearsal that fills a cell of the matrix; its fault is there from *since* to *until*, seconds of its day.

    What the matrix tells is *late* by so many seconds, where a moment is known only so well.
    """

    rehearsal: Rehearsal
    since: float
    until: float
    late: float


def scene(stages: Sequence[Stage], alert: str, fault: str) -> Scene:
    """Return the scene of an *alert*, by its subject, and a *fault*, as it is spelled.

    Raises:
        TocsinError: there is none.

    """
    own = next((stage for stage in stages if stage.rule.subject == alert), None)
    if own is None:
        raise TocsinError(f"No alert is called {alert!r}: run `tocsin prove` again.")
    for each in rings(own):
        if str(each.fault) == fault and each.expected is not None:
            return Scene(each, each.expected.since, each.day.ends - each.day.stretches[-1].seconds, 0.0)
    for crossing in crossings([stage for stage in stages if stage.service.name == own.service.name]):
        if crossing.rehearsal.subject == alert and str(crossing.fault) == fault:
            each = crossing.rehearsal
            return Scene(each, each.day.begins + each.day.stretches[0].seconds, each.day.ends, each.pace.step)
    raise TocsinError(f"{alert} is not rehearsed when {fault}: run `tocsin prove` again.")


def replay(path: Path, shown: Scene) -> Replay:
    """Return what the promtool at a *path* finds in a scene.

    Raises:
        TocsinError: promtool cannot be run, or refuses the rules.

    """
    rehearsal, rule = shown.rehearsal, shown.rehearsal.part.alert
    (reading,) = promtool.run(path, [rehearsal])
    times = _times(shown, reading)
    sides = compared(rule.expr)
    fed = inputs(rehearsal.part.raw, rehearsal.pace.sample)[:MOST]
    asked = [query for side in sides for query in (side.value, side.bound)] + [query for _, _, query in fed]
    found = promtool.values(path, rehearsal, asked, times)

    def points(query: str) -> Points:
        return tuple((at - shown.since, found.get((query, at))) for at in times)

    def moment(at: float | None) -> float | None:
        return None if at is None else at - shown.since

    firing = moment(reading.firing)
    return Replay(
        alert=rehearsal.subject,
        fault=str(rehearsal.fault) if rehearsal.fault else "",
        expression=rule.expr,
        lasting=seconds(rule.lasting),
        step=rehearsal.pace.step,
        until=shown.until - shown.since,
        pending=moment(reading.pending),
        firing=firing,
        last=moment(reading.last),
        after=None if firing is None else max(0.0, firing) + shown.late,
        inputs=tuple(Input(name, unit, points(query)) for name, unit, query in fed),
        sides=tuple(
            Side(
                name=each.name,
                operator=each.operator,
                points=points(each.value),
                bounds=points(each.bound),
                against=each.against,
            )
            for each in sides
        ),
    )


def _times(shown: Scene, reading: Reading) -> list[int]:
    """Return the evaluations around a fault at which values are shown, no more than POINTS."""
    step, day = shown.rehearsal.pace.step, shown.rehearsal.day
    over = max(shown.until, reading.last or 0.0)
    room = max(0.3 * (over - shown.since), 6 * step)
    first = math.ceil(max(day.begins, shown.since - room) / step)
    last = int(min(day.ends, over + room) // step)
    return [each * step for each in range(first, last + 1, math.ceil((last + 1 - first) / POINTS))]
