"""Costs as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tocsin.cli.costs.prices import Price, quantity
from tocsin.derive.cost import ServiceCost


def render(services: Sequence[ServiceCost], prices: Sequence[Price]) -> str:
    """Return an object with services and a bill; each figure is one of a month."""
    found = {"services": [_service(each) for each in services], "bill": [_line(each, services) for each in prices]}
    return json.dumps(found, indent=2) + "\n"


def _service(cost: ServiceCost) -> dict[str, object]:
    worst, typical = cost.samples
    return {
        "service": cost.service,
        "series": {"worst": cost.worst, "typical": cost.typical},
        "samples": {"worst": worst, "typical": typical},
        "requests": cost.requests,
        "log_bytes": cost.log_bytes,
        "metrics": [
            {
                "metric": metric.metric,
                "kind": metric.kind,
                "series": {"worst": metric.worst, "typical": metric.typical},
                "samples": {"worst": metric.samples[0], "typical": metric.samples[1]},
            }
            for metric in cost.metrics
        ],
        "labels": [
            {
                "label": label.label,
                "metrics": list(label.metrics),
                "spares": {"worst": label.worst, "typical": label.typical},
                "built_in": label.built_in,
                "read_by": list(label.read_by),
            }
            for label in cost.labels
        ],
    }


def _line(price: Price, services: Sequence[ServiceCost]) -> dict[str, object]:
    worst, typical = quantity(price, services)
    return {
        "key": price.key,
        "name": price.name,
        "of": price.of,
        "quantity": {"worst": worst, "typical": typical},
        "dollars": {"worst": round(price.dollars(worst), 2), "typical": round(price.dollars(typical), 2)},
        "date": price.day.isoformat(),
        "source": price.source,
    }
