"""A proof as a picture in SVG: for each service what breaks, below its alerts, and after which time each rings.

Colours say what a cell means, in light surroundings and in dark ones; all text is text.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from tocsin.cli.proofs.text import UNHEARD
from tocsin.proof.matrix import Cell
from tocsin.proof.proving import Proof
from tocsin.proof.rehearsal import span
from tocsin.proof.table import Row, Table, tables

MARGIN, GAP = 20.0, 14.0
ROW, COLUMN = 25.0, 58.0
LETTER = 6.9
"""How wide a letter of a row is taken to be; nobody can measure text that another's fonts will show."""
TITLE, SLOPE, LEGEND = 34.0, 0.707, 46.0

_STYLE = """\
svg { color-scheme: light dark;
  --paper: #ffffff; --ink: #1f2933; --soft: #66727f; --line: #e3e7eb;
  --rings: #0f766e; --on-rings: #ffffff; --too: #cdeae6; --on-too: #134e4a; --deaf: #b45309; --deaf-paper: #fdf1df;
  --wrong: #b91c1c; }
@media (prefers-color-scheme: dark) { svg {
  --paper: #14191f; --ink: #e4e9ee; --soft: #97a3af; --line: #2a323b;
  --rings: #2dd4bf; --on-rings: #06211d; --too: #17423e; --on-too: #9fe3d8; --deaf: #f5b95f; --deaf-paper: #33260f;
  --wrong: #f87171; } }
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--ink); }
.paper { fill: var(--paper); stroke: var(--line); } .line { stroke: var(--line); } .faint { opacity: .6; }
.name, .title { font-weight: 600; } .title { font-size: 15px; } .plain { font-weight: 400; }
.soft { fill: var(--soft); } .end { text-anchor: end; }
.time { text-anchor: middle; font-size: 11px; } .dot { fill: var(--soft); opacity: .55; }
.rings { fill: var(--rings); } .on-rings { fill: var(--on-rings); font-weight: 600; }
.too { fill: var(--too); } .on-too { fill: var(--on-too); }
.deaf { fill: var(--deaf-paper); } .on-deaf { fill: var(--deaf); font-weight: 600; }
.wrong { fill: none; stroke: var(--wrong); stroke-width: 1.5; } .on-wrong { fill: var(--wrong); font-weight: 600; }
"""


def render(proof: Proof) -> str:
    """Return the picture of a proof, one matrix below the other."""
    parts: list[str] = []
    y, width = MARGIN, 0.0
    for table in tables(proof):
        drawing = _Drawing(table)
        parts.append(f'<g transform="translate({MARGIN:g} {y:g})">\n{drawing.drawn}\n</g>')
        y += drawing.height + 2 * MARGIN
        width = max(width, drawing.width)
    parts.append(f'<g transform="translate({MARGIN:g} {y - MARGIN:g})">\n{_legend()}\n</g>')
    return _page(width + 2 * MARGIN, y - MARGIN + LEGEND, _told(proof), "\n".join(parts))


def _page(width: float, height: float, told: str, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">What rings on which fault</title>\n<desc id="desc">{escape(told)}</desc>\n'
        f"<style>\n{_STYLE}</style>\n"
        f'<rect class="paper" x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="10"/>\n'
        f"{inside}\n</svg>\n"
    )


def _told(proof: Proof) -> str:
    """Return in a few sentences what the picture shows, for those who cannot see it."""
    services = ", ".join(table.service for table in tables(proof))
    alerts = len({verdict.rehearsal.subject for verdict in proof.verdicts})
    unheard = "; ".join(f"{service}: {fault}" for service, fault in proof.unheard)
    deaf = f" Nobody hears it when: {unheard}." if unheard else ""
    return f"Faults in rows, alerts in columns: {services}. {len(proof.proved)} of {alerts} alerts are proved.{deaf}"


