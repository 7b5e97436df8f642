"""What a service exposes that does what its catalog says, written without any client library."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tocsin.model import SCRAPE, Gauge, Histogram, Service, Signal, le


def exposition(service: Service) -> str:
    """Return the exposition of a service that was asked for nothing yet."""
    signals = [signal for signal in service.exposed if signal not in SCRAPE]
    return "".join(f"{line}\n" for signal in signals for line in lines(signal))


def lines(signal: Signal) -> Iterator[str]:
    """Yield the lines of a signal, every series that is known beforehand at 0."""
    yield f"# HELP {signal.name} {signal.help}"
    yield f"# TYPE {signal.name} {signal.kind}"
    if signal.closed:
        domains = [label.values if isinstance(signal, Gauge) else label.domain for label in signal.labels]
        for values in itertools.product(*domains):
            pairs = zip((label.name for label in signal.labels), values, strict=True)
            yield from _series(signal, [f'{name}="{value}"' for name, value in pairs])


def _series(signal: Signal, labels: list[str]) -> Iterator[str]:
    if not isinstance(signal, Histogram):
        yield f"{signal.name}{_inside(labels)} 0"
        return
    for bound in (*map(le, signal.buckets), "+Inf"):
        inside = _inside([*labels, f'le="{bound}"'])
        yield f"{signal.name}_bucket{inside} 0"
    for part in ("sum", "count"):
        yield f"{signal.name}_{part}{_inside(labels)} 0"


def _inside(labels: list[str]) -> str:
    return f"{{{','.join(labels)}}}" if labels else ""
