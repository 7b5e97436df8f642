"""A panel shows its numbers in a unit that they do not have.

The unit of an expression is told from the names of its metrics, and followed through rates, sums and quotients. What
was multiplied by a number keeps its dimension; what nobody can tell is let through.

## Why it matters

Grafana writes the unit behind the number, and scales it. Seconds shown as milliseconds are wrong by a thousand, and
bytes a second shown as bytes make of a busy network a small file.

## Bad

```json
{
  "title": "Network",
  "panels": [
    {
      "title": "Received", "type": "timeseries",
      "targets": [{"expr": "sum by (instance) (rate(node_network_receive_bytes_total[5m]))"}],
      "fieldConfig": {"defaults": {"unit": "bytes"}}
    }
  ]
}
```

## Good

```json
{
  "title": "Network",
  "panels": [
    {
      "title": "Received", "type": "timeseries",
      "targets": [{"expr": "sum by (instance) (rate(node_network_receive_bytes_total[5m]))"}],
      "fieldConfig": {"defaults": {"unit": "Bps"}}
    }
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression, Panel
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Call
from tocsin.promql.units import BYTES, PLAIN, SECONDS, Unit

ID = "board/unit"

_PER_SECOND = PLAIN / SECONDS
_BYTES_PER_SECOND = BYTES / SECONDS


def _times(unit: Unit, scale: float) -> Unit:
    return Unit(unit.powers, scale)


_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("s", "dtdurations", "clocks"), SECONDS),
    **dict.fromkeys(("ms", "dtdurationms", "clockms"), _times(SECONDS, 1e-3)),
    **dict.fromkeys(("dateTimeAsIso", "dateTimeAsUS", "dateTimeAsLocal", "dateTimeFromNow"), _times(SECONDS, 1e-3)),
    "µs": _times(SECONDS, 1e-6),
    "ns": _times(SECONDS, 1e-9),
    "m": _times(SECONDS, 60),
    "h": _times(SECONDS, 3600),
    "d": _times(SECONDS, 86_400),
    **dict.fromkeys(("bytes", "decbytes"), BYTES),
    **dict.fromkeys(("bits", "decbits"), _times(BYTES, 0.125)),
    **dict.fromkeys(("Bps", "binBps"), _BYTES_PER_SECOND),
    **dict.fromkeys(("bps", "binbps"), _times(_BYTES_PER_SECOND, 0.125)),
    **dict.fromkeys(("reqps", "ops", "cps", "rps", "wps", "iops", "mps", "hertz"), _PER_SECOND),
    **dict.fromkeys(("cpm", "opm", "rpm", "wpm", "reqpm"), _times(_PER_SECOND, 1 / 60)),
    **dict.fromkeys(("percentunit", "bool", "cores"), PLAIN),
    "percent": _times(PLAIN, 0.01),
    "celsius": Unit((("celsius", 1),)),
    "fahrenheit": Unit((("fahrenheit", 1),)),
}
"""Grafana's names of units; for `cpm` and its like, a count over a minute is as good as a rate."""

_INSTEAD = {
    PLAIN: "percentunit or short",
    SECONDS: "s",
    BYTES: "bytes",
    _PER_SECOND: "ops or reqps",
    _BYTES_PER_SECOND: "Bps",
    _times(SECONDS, 1e-3): "ms",
    _times(PLAIN, 0.01): "percent",
}


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each expression whose unit is another than its panel's."""
    for board in case.boards:
        for panel in board.panels:
            for expression in panel.expressions:
                unit = expression.shapes[expression.tree].unit if expression.tree is not None else None
                shown = _UNITS.get(panel.unit)
                if unit is not None and shown is not None and unit.differs(shown) and not _counted(expression, panel):
                    instead = f": use {_INSTEAD[unit]}" if unit in _INSTEAD else ""
                    message = f"it shows {said(unit)} in the unit {panel.unit!r}{instead}"
                    yield panel.problem(ID, message, "warning")
                    break


def said(unit: Unit) -> str:
    """Return what a person calls a unit."""
    if unit.powers == _PER_SECOND.powers:
        return "events a second"
    if unit.powers == _BYTES_PER_SECOND.powers:
        return "bytes a second"
    return "a ratio or a count" if unit == PLAIN else str(unit)


def _counted(expression: Expression, panel: Panel) -> bool:
    """Tell whether a panel of counts per minute shows what was counted over one."""
    counts = any(isinstance(node, Call) and node.function == "increase" for node, _ in expression.nodes())
    return counts and panel.unit in ("cpm", "opm", "rpm", "wpm", "reqpm")
