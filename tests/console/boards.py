from __future__ import annotations

from typing import Any

from tocsin.console.boards.answers import Series
from tocsin.console.boards.models import Board, PanelModel, board
from tocsin.console.metrics import Window

WINDOW = Window(1_000.0, 1_060.0, 15.0)

THRESHOLDS = {"mode": "absolute", "steps": [{"value": None, "color": "green"}, {"value": 0.5, "color": "red"}]}


def tree(kind: str, **more: Any) -> dict[str, Any]:
    """A panel's JSON, as Grafana writes it."""
    return {
        "id": 1,
        "type": kind,
        "title": "Shown",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "targets": [{"refId": "A", "expr": "asked", "legendFormat": "{{service}}"}],
        "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": THRESHOLDS}, "overrides": []},
        "options": {"legend": {"showLegend": True, "calcs": ["lastNotNull", "max"]}},
        **more,
    }


def dashboard(*panels: dict[str, Any], **more: Any) -> Board:
    return board({"uid": "board", "title": "Board", "panels": list(panels), **more}, "folder")


def panel(kind: str, **more: Any) -> PanelModel:
    return dashboard(tree(kind, **more)).sections[0].panels[0]


def series(name: str, *values: float, **labels: str) -> Series:
    """Return a series with one value for each step of `WINDOW`."""
    return Series(
        name, labels, tuple((WINDOW.start + WINDOW.step * number, value) for number, value in enumerate(values))
    )
