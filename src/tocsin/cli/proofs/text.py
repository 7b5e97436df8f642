"""A proof for people: for each service its faults, and what rings on them after which time."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.proof.proving import Proof
from tocsin.proof.rehearsal import span
from tocsin.proof.table import Row, Table, tables


def render(proof: Proof) -> str:
    """Return the matrix, the blind spots, and what is wrong."""
    return "\n".join(_lines(proof)) + "\n"


def _lines(proof: Proof) -> Iterator[str]:
    for table in tables(proof):
        yield from _table(table)
    if proof.unheard:
        yield "Nobody hears it when"
        yield from (f"  {service}: {fault}" for service, fault in proof.unheard)
        yield ""
    for subject, problem in proof.problems:
        yield f"{subject}: {problem}."
    alerts = len({verdict.rehearsal.subject for verdict in proof.verdicts})
    days = len(proof.verdicts) + len([cell for cell in proof.cells if not cell.meant])
    yield f"{len(proof.proved)} of {alerts} alerts are proved, in {days} rehearsals."


def _table(table: Table) -> Iterator[str]:
    yield f"{table.service}: {len(table.alerts)} alerts"
    for row in table.rows:
        if row.ringing:
            yield f"  {row.fault}"
            yield f"      {_ringing(row, table.service)}"
    yield ""


def _ringing(row: Row, service: str) -> str:
    return ", ".join(
        f"{'' if cell.meant else '+ '}{cell.alert.removeprefix(f'{service}/')} {span(cell.after)}"
        for cell in row.ringing
        if cell.after is not None
    )
