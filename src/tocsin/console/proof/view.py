"""The page of the proof: what each alert does on each fault, as `tocsin prove` left it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from starlette.datastructures import QueryParams

from tocsin.console.sources import Sources
from tocsin.model import TocsinError
from tocsin.proof.shown import Replay

Outcome = Literal["meant", "also", "silent"]
"""An alert rings on the fault that it is for, or on one that is for another, or does not ring."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What an alert did on a fault, and after how many seconds."""

    outcome: Outcome
    after: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and a cell for each alert, None where that was not rehearsed; an *unheard* one is heard by nobody."""

    fault: str
    cells: tuple[Cell | None, ...]
    unheard: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """What the alerts of a service do on its faults."""

    service: str
    alerts: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A day that was rehearsed of an alert: whether it must ring, after how many seconds it did, and what is wrong."""

    alert: str
    day: str
    fault: str
    rings: bool
    after: float | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the page shows; *made* is when it was proved, None where there is no proof, and *absent* says why.

    *replay* is the rehearsal for which the address asks by `alert` and `fault`; *unseen* says why it is not there.
    """

    made: datetime | None
    proved: int = 0
    problems: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    matrices: tuple[Matrix, ...] = ()
    rehearsals: tuple[Rehearsal, ...] = ()
    absent: str = ""
    replay: Replay | None = None
    unseen: str = ""

    def of(self, alert: str) -> tuple[Rehearsal, ...]:
        """Return what was rehearsed of an alert."""
        return tuple(each for each in self.rehearsals if each.alert == alert)


async def look(sources: Sources, query: QueryParams) -> Proof:
    """Read the last proof, and replay the rehearsal that the address names, if any."""
    found = await asyncio.to_thread(_read, sources.proof)
    alert, fault = query.get("alert"), query.get("fault")
    if not alert or not fault:
        return found
    seen = await see(sources, alert, fault)
    return replace(found, unseen=seen) if isinstance(seen, str) else replace(found, replay=seen)


async def see(sources: Sources, alert: str, fault: str) -> Replay | str:
    """Replay a rehearsal, or say why it cannot be seen."""
    if sources.replays is None:
        return "Nothing can be replayed here: start the console by `tocsin console` in the project's folder."
    try:
        return await sources.replays.of(alert, fault)
    except TocsinError as why:
        return str(why)


def _read(file: Path) -> Proof:
    try:
        told = json.loads(file.read_bytes())
        made = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return _proof(told, made)
    except FileNotFoundError:
        return Proof(made=None, absent="Nothing is proved yet: run `tocsin prove`.")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Proof(made=None, absent=f"{file} holds no proof that can be read: run `tocsin prove` again.")


def _proof(told: Mapping[str, Any], made: datetime) -> Proof:
    return Proof(
        made=made,
        proved=len(told["proved"]),
        problems=tuple((each["alert"], each["message"]) for each in told["problems"]),
        notes=tuple((each["alert"], each["message"]) for each in told["notes"]),
        matrices=tuple(map(_matrix, told["matrix"])),
        rehearsals=tuple(map(_rehearsal, told["rehearsals"])),
    )


def _matrix(told: Mapping[str, Any]) -> Matrix:
    alerts = tuple(told["alerts"])
    return Matrix(told["service"], alerts, tuple(_row(each, alerts) for each in told["faults"]))


def _row(told: Mapping[str, Any], alerts: tuple[str, ...]) -> Row:
    cells = {alert: Cell("silent", None) for alert in told["silent"]}
    for each in told["rings"]:
        cells[each["alert"]] = Cell("meant" if each["meant"] else "also", each["after"])
    return Row(told["fault"], tuple(cells.get(alert) for alert in alerts), told["unheard"])


def _rehearsal(told: Mapping[str, Any]) -> Rehearsal:
    return Rehearsal(
        told["alert"], told["day"], told["fault"] or "", told["rings"], told["after"], told["problem"] or ""
    )
