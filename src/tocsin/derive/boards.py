"""Boards: the health of each service, and what it does for the business."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.plan import Board
from tocsin.model import Panel, Query, Service


def boards(service: Service) -> Iterator[Board]:
    """Yield a service's health board, and its business board where it declares panels."""
    yield Board(f"tocsin-{service.name}-health", f"{service.name}: health", service.name, tuple(_health(service)))
    if service.panels:
        yield Board(f"tocsin-{service.name}-business", f"{service.name}: business", service.name, service.panels)


def _health(service: Service) -> Iterator[Panel]:
    me = f'{{service="{service.name}"}}'
    yield Panel(
        "Request rate",
        (Query(f"service:http_requests:rate5m{me}", "requests"),),
        unit="reqps",
        help="A sudden fall means that customers no longer get here; look upstream first.",
    )
    yield Panel(
        "Error ratio",
        (Query(f"service:http_errors:ratio_rate5m{me}", "errors"),),
        unit="percentunit",
        help="The share of requests answered with 500 or above; look at the logs of the failing route.",
    )
    yield Panel(
        "Latency",
        tuple(
            Query(f"service:http_request_duration_seconds:{name}_rate5m{me}", name.upper())
            for name in ("p50", "p95", "p99")
        ),
        unit="s",
        help="When P99 leaves P50 behind, some requests wait for something; when all rise, the service is full.",
    )
    yield Panel(
        "CPU usage",
        (Query(f"rate(process_cpu_seconds_total{me}[5m])", "{{instance}}"),),
        unit="cores",
        help="Close to the limit of its container, an instance answers late before it fails.",
    )
    yield Panel(
        "Memory usage",
        (Query(f"process_resident_memory_bytes{me}", "{{instance}}"),),
        unit="bytes",
        help="A line that only climbs is a leak; it ends with a restart.",
    )
