"""The metrics that expressions read: declared ones, seen ones, and those that rules record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tocsin.model import Counter, Histogram, Label, SeenMetric, Signal
from tocsin.promql.infer import infer
from tocsin.promql.interval import ANY, COUNT, RATIO, Interval
from tocsin.promql.labels import Labels, Values
from tocsin.promql.shape import UNKNOWN, Nature, Shape, World
from tocsin.promql.tree import Node
from tocsin.promql.units import PLAIN, named

_OPEN: Values = None
_SYNTHETIC = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
)
"""What Prometheus itself writes for every target; see its documentation, "Jobs and instances"."""

_ALERTS = ("alertname", "alertstate")


def declared(signals: Iterable[Signal], targets: Iterable[str], scrape: float) -> World:
    """Return the world of *signals*, whose series bear the labels *targets* too."""
    of_targets = dict.fromkeys(targets, _OPEN)
    metrics: dict[str, Shape] = dict(_synthetic(of_targets))
    bases: dict[str, Shape] = {}
    for signal in signals:
        domains = {label.name: _domain(label) for label in signal.labels}
        varied = {name for name, domain in domains.items() if signal.closed and domain and len(domain) > 1}
        labels = _bearing(domains | of_targets, varied)
        kind = "histogram" if isinstance(signal, Histogram) else "counter" if isinstance(signal, Counter) else "gauge"
        bounds = signal.buckets if isinstance(signal, Histogram) else ()
        for name, shape in _series(signal.name, kind, labels, bounds):
            if name not in _SYNTHETIC:
                metrics[name] = _either(metrics[name], shape) if name in metrics else shape
        if kind == "histogram":
            bases[signal.name] = metrics[f"{signal.name}_bucket"]
    return World(metrics, bases, complete=True, scrape=scrape)


def seen(found: Mapping[str, SeenMetric] | None, targets: Iterable[str], scrape: float) -> World:
    """Return the world of metrics that were *found* in expositions; without any, nobody knows which there are."""
    of_targets = dict.fromkeys(targets, _OPEN)
    metrics: dict[str, Shape] = dict(_synthetic(of_targets))
    bases: dict[str, Shape] = {}
    for metric in (found or {}).values():
        labels = _found(metric, of_targets)
        if metric.name in _SYNTHETIC:
            metrics[metric.name] = replace(metrics[metric.name], labels=_of_targets(labels, metric))
        else:
            metrics.update(_series(metric.name, metric.kind, labels, metric.bounds))
        if metric.kind == "histogram" and metric.native:
            metrics[metric.name] = _shape(metric.name, "native", labels)
        elif metric.kind == "histogram":
            bases[metric.name] = metrics[f"{metric.name}_bucket"]
    return World(metrics, bases, complete=found is not None, scrape=scrape)


Recorded = tuple[str, Node, Mapping[str, str]]
"""A recording rule: the name of its series, its expression, and the labels that it adds."""


def recording(world: World, rules: Iterable[Recorded], *, again: bool = False) -> World:
    """Return *world* with the series that *rules* record, each of which may read those before it.

    Where rules are in any order, the second time (*again*) begins with what the first one found.
    """
    metrics = dict(world.metrics)
    growing = replace(world, metrics=metrics)
    rules = tuple(rules)
    for name, shape in ((name, _recorded(growing, name, tree, labels)) for name, tree, labels in rules):
        before = metrics.get(name)
        metrics[name] = shape if before is None else _merged(before, shape)
    if not again:
        return growing
    found = dict(world.metrics)
    for name, tree, labels in rules:
        shape = _recorded(growing, name, tree, labels)
        found[name] = _merged(found[name], shape) if name in found else shape
    return replace(world, metrics=found)


def _recorded(world: World, name: str, tree: Node, labels: Mapping[str, str]) -> Shape:
    shape = infer(tree, world)[tree]
    of_rule = shape.labels.dropped(("__name__",))
    for label, value in labels.items():
        of_rule = of_rule.put(label, frozenset((value,)))
    return replace(shape, kind="vector", labels=of_rule.put("__name__", frozenset((name,))), metric=True)


def _merged(one: Shape, other: Shape) -> Shape:
    return replace(
        one,
        nature=one.nature if one.nature == other.nature else "unknown",
        labels=one.labels.joined(other.labels),
        values=one.values.union(other.values),
        presence="maybe",
        idle=one.idle or other.idle,
        unit=one.unit if one.unit == other.unit else None,
        measures=one.measures if one.measures == other.measures else None,
        bounds=one.bounds if one.bounds == other.bounds else None,
        summed=one.summed or other.summed,
        from_=one.from_ | other.from_,
    )


def _either(one: Shape, other: Shape) -> Shape:
    """Return the shape of a metric that two services expose, each with labels and buckets of its own."""
    bounds = tuple(sorted({*(one.bounds or ()), *(other.bounds or ())})) or None
    return replace(one, labels=one.labels.joined(other.labels), bounds=bounds)


def _bearing(values: Mapping[str, Values], varied: Iterable[str] = ()) -> Labels:
    """Return labels that every series bears."""
    return Labels(values, others=False, sure=frozenset(values), varied=frozenset(varied))


def _found(metric: SeenMetric, targets: Mapping[str, Values]) -> Labels:
    """Return the labels of a metric's series: the values seen need not be all there are."""
    several = [name for name, values in metric.labels.items() if len(values) > 1]
    alone = math.prod(len(values) for values in metric.labels.values()) == metric.series or len(several) == 1
    sure = {name for name, values in metric.labels.items() if values and "" not in values}
    return Labels(
        {**dict.fromkeys(metric.labels, _OPEN), **targets},
        others=not metric.series,
        sure=frozenset(sure | set(targets)),
        varied=frozenset(several if alone else ()),
    )


