"""What is marked on every picture over time: services that started, and alerts that rang."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import AnnotationQuery

from tocsin.derive import Board
from tocsin.targets.grafana.source import prometheus

_STARTED = "time() - max by (service) (process_start_time_seconds{{{}}}) < 60"
_RANG = 'ALERTS{{alertstate="firing",severity!="none",{}}}'


class Mark(AnnotationQuery):
    """An annotation as Grafana's Prometheus source reads it: the Foundation SDK has no types for what it adds."""

    def __init__(self, name: str, expr: str, color: str, title: str, text: str) -> None:
        super().__init__(name=name, datasource=prometheus(), icon_color=color, expr=expr)
        self.title = title
        self.text = text

    def to_json(self) -> dict[str, object]:
        """Return what is written."""
        return {**super().to_json(), "step": "60s", "titleFormat": self.title, "textFormat": self.text}


def of_board(board: Board) -> list[AnnotationQuery]:
    """Return the annotations of a board, of its own service or of those that are chosen on it."""
    of_service = [variable.matcher for variable in board.variables if variable.name == "service"]
    matcher = f'service="{board.service}"' if board.service else (of_service or ['service=~".+"'])[0]
    return [
        Mark("Deploys and restarts", _STARTED.format(matcher), "blue", "Started", "{{service}}"),
        Mark("Alerts", _RANG.format(matcher), "red", "{{alertname}}", "{{service}} {{slo}}"),
    ]