class _Drawing:
    """The matrix of one service."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = [_halves(alert.removeprefix(f"{table.service}/")) for alert in table.alerts]
        what = max(len(row.what) for row in table.rows) * LETTER
        how = max(len(row.how) for row in table.rows) * LETTER
        self._left = what + 1.5 * GAP + how + GAP
        self._head = TITLE + SLOPE * LETTER * max(max(map(len, halves)) for halves in self._names) + 1.6 * GAP
        self.width = self._left + COLUMN * len(table.alerts) + SLOPE * LETTER * max(map(len, self._names[-1]))
        self.height = self._head + ROW * len(table.rows)

    @property
    def drawn(self) -> str:
        """The elements of the matrix."""
        return "\n".join(self._elements())

    def _elements(self) -> Iterator[str]:
        title = (
            f'{escape(self._table.service)}<tspan class="soft plain">: what rings on which fault, and how soon</tspan>'
        )
        yield f'<text class="title" x="0" y="14">{title}</text>'
        for number, halves in enumerate(self._names):
            yield from self._heading(self._middle(number), halves)
        end = self._left + COLUMN * len(self._names)
        edges = (self._left + COLUMN * number for number in range(len(self._names)))
        columns = "".join(f"M{edge:g} {self._head:g}V{self.height:g}" for edge in edges)
        yield f'<path class="line faint" d="{columns}"/>'
        before = None
        for number, row in enumerate(self._table.rows):
            y = self._head + ROW * number
            if row.what != before:
                yield f'<path class="line" d="M0 {y:g}H{end:g}"/>'
                yield _text(0, y + 17, row.what, "name")
            yield _text(self._left - GAP, y + 17, row.how, "end")
            yield from self._cells(row, y)
            before = row.what
        yield f'<path class="line" d="M0 {self.height:g}H{end:g}"/>'

    def _middle(self, number: int) -> float:
        return self._left + COLUMN * (number + 0.5)

    def _heading(self, x: float, halves: tuple[str, str]) -> Iterator[str]:
        y = self._head - 16
        name, objective = halves
        yield f'<g transform="translate({x:g} {y:g}) rotate(-45)">'
        yield _text(0, 0, name, "name") + (_text(0, 13, objective, "soft") if objective else "")
        yield "</g>"

    def _cells(self, row: Row, y: float) -> Iterator[str]:
        if row.blind:
            width = COLUMN * len(self._names)
            yield _box(self._left + 3, y + 3, width - 6, "deaf")
            yield _text(self._left + width / 2, y + 17, UNHEARD, "time on-deaf")
            return
        for number, alert in enumerate(self._table.alerts):
            if alert in row.cells:
                yield _cell(row.cells[alert], self._middle(number), y)


def _halves(name: str) -> tuple[str, str]:
    alert, _, objective = name.partition("/")
    return alert, objective


def _cell(cell: Cell, x: float, y: float) -> str:
    if cell.after is None and not cell.meant:
        return f'<circle class="dot" cx="{x:g}" cy="{y + ROW / 2:g}" r="2"/>'
    if cell.after is None or cell.problem:
        kind, told = "wrong", "never" if cell.after is None else span(cell.after)
    else:
        kind, told = "rings" if cell.meant else "too", span(cell.after)
    return _box(x - COLUMN / 2 + 3, y + 3, COLUMN - 6, kind) + _text(x, y + 16.5, told, f"time on-{kind}")


def _legend() -> str:
    """Return a line that says what each kind of cell means."""
    parts, x = [], 0.0
    for kind, told, means in (("rings", "5 min", "its own fault"), ("too", "5 min", "rings too")):
        parts.append(_box(x, 3, COLUMN - 6, kind) + _text(x + COLUMN / 2 - 3, 16.5, told, f"time on-{kind}"))
        parts.append(_text(x + COLUMN, 17, means, "soft"))
        x += COLUMN + (len(means) + 3) * LETTER
    dot = f'<circle class="dot" cx="{x + 4:g}" cy="12.5" r="2"/>'
    silent = _text(x + 14, 17, "rehearsed, and silent; where nothing is, nothing was rehearsed", "soft")
    return "".join((*parts, dot, silent))


def _box(x: float, y: float, width: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{ROW - 6:g}" rx="4"/>'


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
