"""A panel shows seconds, bytes, a ratio or a rate, and says no unit.

## Why it matters

Grafana writes 0.25 or 1.5 Mil, and whoever looks has to know whether those are seconds, a share or bytes.

## Bad

```json
{
  "title": "Requests",
  "panels": [
    {
      "title": "Latency", "type": "timeseries",
      "targets": [{"expr": "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"}]
    }
  ]
}
```

## Good

```json
{
  "title": "Requests",
  "panels": [
    {
      "title": "Latency", "type": "timeseries",
      "targets": [{"expr": "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"}],
      "fieldConfig": {"defaults": {"unit": "s"}}
    }
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Panel
from tocsin.checks.panel_unit import said
from tocsin.checks.problem import Problem
from tocsin.promql.units import Unit

ID = "board/no-unit"

_NUMBERS = ("timeseries", "graph", "stat", "singlestat", "gauge", "bargauge", "barchart")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each panel without a unit whose numbers have one."""
    for board in case.boards:
        for panel in board.panels:
            unit = _unit(panel) if panel.kind in _NUMBERS and not panel.unit else None
            if unit is not None:
                yield panel.problem(ID, f"it shows {said(unit)}, and says no unit", "warning")


def _unit(panel: Panel) -> Unit | None:
    """Return the first unit of its expressions that has a dimension."""
    units = (each.shapes[each.tree].unit for each in panel.expressions if each.tree is not None)
    return next((unit for unit in units if unit is not None and unit.powers), None)
