"""The matrix of one service as it is shown: its alerts, and what each does on every fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.model import (
    Becomes,
    Counter,
    Down,
    Errors,
    Fault,
    Flapping,
    Histogram,
    Scale,
    Selector,
    Shift,
    Silence,
    Slow,
    Unreachable,
    Vanish,
    percent,
)
from tocsin.proof.matrix import Cell
from tocsin.proof.proving import Proof


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and the cells of the alerts that were rehearsed under it; a *blind* one is heard by nobody.

    *what* breaks is one part of its words, and *how* it does the other.
    """

    fault: Fault
    what: str
    how: str
    cells: dict[str, Cell]
    blind: bool = False

    @property
    def ringing(self) -> tuple[Cell, ...]:
        """The alerts that ring, those first that are for this fault, and of these the quickest."""
        heard = (cell for cell in self.cells.values() if cell.after is not None)
        return tuple(sorted(heard, key=lambda cell: (not cell.meant, cell.after)))

    @property
    def silent(self) -> tuple[Cell, ...]:
        """The alerts that were rehearsed and do not ring."""
        return tuple(cell for cell in self.cells.values() if cell.after is None)


@dataclass(frozen=True, slots=True)
class Table:
    """A service with its alerts, in the order of the plan, and a row for each fault, by what breaks and how badly."""

    service: str
    alerts: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(proof: Proof) -> Iterator[Table]:
    """Yield the table of each service."""
    for service in dict.fromkeys(verdict.rehearsal.service.name for verdict in proof.verdicts):
        alerts = dict.fromkeys(
            verdict.rehearsal.subject for verdict in proof.verdicts if verdict.rehearsal.service.name == service
        )
        yield Table(service, tuple(alerts), tuple(_rows(proof, service)))


def _rows(proof: Proof, service: str) -> list[Row]:
    cells = [cell for cell in proof.cells if cell.service == service]
    blind = {fault for name, fault in proof.unheard if name == service}
    faults = dict.fromkeys((*(cell.fault for cell in cells), *(f for name, f in proof.unheard if name == service)))
    rows = [
        Row(fault, *words(fault, service), {cell.alert: cell for cell in cells if cell.fault == fault}, fault in blind)
        for fault in faults
    ]
    return _grouped(rows)


def _grouped(rows: Iterable[Row]) -> list[Row]:
    """Return rows with those together in which the same breaks in the same way, the worst of them first."""
    groups: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        groups.setdefault(row.what, {}).setdefault(_manner(row.fault), []).append(row)
    alike = (found for group in groups.values() for found in group.values())
    return [row for found in alike for row in sorted(found, key=lambda row: -_share(row.fault))]


def _manner(fault: Fault) -> str:
    match fault:
        case Errors(bad=bad):
            return f"{bad} fail"
        case Slow(seconds=seconds):
            return f"{seconds} s late"
        case Flapping(fault=inner):
            return _manner(inner)
        case _:
            return type(fault).__name__


def _share(fault: Fault) -> float:
    match fault:
        case Errors(ratio=share) | Slow(share=share):
            return share
        case _:
            return 0.0


_GONE: dict[type[Fault], tuple[str, str]] = {
    Down: ("instances", "none answers"),
    Vanish: ("instances", "none is there"),
    Unreachable: ("public URL", "does not answer"),
}


def words(fault: Fault, service: str) -> tuple[str, str]:
    """Return what of a service breaks, and how it does."""
    match fault:
        case Down() | Vanish() | Unreachable():
            told = _GONE[type(fault)]
        case Errors(ratio, bad, of):
            what = "requests" if of is None else _series(of, service)
            told = what, f"{percent(ratio)} {'fail' if bad is None else f'end in {_beside(bad, of, service)}'}"
        case Slow(share=share, of=of):
            told = "requests" if of is None else _series(of, service), f"{percent(share)} {fault.how}"
        case Silence(signal):
            told = signal.name, "stands still"
        case Shift(signal, mean):
            told = signal.name, f"moves to {mean:g}"
        case Scale(signal, factor):
            told = signal.name, f"counts {factor:g} times as fast"
        case Becomes(of):
            told = str(of), fault.how
        case Flapping(inner, there, away):
            what, how = words(inner, service)
            told = what, f"{how}, {there} on, {away} off"
        case _:
            told = str(fault), ""
    return told


def _series(of: Counter | Histogram | Selector, service: str) -> str:
    """Spell what is selected, without the service of which it is anyway."""
    if not isinstance(of, Selector):
        return str(of)
    kept = tuple((label, each) for label, each in of.matchers if (label, each.value) != ("service", service))
    return str(Selector(of.signal, kept, of.suffix))


def _beside(bad: Counter | Selector, of: Counter | Selector | None, service: str) -> str:
    """Spell what is *bad* of the events *of* the same counter by what it has beside them."""
    if not isinstance(bad, Selector):
        return _series(bad, service)
    whole = of.matchers if isinstance(of, Selector) else ()
    if bad.signal != (of.signal if isinstance(of, Selector) else of):
        return _series(bad, service)
    return ", ".join(f"{label}{each}" for label, each in bad.matchers if (label, each) not in whole)
