from __future__ import annotations

import math
from typing import Any

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from prometheus_client import CollectorRegistry, generate_latest

from tests.sdk.reading import samples
from tocsin import Counter, Gauge, Histogram, Label, Service
from tocsin.sdk.alone import Alone
from tocsin.sdk.exposition import spell
from tocsin.sdk.metrics import Metrics

VALUES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
NUMBERS = st.floats(min_value=0, max_value=1e12) | st.integers(0, 10**9)

COUNT = Counter(
    "made_total", 'Things made, "all" \\ of\nthem.', (Label("what"), Label("how", ("by hand", 'a"b\\c\nd')))
)
LEVEL = Gauge("level_celsius", "How warm.", (Label("where"),))
SIZE = Histogram("size_bytes", "How large.", (Label("what"),), buckets=(1, 2.5, 1e6))
PLAIN = Counter("plain_total", "No labels.")


def ignore(*_: object) -> None:
    """Hear a notice."""


def metrics() -> Metrics:
    signals = (COUNT, LEVEL, SIZE, PLAIN)
    return Metrics(Service(name="shop", team="shop", port=1, because="It matters.", signals=signals), ignore, Alone())


def ours(text: bytes) -> dict[str, float]:
    names = ("made", "level", "size", "plain")
    return {name: value for name, value in samples(text.decode()).items() if name.startswith(names)}


RECORDINGS = st.lists(
    st.one_of(
        st.tuples(st.just("count"), VALUES, st.sampled_from(["by hand", 'a"b\\c\nd']), NUMBERS),
        st.tuples(st.just("set"), VALUES, st.floats()),
        st.tuples(st.just("record"), VALUES, st.floats(min_value=-1e9, max_value=1e9)),
    ),
    max_size=30,
)


@given(RECORDINGS)
def test_the_exposition_says_what_prometheus_client_says(recordings: list[tuple[Any, ...]]) -> None:
    registry = CollectorRegistry()
    made = prometheus_client.Counter("made_total", COUNT.help, ["what", "how"], registry=registry)
    level = prometheus_client.Gauge("level_celsius", LEVEL.help, ["where"], registry=registry)
    size = prometheus_client.Histogram("size_bytes", SIZE.help, ["what"], registry=registry, buckets=SIZE.buckets)
    prometheus_client.Counter("plain_total", PLAIN.help, registry=registry)
    made.labels("other", "by hand").inc(0)
    recorded = metrics()
    recorded.count(COUNT, 0, {"what": "other", "how": "by hand"})
    for kind, *rest in recordings:
        if kind == "count":
            what, how, number = rest
            made.labels(what, how).inc(number)
            recorded.count(COUNT, number, {"how": how, "what": what})
        elif kind == "set":
            level.labels(rest[0]).set(rest[1])
            recorded.set(LEVEL, rest[1], {"where": rest[0]})
        else:
            size.labels(rest[0]).observe(rest[1])
            recorded.record(SIZE, rest[1], {"what": rest[0]})
    theirs = {name: v for name, v in ours(generate_latest(registry)).items() if "_created" not in name}
    assert ours(recorded.render()) == pytest.approx(theirs, nan_ok=True)


def test_the_text_is_that_of_the_format() -> None:
    recorded = metrics()
    recorded.count(COUNT, 2, {"what": "a ring", "how": 'a"b\\c\nd'})
    recorded.set(LEVEL, -1.5, {"where": "Köln"})
    recorded.record(SIZE, 2, {"what": "x"})
    text = recorded.render().decode()
    assert text[: text.index("# HELP log_records_total")] == snapshot("""\
# HELP made_total Things made, "all" \\\\ of\\nthem.
# TYPE made_total counter
made_total{what="a ring",how="a\\"b\\\\c\\nd"} 2
# HELP level_celsius How warm.
# TYPE level_celsius gauge
level_celsius{where="Köln"} -1.5
# HELP size_bytes How large.
# TYPE size_bytes histogram
size_bytes_bucket{what="x",le="1.0"} 0
size_bytes_bucket{what="x",le="2.5"} 1
size_bytes_bucket{what="x",le="1e+06"} 1
size_bytes_bucket{what="x",le="+Inf"} 1
size_bytes_sum{what="x"} 2.0
size_bytes_count{what="x"} 1
# HELP plain_total No labels.
# TYPE plain_total counter
plain_total 0
""")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12, "12"), (0.1, "0.1"), (1e300, "1e+300"), (math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN")],
)
def test_numbers_are_spelled_so_that_prometheus_reads_them(value: float, text: str) -> None:
    assert spell(value) == text


def test_broken_text_in_a_label_does_not_break_the_scrape() -> None:
    recorded = metrics()
    recorded.set(LEVEL, 1, {"where": "lone \ud800 surrogate"})
    assert samples(recorded.render().decode())['level_celsius{where="lone ? surrogate"}'] == 1
