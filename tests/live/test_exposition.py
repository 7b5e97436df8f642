from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from tocsin.live.exposition import merged, read_exposition

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\\\n{},= #'), max_size=20)


def registry(value: str = "v") -> CollectorRegistry:
    metrics = CollectorRegistry()
    Counter("c", "A counter.", ["a"], registry=metrics).labels(value).inc()
    Counter("unborn", "One without series.", ["a"], registry=metrics)
    Gauge("g", f"A gauge. {value}", registry=metrics).set(float("nan"))
    histogram = Histogram("h", "A histogram.", ["a"], buckets=(1, 2.5), registry=metrics)
    histogram.labels(value).observe(1, {"trace_id": "x"})
    Summary("s", "A summary.", registry=metrics).observe(1)
    Info("i", "An info.", registry=metrics).info({"version": "1"})
    return metrics


@given(TEXTS)
def test_what_clients_write_is_read_in_either_format(value: str) -> None:
    as_openmetrics: bytes = openmetrics.generate_latest(registry(value))  # type: ignore[no-untyped-call]  # it has none
    for text in (generate_latest(registry(value)).decode(), as_openmetrics.decode()):
        metrics, skipped = read_exposition(text, "f")
        assert skipped == ()
        assert {name: metrics[name].kind for name in ("c_total", "g", "h", "s", "i_info", "unborn_total")} == {
            "c_total": "counter",
            "g": "gauge",
            "h": "histogram",
            "s": "summary",
            "i_info": "gauge",
            "unborn_total": "counter",
        }
        assert metrics["h"].bounds == (1, 2.5)
        assert metrics["h"].labels == {"a": frozenset((value,))}
        assert metrics["c_total"].labels == {"a": frozenset((value,))}
        assert (metrics["c_total"].help, metrics["c_total"].series, metrics["unborn_total"].series) == (
            "A counter.",
            1,
            0,
        )


def test_a_broken_line_is_named_and_skipped() -> None:
    metrics, skipped = read_exposition('a 1\nb{c="d} 2\nc one\n\n<html>\nd{e="f",} 3 17\n', "f")
    assert set(metrics) == {"a", "d"}
    assert [each.place.line for each in skipped] == [2, 3, 5]


def test_many_broken_lines_are_counted() -> None:
    _, skipped = read_exposition("a 1\n" + "?\n" * 50, "f")
    assert skipped[-1].why == "30 more lines are no samples"
    assert len(skipped) == 21


def test_names_in_quotes_and_native_histograms_are_read() -> None:
    text = '# TYPE "my.metric" counter\n{"my.metric","a.b"="c"} 1\n# TYPE n histogram\nn {count:1,sum:2,schema:0} 1\n'
    metrics, skipped = read_exposition(text, "f")
    assert skipped == ()
    assert (metrics["my.metric"].kind, metrics["my.metric"].labels) == ("counter", {"a.b": frozenset("c")})
    assert (metrics["n"].kind, metrics["n"].native) == ("histogram", True)


def test_what_has_no_type_is_unknown_and_keeps_its_labels() -> None:
    metrics, _ = read_exposition('a_bucket{le="1"} 1\n', "f")
    assert metrics["a_bucket"].kind == "unknown"
    assert metrics["a_bucket"].labels == {"le": frozenset("1")}


def test_several_expositions_are_as_one() -> None:
    one, _ = read_exposition('# TYPE a histogram\na_bucket{le="1",x="1"} 1\n# TYPE b gauge\nb 1', "f")
    other, _ = read_exposition('# TYPE a histogram\na_bucket{le="2",y="1"} 1\n# TYPE b counter\nb 1', "f")
    both = merged([one, other])
    assert both["a"].bounds == (1, 2)
    assert both["a"].labels == {"x": frozenset(("", "1")), "y": frozenset(("", "1"))}
    assert (both["b"].kind, both["b"].series) == ("unknown", 2)


def test_a_label_that_some_series_lack_can_be_empty() -> None:
    metrics, _ = read_exposition('a{b="c",d="e"} 1\na{d="f"} 1\n', "f")
    assert metrics["a"].labels == {"b": frozenset(("", "c")), "d": frozenset("ef")}
