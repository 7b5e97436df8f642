"""Prometheus's text exposition format 0.0.4.

Source: Prometheus's documentation, "Exposition formats". A series carries the start of its lines ready-made, so that
a scrape only appends the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from tocsin.model import Histogram, Signal, le
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


def header(signal: Signal) -> str:
    """Return the HELP and TYPE lines of *signal*."""
    text = signal.help.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {signal.name} {text}\n# TYPE {signal.name} {signal.kind}\n"


def prefix(name: str, labels: Labels) -> str:
    """Return the start of a sample's line, up to its value."""
    inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
    return f"{name}{{{inside}}} " if inside else f"{name} "


def histogram_prefixes(histogram: Histogram, labels: Labels) -> tuple[str, ...]:
    """Return the starts of a histogram's lines: each bucket, +Inf, the sum and the count."""
    bounds = (*histogram.buckets, math.inf)
    buckets = (prefix(f"{histogram.name}_bucket", (*labels, ("le", le(bound)))) for bound in bounds)
    return (*buckets, prefix(f"{histogram.name}_sum", labels), prefix(f"{histogram.name}_count", labels))


def spell(value: float) -> str:
    """Spell a sample's value."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def counter_lines(cells: Iterable[CounterCell]) -> list[str]:
    """Return a line for each counter, whose value is always finite."""
    return [f"{cell.prefix}{cell.value!r}\n" for cell in cells]


def gauge_lines(cells: Iterable[GaugeCell]) -> list[str]:
    """Return a line for each gauge."""
    return [f"{cell.prefix}{spell(cell.value)}\n" for cell in cells]


def histogram_lines(cells: Iterable[HistogramCell]) -> list[str]:
    """Return the lines of each histogram, one text each."""
    return [_histogram_text(cell) for cell in cells]


def _histogram_text(cell: HistogramCell) -> str:
    cumulative, count, total = cell.state
    values: tuple[Any, ...] = (*cumulative, count, spell(total), count)
    return "".join([f"{start}{value}\n" for start, value in zip(cell.prefixes, values, strict=True)])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
