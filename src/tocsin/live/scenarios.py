"""Reads scenarios: how services behave that Tocsin does not instrument, and what is promised of their alerts.

What is wrong with a file is one sentence that begins with its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from tocsin.live import behaviours, faults
from tocsin.live.entry import Entry, suggested
from tocsin.live.files import text
from tocsin.live.written import Source
from tocsin.live.yamls import Unreadable, documents
from tocsin.model import (
    FALSE_ALARMS,
    HTTP_DURATION,
    Fault,
    ForeignHistogram,
    ForeignService,
    Histogram,
    Profile,
    Scenario,
    Scenarios,
    Signal,
    TocsinError,
    Traffic,
    seconds,
)


def read_scenarios(path: Path) -> Scenarios:
    """Return what the file at *path* says.

    Raises:
        TocsinError: it cannot be read, or something in it is wrong.

    """
    if not path.is_file():
        raise TocsinError(f"{path} does not exist: give the file that says how the services behave.")
    return scenarios(Source(path.as_posix(), text(path)))


def scenarios(source: Source) -> Scenarios:
    """Return what a source says; see read_scenarios."""
    whole = Entry(source.file, None, source.place(0))
    try:
        trees = list(documents(source))
    except Unreadable as cause:
        raise Entry(source.file, None, source.place(cause.index)).wrong(f"it is no YAML: {cause.why}.") from None
    if len(trees) != 1:
        raise whole.wrong("it must hold one document, with `services` and `alerts`.")
    fields = Entry("a file of scenarios", trees[0], whole.place).fields("services", "alerts", "scrape_interval")
    if "services" not in fields or not fields["services"].tree:
        raise whole.wrong("it names no `services`: say what each exposes.")
    scrape = seconds(fields["scrape_interval"].duration()) if "scrape_interval" in fields else 15
    services = {name: _service(entry) for name, entry in fields["services"].each("a table for each service").items()}
    promised = fields["alerts"].each("a table for each alert") if "alerts" in fields else {}
    return Scenarios(
        file=source.file,
        services=tuple(services.values()),
        promised=tuple(_promise(each, services) for alert in promised.values() for each in alert.items()),
        scrape=max(1, round(scrape)),
    )


def _service(entry: Entry) -> ForeignService:
    fields = entry.fields("labels", "instance", "traffic", "metrics", "never")
    labels = {"job": entry.name} | (_labels(fields["labels"]) if "labels" in fields else {})
    apart = tuple(each.text() for each in fields["instance"].items()) if "instance" in fields else ("instance",)
    signals, behaviour = _metrics(fields["metrics"], (*labels, *apart)) if "metrics" in fields else ((), ())
    traffic, http = _traffic(fields["traffic"]) if "traffic" in fields else (Traffic(), None)
    with entry.declaring():
        return ForeignService(
            name=entry.name,
            signals=signals,
            behaviour=behaviour,
            traffic=traffic,
            http=http,
            labels=tuple((name, value) for name, value in labels.items() if value),
            apart=apart,
            never=frozenset(_day(each) for each in fields["never"].items()) if "never" in fields else frozenset(),
        )


def _labels(entry: Entry) -> dict[str, str]:
    """Return the labels of a target; one without a value is not there, which `job` else is."""
    found = entry.each("the labels of its target")
    return {name: each.text() if each.tree is not None else "" for name, each in found.items()}


def _metrics(entry: Entry, target: Collection[str]) -> tuple[tuple[Signal, ...], tuple[Profile, ...]]:
    signals: list[Signal] = []
    behaviour: list[Profile] = []
    for each in entry.each("a table for each metric").values():
        signal, profiles = behaviours.metric(each)
        for label in signal.labels:
            if label.name in target:
                raise each.wrong(f"{signal.name} cannot have the label {label.name!r}: the target has it.")
        signals.append(signal)
        behaviour += profiles
    return tuple(signals), tuple(behaviour)


def _traffic(entry: Entry) -> tuple[Traffic, Histogram]:
    fields = entry.fields("rps", "errors", "p50", "p95", "routes", "buckets")
    usual = Traffic()
    rps, errors, p50, p95 = (
        fields[name].number() if name in fields else otherwise
        for name, otherwise in (("rps", usual.rps), ("errors", usual.errors), ("p50", usual.p50), ("p95", usual.p95))
    )
    routes = tuple(each.text() for each in fields["routes"].items()) if "routes" in fields else usual.routes
    with entry.declaring():
        http = _http(fields["buckets"]) if "buckets" in fields else HTTP_DURATION
        return Traffic(rps=rps, errors=errors, p50=p50, p95=p95, routes=routes), http


def _http(entry: Entry) -> Histogram:
    found = behaviours.bounds(entry)
    return ForeignHistogram(
        HTTP_DURATION.name,
        HTTP_DURATION.help,
        HTTP_DURATION.labels,
        buckets=tuple(bound for bound, _ in found),
        spelled=tuple(said for _, said in found),
    )


def _day(entry: Entry) -> str:
    if entry.text() not in FALSE_ALARMS:
        raise entry.wrong(f"{entry.text()!r} is no day: {suggested(entry.text(), FALSE_ALARMS)}.")
    return entry.text()


def _promise(entry: Entry, services: Mapping[str, ForeignService]) -> Scenario:
    fields = entry.fields("service", "rings_on", "quiet_on", "within", "not_before", "silent_within", "also")
    service = _of(entry, fields, services)
    times = {name: fields[name].duration() for name in ("within", "not_before", "silent_within") if name in fields}
    with entry.declaring():
        return Scenario(
            alert=entry.name,
            service=service.name,
            place=entry.named or entry.place,
            rings_on=_faults(fields, "rings_on", service),
            quiet_on=_faults(fields, "quiet_on", service),
            also=tuple(each.text() for each in fields["also"].items()) if "also" in fields else (),
            **times,
        )


def _of(entry: Entry, fields: Mapping[str, Entry], services: Mapping[str, ForeignService]) -> ForeignService:
    if "service" not in fields:
        if len(services) != 1:
            raise entry.wrong(f"{entry.name} needs its `service`: {suggested('', services)}.")
        return next(iter(services.values()))
    name = fields["service"].text()
    if name not in services:
        raise fields["service"].wrong(f"no service is called {name!r}: {suggested(name, services)}.")
    return services[name]


def _faults(fields: Mapping[str, Entry], name: str, service: ForeignService) -> tuple[Fault, ...]:
    return tuple(faults.fault(each, service) for each in fields[name].items()) if name in fields else ()
