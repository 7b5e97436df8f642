"""A proof as Markdown, in GitHub's tables, for pages and for a comment on a change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.cli.proofs.text import UNHEARD
from tocsin.proof.matrix import Cell
from tocsin.proof.proving import Proof
from tocsin.proof.rehearsal import span
from tocsin.proof.table import Row, Table, tables

LEGEND = f"**5 min** its own fault · 5 min rings too · `·` rehearsed and silent · **{UNHEARD}**: a blind spot"


def render(proof: Proof) -> str:
    """Return a matrix for each service, and what is wrong."""
    return "\n".join(_lines(proof)) + "\n"


def _lines(proof: Proof) -> Iterator[str]:
    for table in tables(proof):
        yield from _table(table)
    yield LEGEND
    if proof.problems:
        yield from ("", "## What is wrong", "")
    yield from (f"- {_escaped(subject)}: {_escaped(problem)}." for subject, problem in proof.problems)
    if proof.notes:
        yield from ("", "## What is to be known", "")
    yield from (f"- {_escaped(alert)}: {_escaped(note)}." for alert, note in proof.notes)


def _table(table: Table) -> Iterator[str]:
    yield from (f"## {table.service}", "")
    yield from (f"{number}. {_escaped(_name(alert, table))}" for number, alert in enumerate(table.alerts, start=1))
    yield ""
    yield "| | |" + "".join(f" {number} |" for number in range(1, len(table.alerts) + 1))
    yield "|---|---|" + ":-:|" * len(table.alerts)
    before = ""
    for row in table.rows:
        what = "" if row.what == before else _escaped(row.what)
        yield f"| {what} | {_how(row)} |" + "".join(f"{_cell(row.cells.get(alert))}|" for alert in table.alerts)
        before = row.what
    yield ""


def _how(row: Row) -> str:
    how = _escaped(row.how)
    return f"{how}: **{UNHEARD}**" if row.blind else how


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return " "
    if cell.after is None:
        return " **never** " if cell.meant else " · "
    return f" **{span(cell.after)}** " if cell.meant else f" {span(cell.after)} "


def _name(alert: str, table: Table) -> str:
    return alert.removeprefix(f"{table.service}/")


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*<|\[])", r"\\\1", text)
