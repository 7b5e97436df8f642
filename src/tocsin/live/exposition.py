"""Reads expositions: Prometheus's text format, and OpenMetrics.

A line that cannot be read is skipped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tocsin.live.samples import META, PAIR, SAMPLE, SUFFIXES, as_number, bare, is_value, unescaped
from tocsin.model import Place, SeenMetric, Skipped

_GAUGES = ("_gcount", "_gsum", "_created")
"""Suffixes of samples that are gauges of their own, whatever family they belong to."""

_MISSING = frozenset(("",))
_MOST_SKIPPED = 20


@dataclass
class _Seen:
    """The samples of one name: the values of their labels, how many there are, and how they look."""

    labels: dict[str, set[str]] = field(default_factory=dict)
    bearing: dict[str, int] = field(default_factory=dict)
    """How many of them have a label."""

    series: int = 0
    native: bool = False


@dataclass
class _Family:
    kind: str = ""
    help: str = ""


@dataclass
class _Reading:
    file: str
    samples: dict[str, _Seen] = field(default_factory=dict)
    families: dict[str, _Family] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    broken: int = 0

    def line(self, number: int, line: str) -> None:
        if line.startswith("#"):
            if found := META.match(line):
                family = self.families.setdefault(bare(found[2]), _Family())
                if found[1] == "TYPE":
                    family.kind = (found[3] or "").strip()
                else:
                    family.help = unescaped(found[3] or "")
            return
        found = SAMPLE.fullmatch(line)
        if found is None or not is_value(found["value"]) or not self._sample(found):
            self.broken += 1
            if len(self.skipped) < _MOST_SKIPPED:
                self.skipped.append(Skipped(Place(self.file, number, 1), "the line is no sample"))

    def _sample(self, found: re.Match[str]) -> bool:
        pairs = PAIR.findall(found["labels"] or "")
        name = found["name"] or next((bare(key) for key, value in pairs if not value), "")
        if not name:
            return False
        seen = self.samples.get(name)
        if seen is None:
            seen = self.samples[name] = _Seen()
        seen.series += 1
        seen.native |= found["value"].startswith("{")
        for key, value in pairs:
            if value:
                label = bare(key)
                seen.labels.setdefault(label, set()).add(bare(value))
                seen.bearing[label] = seen.bearing.get(label, 0) + 1
        return True


def read_exposition(text: str, file: str) -> tuple[dict[str, SeenMetric], tuple[Skipped, ...]]:
    """Return the metrics of an exposition, by name, and the lines that are none of it."""
    reading = _Reading(file)
    for number, line in enumerate(text.split("\n"), 1):
        if stripped := line.strip():
            reading.line(number, stripped)
    if reading.broken > len(reading.skipped):
        more = f"{reading.broken - len(reading.skipped)} more lines are no samples"
        reading.skipped.append(Skipped(reading.skipped[-1].place, more))
    metrics: dict[str, SeenMetric] = {}
    for metric in _metrics(reading):
        metrics[metric.name] = _both(metrics[metric.name], metric) if metric.name in metrics else metric
    return metrics, tuple(reading.skipped)


def merged(expositions: Iterable[Mapping[str, SeenMetric]]) -> dict[str, SeenMetric]:
    """Return the metrics of several expositions as those of one."""
    metrics: dict[str, SeenMetric] = {}
    for exposition in expositions:
        for name, metric in exposition.items():
            metrics[name] = _both(metrics[name], metric) if name in metrics else metric
    return metrics


def _both(one: SeenMetric, other: SeenMetric) -> SeenMetric:
    names = dict.fromkeys((*one.labels, *other.labels))
    labels = {name: _values(one, name) | _values(other, name) for name in names}
    return replace(
        one,
        kind=one.kind if one.kind == other.kind else "unknown",
        labels=labels,
        bounds=tuple(sorted({*one.bounds, *other.bounds})),
        series=one.series + other.series,
        native=one.native or other.native,
        help=one.help or other.help,
    )


def _values(metric: SeenMetric, label: str) -> frozenset[str]:
    missing = _MISSING if metric.series else frozenset[str]()
    return metric.labels.get(label, missing)


def _metrics(reading: _Reading) -> Iterator[SeenMetric]:
    met = set()
    for name, seen in reading.samples.items():
        family, suffix = _family(name, reading.families)
        met.add(family)
        about = reading.families.get(family, _Family())
        whole = family if suffix in ("_bucket", "_count", "_sum") else name
        kind = "gauge" if suffix in _GAUGES or about.kind in ("info", "stateset") else about.kind
        if not suffix and kind == "histogram":
            seen.native = True
        yield _metric(whole, kind, seen, about.help, inner=kind not in ("", "unknown", "untyped"))
    for name, about in reading.families.items():
        if name not in met and about.kind:
            yield SeenMetric(name=name, kind=_known(about.kind), help=about.help)
            if about.kind == "counter" and not name.endswith("_total"):
                yield SeenMetric(name=f"{name}_total", kind="counter", help=about.help)


def _family(name: str, families: Mapping[str, _Family]) -> tuple[str, str]:
    """Return the family that a sample of this name belongs to, and its suffix."""
    if name in families and families[name].kind:
        return name, ""
    stem, underscore, last = name.rpartition("_")
    suffix = underscore + last
    if stem in families and families[stem].kind in SUFFIXES.get(suffix, ()):
        return stem, suffix
    return name, ""


def _metric(name: str, kind: str, seen: _Seen, said: str, *, inner: bool) -> SeenMetric:
    hidden = {"histogram": ("le",), "gaugehistogram": ("le",), "summary": ("quantile",)}.get(kind, ()) if inner else ()
    bounds = sorted({bound for text in seen.labels.get("le", ()) if math.isfinite(bound := as_number(text))})
    return SeenMetric(
        name=name,
        kind=_known(kind),
        labels={
            label: frozenset(values) | (_MISSING if seen.bearing[label] < seen.series else frozenset())
            for label, values in seen.labels.items()
            if label not in hidden
        },
        bounds=tuple(bounds) if "le" in hidden else (),
        series=seen.series,
        native=seen.native,
        help=said,
    )


def _known(kind: str) -> str:
    return kind if kind in ("counter", "gauge", "histogram", "gaugehistogram", "summary") else "unknown"
