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
    rows = [
        row
        for row in table.rows
        if row.blind or any(cell.meant or cell.after is not None for cell in row.cells.values())
    ]
    what, how = (max((len(each) for each in column), default=0) for column in zip(*_words(rows), strict=True))
    inline = paper.width is None or paper.width >= what + how + 6 + ENOUGH
    before = ""
    for row in rows:
        named = "" if row.what == before else row.what
        if not inline and named:
            yield f"  {named}"
        yield from _row(
            f"  {named:<{what}}  " if inline else "    ", row, how, _ringing(row, table.service, paper), paper
        )
        before = row.what
    yield ""


def _row(left: str, row: Row, how: int, found: list[tuple[int, str]], paper: Paper) -> Iterator[str]:
    """Yield the lines of a row: what rings beside its fault, or below where that leaves too little room."""
    beside = len(left) + how + 2
    if paper.width is not None and paper.width < beside + ENOUGH:
        yield f"{left}{row.how}"
        yield from (f"{left}  {line}" for line in _folded(found, paper.width - len(left) - 2))
        return
    first, *more = _folded(found, None if paper.width is None else paper.width - beside)
    yield f"{left}{row.how:<{how}}  {first}"
    yield from (" " * beside + line for line in more)


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
