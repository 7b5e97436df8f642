"""A scrape of /metrics, from a thousand to a million series; a hundredth of them moved since the last one."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from asgi import receive, scope
from options import options
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from results import Goal, Table, report
from timing import settle

import tocsin

SIZES = (1_000, 10_000, 100_000, 1_000_000)
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
STATUSES = ("200", "201", "400", "404", "500")
NAMES = ("method", "path", "status")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Labels = dict[str, str]
Touch = Callable[[], None]
Scrape = Callable[[], bytes]


def labels(series: int) -> Iterator[Labels]:
    for number in range(series):
        path = f"/api/v1/items/{{id}}/part{number // 25}"
        yield dict(zip(NAMES, (METHODS[number % 5], path, STATUSES[number // 5 % 5]), strict=True))


def ours(signal: tocsin.Counter | tocsin.Histogram, series: int) -> tuple[Touch, Scrape]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing: only /metrics is asked for."""

    os.environ["LOG_LEVEL"] = "CRITICAL"
    service = tocsin.Service(name="shop", team="shop", port=8000, because="Nobody can buy.", signals=(signal,))
    obs = tocsin.observe(app, service)
    every = list(labels(series))
    record = obs.count if isinstance(signal, tocsin.Counter) else obs.record
    value = () if isinstance(signal, tocsin.Counter) else (0.03,)
    for each in every:
        record(signal, *value, **each)
    some = every[::100]

    def touch() -> None:
        for each in some:
            record(signal, *value, **each)

    asked = {**scope(1), "path": "/metrics", "headers": []}
    body = b""

    async def send(message: Any) -> None:
        nonlocal body
        body = message.get("body", b"")

    def scrape() -> bytes:
        asking = obs.app(asked, receive, send).__await__()
        for _ in asking:
            raise RuntimeError("A scrape waited for something.")
        return body

    return touch, scrape


def theirs(kind: type[Counter | Histogram], series: int) -> tuple[Touch, Scrape]:
    registry = CollectorRegistry()
    metric: Counter | Histogram = (
        Counter("work_total", "Work.", NAMES, registry=registry)
        if kind is Counter
        else Histogram("work_seconds", "Work.", NAMES, registry=registry, buckets=BOUNDS)
    )

    def record(each: Labels) -> None:
        child: Any = metric.labels(**each)
        child.inc() if kind is Counter else child.observe(0.03)

    every = list(labels(series))
    for each in every:
        record(each)
    some = every[::100]

    def touch() -> None:
        for each in some:
            record(each)

    return touch, lambda: generate_latest(registry)


def open_label(name: str) -> tocsin.Label:
    return tocsin.Label(name, limit=1_000_000)


def alternate(one: tuple[Touch, Scrape], other: tuple[Touch, Scrape], seconds: float) -> tuple[float, float]:
    """Return the milliseconds of both, each the median of scrapes that take turns."""
    times: tuple[list[float], list[float]] = ([], [])
    until = perf_counter() + seconds
    while perf_counter() < until or not times[0]:
        for (touch, scrape), taken in zip((one, other), times, strict=True):
            touch()
            began = perf_counter()
            scrape()
            taken.append((perf_counter() - began) * 1e3)
    return statistics.median(times[0]), statistics.median(times[1])


def same(ours: bytes, theirs: bytes, series: int, name: str) -> None:
    """Make sure that both say as many series."""
    said = [sum(line.startswith(name.encode()) for line in body.splitlines()) for body in (ours, theirs)]
    if said != [series, series]:
        raise RuntimeError(f"{series} lines of {name} were expected, {said} came.")


def measure(seconds: float) -> Table:
    names = tuple(open_label(name) for name in NAMES)
    counter = tocsin.Counter("work_total", "Work.", labels=names)
    rows, each, faster = [], {}, {}
    for series in SIZES:
        one, other = ours(counter, series), theirs(Counter, series)
        same(one[1](), other[1](), series, "work_total{")
        settle()
        took, peer = alternate(one, other, seconds / len(SIZES))
        each[series], faster[series] = took * 1e6 / series, peer / took
        rows.append([f"{series:,} counters", f"{took:.2f}", f"{peer:.2f}", f"{peer / took:.1f}", f"{each[series]:.0f}"])
        del one, other
    rows.append(histograms(seconds / len(SIZES)))
    goals = [
        Goal("10,000 series, faster than prometheus_client", faster[10_000], 20, at_least=True),
        Goal("linear: a series among 1,000,000, of one among 10,000", each[1_000_000] / each[10_000], 2),
    ]
    head = ["series", "tocsin, ms", "prometheus_client, ms", "x faster", "tocsin, ns a line"]
    return Table("A scrape of /metrics", head, rows, goals)


def histograms(seconds: float) -> list[str]:
    children, names = 1_000, tuple(open_label(name) for name in NAMES)
    histogram = tocsin.Histogram("work_seconds", "Work.", labels=names, buckets=BOUNDS)
    one, other = ours(histogram, children), theirs(Histogram, children)
    same(one[1](), other[1](), children * (len(BOUNDS) + 1), "work_seconds_bucket{")
    took, peer = alternate(one, other, seconds)
    each = took * 1e6 / (children * (len(BOUNDS) + 3))
    return [
        f"{children:,} histograms of {len(BOUNDS)} bounds",
        f"{took:.2f}",
        f"{peer:.2f}",
        f"{peer / took:.1f}",
        f"{each:.0f}",
    ]


def main() -> None:
    """Measure scrapes, of prometheus_client without the `_created` series that it would add."""
    disable_created_metrics()
    given = options(default=24.0)
    report([measure(given.seconds)], given.into)


if __name__ == "__main__":
    main()
