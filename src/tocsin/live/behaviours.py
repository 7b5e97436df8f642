"""Reads how the metrics of a service move: `{counter: 0.8}`, `{histogram: {...}, by: route, buckets: [...]}`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from tocsin.live.entry import Entry
from tocsin.model import (
    Beats,
    Flow,
    ForeignCounter,
    ForeignGauge,
    ForeignHistogram,
    ForeignLabel,
    Label,
    Level,
    Matcher,
    Profile,
    Selector,
    Signal,
    Spread,
)

KINDS = ("counter", "histogram", "gauge", "beats")
HELP = "A metric that others named."


def metric(entry: Entry) -> tuple[Signal, tuple[Profile, ...]]:
    """Return a metric and how each of its series moves."""
    fields = entry.fields(*KINDS, "by", "buckets", "steady")
    kinds = [kind for kind in KINDS if kind in fields]
    if len(kinds) != 1:
        raise entry.wrong(f"{entry.name} must be one of {', '.join(KINDS)}, like {{counter: 0.8}} for 0.8 a second.")
    moves = fields[kinds[0]]
    labels = tuple(_label(each) for each in fields["by"].items()) if "by" in fields else ()
    steady = fields["steady"].yes() if "steady" in fields else False
    with entry.declaring():
        signal = _signal(entry, kinds[0], labels, fields)
    return signal, tuple(
        _profile(kinds[0], _series(signal, said), leaf, steady=steady) for said, leaf in _leaves(moves, labels)
    )


def bounds(entry: Entry) -> tuple[tuple[float, str], ...]:
    """Return the bounds of buckets, each with how it is written; +Inf is left out."""
    return tuple((each.number(), each.text()) for each in entry.items() if each.text() != "+Inf")


def _label(entry: Entry) -> Label:
    with entry.declaring():
        return ForeignLabel(entry.text())


def _signal(entry: Entry, kind: str, labels: tuple[Label, ...], fields: Mapping[str, Entry]) -> Signal:
    if kind != "histogram":
        if "buckets" in fields:
            raise fields["buckets"].wrong(f"{entry.name} is no histogram: only that has buckets.")
        return (ForeignCounter if kind == "counter" else ForeignGauge)(entry.name, HELP, labels)
    if "buckets" not in fields:
        raise entry.wrong(f"{entry.name} needs its buckets, like `buckets: [0.1, 0.5, 1, 5]`.")
    found = bounds(fields["buckets"])
    buckets, spelled = tuple(bound for bound, _ in found), tuple(text for _, text in found)
    return ForeignHistogram(entry.name, HELP, labels, buckets=buckets, spelled=spelled)


def _leaves(entry: Entry, labels: tuple[Label, ...]) -> Iterator[tuple[dict[str, str], Entry]]:
    """Yield the labels of each series and how it moves: one table lies in another for each label."""
    if not labels:
        yield {}, entry
        return
    for value, inner in entry.each(f"what it is for each {labels[0].name}").items():
        for said, leaf in _leaves(inner, labels[1:]):
            yield {labels[0].name: value, **said}, leaf


def _series(signal: Signal, labels: Mapping[str, str]) -> Selector:
    return Selector(signal, tuple(sorted((name, Matcher("=", value)) for name, value in labels.items())))


def _profile(kind: str, of: Selector, leaf: Entry, *, steady: bool) -> Profile:
    with leaf.declaring():
        match kind:
            case "counter":
                return Flow(of, _number(leaf), steady=steady)
            case "gauge":
                return Level(of, _number(leaf))
            case "beats":
                return Beats(of, every=leaf.duration())
            case _:
                return _spread(of, leaf, steady=steady)


def _number(leaf: Entry) -> float:
    if not isinstance(leaf.tree, str):
        raise leaf.wrong(f"{leaf.name} must be a number, or say with `by` for which label it has several.")
    return leaf.number()


def _spread(of: Selector, leaf: Entry, *, steady: bool) -> Spread:
    known = ("per_second", "p50", "p95", "at_most")
    said = leaf.fields(*known)
    for name in known[:3]:
        if name not in said:
            raise leaf.wrong(f"{of.signal.name} needs {name}: it has per_second, p50 and p95 in its own unit.")
    numbers = {name: each.number() for name, each in said.items()}
    return Spread(
        of,
        numbers["per_second"],
        p50=numbers["p50"],
        p95=numbers["p95"],
        at_most=numbers.get("at_most", math.inf),
        steady=steady,
    )
