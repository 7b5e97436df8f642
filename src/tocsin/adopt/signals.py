"""Which signals rules speak of: their kinds, labels and buckets, as far as names and expressions tell.

Source: Prometheus's documentation, "Metric and label naming", for suffixes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tocsin.adopt.left import Left
from tocsin.model import (
    ALERTMANAGER_OWN,
    HTTP_BUCKETS,
    PROMETHEUS_OWN,
    SDK_DROPPED,
    TARGET_LABELS,
    Counter,
    DeclarationError,
    Gauge,
    Histogram,
    Label,
    Place,
    Service,
    Signal,
)
from tocsin.promql.functions import RATES
from tocsin.promql.tree import Aggregate, Binary, Call, Node, Selector

EXPORTERS = (
    *("node_", "kube_", "container_", "kubelet_", "apiserver_", "etcd_", "coredns_", "cadvisor_", "machine_"),
    *("mysql_", "pg_", "redis_", "kafka_", "rabbitmq_", "nginx_", "haproxy_", "probe_", "blackbox_", "windows_"),
    *("elasticsearch_", "mongodb_", "jvm_", "go_", "python_gc_", "istio_", "envoy_", "cert_exporter_", "certmanager_"),
)
"""How metrics begin that exporters and platforms expose, and no service of ours."""

NOT_DECLARED = frozenset((*TARGET_LABELS, "le", "quantile", "__name__", "alertname", "alertstate"))

_BARE = Service(name="x", team="x", port=1, because="x", jobs=("x",))
BUILT_IN = frozenset(("ALERTS", "ALERTS_FOR_STATE")).union(
    *((signal.name, *signal.series_names) for signal in (*_BARE.exposed, SDK_DROPPED)),
    *(signal.series_names for signal in (*PROMETHEUS_OWN, *ALERTMANAGER_OWN)),
)
"""What is there without a declaration: the names of series, and those of histograms themselves."""


@dataclass
class _Seen:
    place: Place
    rated: bool = False
    labels: dict[str, None] = field(default_factory=dict)
    bounds: set[float] = field(default_factory=set)


@dataclass
class Signals:
    """What was seen of metrics: *declared* by the names of their series, *undeclared* with the reason for each."""

    declared: dict[str, Signal] = field(default_factory=dict)
    undeclared: dict[str, str] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)

    def why_not(self, tree: Node) -> str:
        """Return why the expression reads something that cannot be declared, "" if it does not."""
        names = (node.metric for node in tree.walk() if isinstance(node, Selector))
        return next((self.undeclared[name] for name in names if name in self.undeclared), "")


def signals(expressions: Iterable[tuple[Node, Place]], recorded: Iterable[str]) -> Signals:
    """Return the signals of expressions, those that are *recorded* left out."""
    seen: dict[str, _Seen] = {}
    own = frozenset(recorded)
    for tree, place in expressions:
        for selector, rated, labels in _selectors(tree, rated=False, labels=()):
            if selector.metric and selector.metric not in own and selector.metric not in BUILT_IN:
                _see(seen.setdefault(selector.metric, _Seen(place)), selector, labels, rated=rated)
    found = Signals()
    for name in seen:
        if name.startswith(EXPORTERS):
            found.undeclared[name] = f"{name} comes from an exporter, not from a service: keep the rule where it is"
        elif ":" in name:
            found.undeclared[name] = f"{name} is recorded by a rule that is in none of these files: import that too"
    for name in seen:
        if name not in found.undeclared and name not in found.declared:
            _declare(found, seen, name)
    return found


def _see(each: _Seen, selector: Selector, labels: Iterable[str], *, rated: bool) -> None:
    each.rated |= rated
    matched = (matcher.label for matcher in selector.matchers)
    each.labels.update(dict.fromkeys(label for label in (*matched, *labels) if label not in NOT_DECLARED))
    for matcher in selector.matchers:
        if matcher.label == "le" and matcher.operator == "=":
            bound = _number(matcher.value)
            if math.isfinite(bound):
                each.bounds.add(bound)


def _selectors(node: Node, labels: tuple[str, ...], *, rated: bool) -> Iterator[tuple[Selector, bool, tuple[str, ...]]]:
    """Yield each selector, whether its increase is asked for, and the labels that are kept of it."""
    if isinstance(node, Selector):
        yield node, rated, labels
        return
    if isinstance(node, Aggregate):
        labels = (*labels, *(node.by or ()))
    elif isinstance(node, Binary):
        labels = (*labels, *(node.on or ()))
    elif isinstance(node, Call):
        rated = rated or node.function in RATES
        if node.function in ("label_replace", "label_join", "absent", "absent_over_time"):
            labels = ()
    for child in node.children():
        yield from _selectors(child, labels, rated=rated)


def _declare(found: Signals, seen: dict[str, _Seen], name: str) -> None:
    base, suffix = _histogram(seen, name)
    try:
        if suffix:
            signal: Signal = _as_histogram(found, seen, base)
        elif name.endswith("_total"):
            signal = Counter(name, "TODO: say what it counts.", _labels(seen[name]))
        elif seen[name].rated:
            found.undeclared[name] = f"{name} is counted, but does not end with _total: rename it"
            return
        else:
            signal = Gauge(name, "TODO: say what it measures.", _labels(seen[name]))
            why = "nothing tells its kind but its name and use: it is declared as a gauge"
            found.left.append(Left(seen[name].place, name, why))
    except DeclarationError as cause:
        found.undeclared[name] = str(cause).rstrip(".")
        return
    found.declared.update(dict.fromkeys(signal.series_names, signal))


def _as_histogram(found: Signals, seen: dict[str, _Seen], base: str) -> Histogram:
    parts = [seen[name] for name in _names(base) if name in seen]
    labels = tuple(Label(name) for name in dict.fromkeys(label for part in parts for label in part.labels))
    bounds = sorted({bound for part in parts for bound in part.bounds})
    why = f"its buckets are those that the rules ask for ({', '.join(f'{each:g}' for each in bounds)}): add its others"
    if not bounds:
        why = "no rule tells its buckets: usual ones are declared"
    found.left.append(Left(parts[0].place, base, why))
    return Histogram(base, "TODO: say what it measures.", labels, buckets=tuple(bounds) or HTTP_BUCKETS)


def _histogram(seen: dict[str, _Seen], name: str) -> tuple[str, str]:
    """Return the name of the histogram whose series this is, and the suffix; the suffix is "" if it is none."""
    base, _, suffix = name.rpartition("_")
    if suffix not in ("bucket", "sum", "count") or not base:
        return name, ""
    others = sum(each in seen for each in _names(base)) > 1
    return (base, suffix) if suffix == "bucket" or others or seen[name].rated else (name, "")


def _names(base: str) -> tuple[str, str, str]:
    return f"{base}_bucket", f"{base}_sum", f"{base}_count"


def _labels(each: _Seen) -> tuple[Label, ...]:
    return tuple(Label(name) for name in each.labels)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
