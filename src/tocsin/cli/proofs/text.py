"""A proof for people: for each service what breaks, how it does, and what rings on that after which time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.proof.matrix import Cell
from tocsin.proof.proving import Proof
from tocsin.proof.rehearsal import span
from tocsin.proof.table import Row, Table, tables

ENOUGH = 44
"""Characters in which what rings can be read beside its fault; where there are fewer, it stands below."""
UNHEARD = "nobody hears it"

_Colour = Literal["name", "meant", "too", "unheard", "wrong", "right"]
_COLOURS: dict[_Colour, str] = {
    "name": "\x1b[1m",
    "meant": "\x1b[32m",
    "too": "\x1b[2m",
    "unheard": "\x1b[33m",
    "wrong": "\x1b[1;31m",
    "right": "\x1b[1;32m",
}
_PLAIN = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: a line holds *width* characters, or any number."""

    width: int | None = None
    coloured: bool = False

    def painted(self, text: str, colour: _Colour) -> str:
        """Return text in a colour, if there are colours."""
        return f"{_COLOURS[colour]}{text}{_PLAIN}" if self.coloured else text


def render(proof: Proof) -> str:
    """Return the proof as it is written to the standard output, in colour and in its width if that is a terminal."""
    if not sys.stdout.isatty():
        return written(proof, Paper())
    return written(proof, Paper(shutil.get_terminal_size().columns, not os.environ.get("NO_COLOR")))


def written(proof: Proof, paper: Paper) -> str:
    """Return the matrix with its blind spots, what is wrong, and a line that says how it went."""
    return "\n".join(_lines(proof, paper)) + "\n"


def _lines(proof: Proof, paper: Paper) -> Iterator[str]:
    for table in tables(proof):
        yield from _table(table, paper)
    for subject, problem in proof.problems:
        yield f"{paper.painted(subject, 'wrong')}: {problem}."
    yield from (f"{paper.painted(alert, 'name')}: {note}." for alert, note in proof.notes)
    if proof.unheard:
        faults = "1 fault" if len(proof.unheard) == 1 else f"{len(proof.unheard)} faults"
        yield paper.painted(f"Nobody hears {faults}.", "unheard")
    yield _summary(proof, paper)


def _summary(proof: Proof, paper: Paper) -> str:
    alerts = len(proof.promised)
    proved = f"{len(proof.proved)} of {alerts} alert{'s are' if alerts > 1 else ' is'} proved"
    recalled = f", {proof.recalled} of them recalled" if proof.recalled else ""
    how = f"{proof.rehearsals} rehearsals in {span(round(proof.seconds, 1))}{recalled}"
    return f"{paper.painted(proved, 'wrong' if proof.problems else 'right')}: {how}."


def _table(table: Table, paper: Paper) -> Iterator[str]:
    yield f"{paper.painted(table.service, 'name')}: {len(table.alerts)} alert{'s' if len(table.alerts) > 1 else ''}"
    rows = [row for row in table.rows if row.blind or any(cell.meant or cell.after for cell in row.cells.values())]
    what, how = (max((len(each) for each in column), default=0) for column in zip(*_words(rows), strict=True))
    beside = 2 + what + 2 + how + 2
    room = None if paper.width is None else paper.width - beside
    before = ""
    for row in rows:
        found = _ringing(row, table.service, paper)
        if room is None or room >= ENOUGH:
            shown = "" if row.what == before else row.what
            first, *more = _folded(found, room)
            yield f"  {shown:<{what}}  {row.how:<{how}}  {first}"
            yield from (" " * beside + line for line in more)
        else:
            yield from (() if row.what == before else (f"  {row.what}",))
            yield f"    {row.how}"
            yield from (f"      {line}" for line in _folded(found, paper.width - 6 if paper.width else None))
        before = row.what
    yield ""


def _words(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return [("", ""), *((row.what, row.how) for row in rows)]


def _ringing(row: Row, service: str, paper: Paper) -> list[tuple[int, str]]:
    """Return what rings, or what else is to be said of a row, each as its length and its coloured text."""
    if row.blind:
        return [(len(UNHEARD), paper.painted(UNHEARD, "unheard"))]
    told = [(cell, _told(cell, service)) for cell in (*row.ringing, *(c for c in row.silent if c.meant))]
    return [(len(text), paper.painted(text, _colour(cell))) for cell, text in told]


def _told(cell: Cell, service: str) -> str:
    name = cell.alert.removeprefix(f"{service}/")
    return f"{'' if cell.meant else '+ '}{name} {'never' if cell.after is None else span(cell.after)}"


def _colour(cell: Cell) -> _Colour:
    if cell.problem or cell.after is None:
        return "wrong"
    return "meant" if cell.meant else "too"


def _folded(parts: list[tuple[int, str]], width: int | None) -> list[str]:
    """Return parts with commas between them, in lines of at most *width* characters where a part is not longer."""
    lines: list[list[str]] = [[]]
    used = 0
    for length, text in parts:
        if width is not None and lines[-1] and used + length + 1 > width:
            lines.append([])
            used = 0
        lines[-1].append(text)
        used += length + 2
    return [", ".join(line) + ("," if number < len(lines) else "") for number, line in enumerate(lines, start=1)]