def _of_targets(labels: Labels, metric: SeenMetric) -> Labels:
    """Return the labels of what Prometheus itself writes: every target has it, so there are no other jobs."""
    jobs = metric.labels.get("job")
    known = {**labels.known, "__name__": frozenset((metric.name,))}
    return replace(labels, known={**known, "job": jobs} if jobs else known)


def _synthetic(targets: Mapping[str, Values]) -> Iterator[tuple[str, Shape]]:
    for name in _SYNTHETIC:
        values = RATIO if name == "up" else COUNT
        yield name, _shape(name, "gauge", _bearing(targets), values=values)
    for name in ("ALERTS", "ALERTS_FOR_STATE"):
        yield name, _shape(name, "gauge", replace(_bearing(dict.fromkeys(_ALERTS, _OPEN)), others=True))


def _series(name: str, kind: str, labels: Labels, bounds: tuple[float, ...]) -> Iterator[tuple[str, Shape]]:
    """Yield the series of a metric of *kind*, by the names that Prometheus stores them under."""
    if kind in ("histogram", "gaugehistogram"):
        bucket = _shape(f"{name}_bucket", "bucket", _with(labels, "le"), values=COUNT)
        yield f"{name}_bucket", replace(bucket, bounds=bounds or None, measures=named(name), unit=PLAIN)
    elif kind == "summary":
        yield name, _shape(name, "quantile", _with(labels, "quantile"))
    elif kind == "counter":
        shape = _shape(name, "counter", labels, values=COUNT)
        yield name, replace(shape, unit=shape.unit or PLAIN)
    elif kind == "gauge":
        nature: Nature = "timestamp" if name.endswith("_timestamp_seconds") else "gauge"
        yield name, _shape(name, nature, labels)
    else:
        yield name, _shape(name, "unknown", labels)
    if kind in ("histogram", "gaugehistogram", "summary"):
        yield f"{name}_sum", _shape(f"{name}_sum", "counter", labels)
        yield f"{name}_count", replace(_shape(f"{name}_count", "counter", labels, values=COUNT), unit=PLAIN)


def _with(labels: Labels, name: str) -> Labels:
    """Return *labels* with one more, of which each metric has several values."""
    one = _bearing({name: _OPEN}, (name,))
    return Labels(
        {**labels.known, **one.known}, labels.others, labels.sure | one.sure, varied=labels.varied | one.varied
    )


def _shape(name: str, nature: Nature, labels: Labels, *, values: Interval = ANY) -> Shape:
    return replace(
        UNKNOWN,
        nature=nature,
        labels=labels.put("__name__", frozenset((name,))),
        values=values,
        unit=named(name),
        from_=frozenset((name,)),
        metric=True,
    )


def _domain(label: Label) -> Values:
    return frozenset(label.domain) if label.closed else _OPEN
