"""Reads faults: `down`, `{errors: 0.5}`, `{silence: orders_created_total}`, `{shift: {queue_depth: 900}}`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tocsin import promql
from tocsin.live.entry import Entry, suggested
from tocsin.live.written import Table, Written
from tocsin.model import (
    HTTP_REQUESTS,
    Becomes,
    Counter,
    Down,
    Errors,
    Fault,
    Flapping,
    Flow,
    ForeignService,
    Histogram,
    Level,
    Matcher,
    Scale,
    Selector,
    Shift,
    Signal,
    Silence,
    Slow,
    Vanish,
)

_ALONE: Mapping[str, Fault] = {"down": Down(), "vanish": Vanish()}


def fault(entry: Entry, service: ForeignService) -> Fault:
    """Return a fault of a service."""
    known = (*_ALONE, *_KINDS)
    if isinstance(entry.tree, Written):
        if entry.tree not in _ALONE:
            raise entry.wrong(f"{entry.text()!r} is no fault without anything else: {suggested(entry.text(), known)}.")
        return _ALONE[entry.tree]
    inner = entry.one(f"one fault: {', '.join(known)}")
    if inner.name not in _KINDS:
        raise inner.wrong(f"{inner.name!r} is no fault: {suggested(inner.name, known)}.")
    with inner.declaring():
        return _KINDS[inner.name](inner, service)


def _errors(entry: Entry, service: ForeignService) -> Fault:
    if isinstance(entry.tree, Written):
        if HTTP_REQUESTS not in service.exposed:
            raise entry.wrong(
                f"{service.name} has no `traffic` whose requests could fail: "
                "say {ratio: 0.5, bad: ..., of: ...} of its counters."
            )
        return Errors(entry.number())
    said = entry.fields("ratio", "bad", "of")
    if "ratio" not in said or "bad" not in said or "of" not in said:
        raise entry.wrong("errors needs a ratio, what is bad, and of what, like {ratio: 0.5, bad: ..., of: ...}.")
    bad, of = (_selector(said[name], said[name].text(), service.exposed, service) for name in ("bad", "of"))
    return Errors(said["ratio"].number(), bad, of)


def _slow(entry: Entry, service: ForeignService) -> Fault:
    said = entry.fields("by", "share", "of") if not isinstance(entry.tree, Written) else {"by": entry}
    if "by" not in said:
        raise entry.wrong("slow needs to know by how much, like {by: 2, of: a histogram}.")
    share = said["share"].number() if "share" in said else 1.0
    if "of" in said:
        histograms = [signal for signal in service.signals if isinstance(signal, Histogram)]
        return Slow(said["by"].number(), share, _selector(said["of"], said["of"].text(), histograms, service))
    if service.http is None:
        raise entry.wrong(f"{service.name} has no `traffic` that could be slow: say `of` which histogram.")
    return Slow(said["by"].number(), share)


def _silence(entry: Entry, service: ForeignService) -> Fault:
    return Silence(_signal(entry, entry.text(), service))


def _shift(entry: Entry, service: ForeignService) -> Fault:
    to = entry.one("a metric and where it moves to, like {queue_depth: 900}")
    return Shift(_signal(to, to.name, service), to.number())


def _scale(entry: Entry, service: ForeignService) -> Fault:
    to = entry.one("a metric and a factor, like {orders_created_total: 0.02}")
    return Scale(_signal(to, to.name, service), to.number())


def _becomes(entry: Entry, service: ForeignService) -> Fault:
    to = entry.one("series and what becomes of them, like {restarts_total: 0.1}")
    settable = [profile.signal for profile in service.behaviour if isinstance(profile, Flow | Level)]
    return Becomes(_selector(to, to.name, settable, service), to.number())


def _flapping(entry: Entry, service: ForeignService) -> Fault:
    said = entry.fields("fault", "there", "away")
    if len(said) != 3:  # noqa: PLR2004 - all of its fields
        raise entry.wrong("flapping needs a fault, and for how long it is there and away.")
    if isinstance(said["fault"].tree, Table) and "flapping" in said["fault"].tree:
        raise said["fault"].wrong("flapping needs a fault of another kind.")
    return Flapping(fault(said["fault"], service), said["there"].duration(), said["away"].duration())


_KINDS: Mapping[str, Callable[[Entry, ForeignService], Fault]] = {
    "errors": _errors,
    "slow": _slow,
    "silence": _silence,
    "shift": _shift,
    "scale": _scale,
    "becomes": _becomes,
    "flapping": _flapping,
}


def _signal(entry: Entry, name: str, service: ForeignService) -> Signal:
    known = {signal.name: signal for signal in service.signals}
    if name not in known:
        raise entry.wrong(f"{service.name} declares no metric {name!r}: {suggested(name, known)}.")
    return known[name]


def _selector(entry: Entry, said: str, signals: Iterable[Signal], service: ForeignService) -> Selector:
    """Return the series of one of *signals* that a PromQL selector takes."""
    try:
        tree = promql.parse(said)
    except promql.Unreadable as cause:
        raise entry.wrong(f"{entry.name} is no PromQL: {cause}.") from None
    if not isinstance(tree, promql.Selector) or tree.range is not None:
        raise entry.wrong(f'{entry.name} must select series, like requests_total{{code="500"}}.')
    known = {name: signal for signal in signals for name in (*signal.series_names, signal.name)}
    if tree.metric not in known:
        raise entry.wrong(
            f"{service.name} has no metric {tree.metric!r} to which this can happen: {suggested(tree.metric, known)}."
        )
    signal = known[tree.metric]
    labels = {*(label.name for label in signal.labels), *dict(service.target)}
    for each in tree.matchers:
        if each.label not in labels:
            raise entry.wrong(f"{signal.name} has no label {each.label!r}: {suggested(each.label, sorted(labels))}.")
    matchers = tuple(sorted((each.label, Matcher(each.operator, each.value)) for each in tree.matchers))
    suffix = "" if isinstance(signal, Counter) else tree.metric.removeprefix(signal.name)
    return Selector(signal, matchers, suffix)
