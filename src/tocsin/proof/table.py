"""The matrix of one service as it is shown: its alerts, and what each does on every fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.model import Fault
from tocsin.proof.matrix import Cell
from tocsin.proof.proving import Proof


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and the cells of the alerts that were rehearsed under it, by their subjects."""

    fault: Fault
    cells: dict[str, Cell]

    @property
    def ringing(self) -> tuple[Cell, ...]:
        """The alerts that ring, those first that are for this fault, and of these the quickest."""
        heard = (cell for cell in self.cells.values() if cell.after is not None)
        return tuple(sorted(heard, key=lambda cell: (not cell.meant, cell.after)))


@dataclass(frozen=True, slots=True)
class Table:
    """A service with its alerts, in the order of the plan, and a row for each fault."""

    service: str
    alerts: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(proof: Proof) -> Iterator[Table]:
    """Yield the table of each service."""
    for service in dict.fromkeys(verdict.rehearsal.service.name for verdict in proof.verdicts):
        cells = [cell for cell in proof.cells if cell.service == service]
        alerts = dict.fromkeys(
            verdict.rehearsal.subject for verdict in proof.verdicts if verdict.rehearsal.service.name == service
        )
        faults = dict.fromkeys(
            (*(cell.fault for cell in cells), *(fault for name, fault in proof.unheard if name == service))
        )
        rows = (Row(fault, {cell.alert: cell for cell in cells if cell.fault == fault}) for fault in faults)
        yield Table(service, tuple(alerts), tuple(rows))
