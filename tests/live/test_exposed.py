"""An exposition is read line by line as its clients meant it, whatever its labels hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from tocsin.live.exposed import read_families

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\\\n{},= #'), max_size=20)


def registry(value: str) -> CollectorRegistry:
    metrics = CollectorRegistry()
    Counter("c", f"A counter. {value}", ["a"], registry=metrics).labels(value).inc()
    Counter("unborn", "One without series.", ["a"], registry=metrics)
    Gauge("g", "A gauge.", registry=metrics).set(float("nan"))
    Histogram("h", "A histogram.", ["a"], buckets=(1, 2.5), registry=metrics).labels(value).observe(
        1, {"trace_id": "x"}
    )
    Summary("s", "A summary.", registry=metrics).observe(1)
    return metrics


@given(TEXTS)
def test_what_clients_write_is_read_in_either_format(value: str) -> None:
    written: bytes = openmetrics.generate_latest(registry(value))  # type: ignore[no-untyped-call]  # it has none
    for text in (generate_latest(registry(value)).decode(), written.decode()):
        families, refused = read_families(text, "f")
        assert refused == ()
        kinds = {family.name: family.kind for family in families.values() if not family.name.endswith("_created")}
        assert kinds == {
            "c_total": "counter",
            "unborn_total": "counter",
            "g": "gauge",
            "h": "histogram",
            "s": "summary",
        }
        assert families["c_total"].help.strip() == f"A counter. {value}".strip()
        assert [sample.labels for sample in families["c_total"].samples] == [{"a": value}]
        assert families["unborn_total"].samples == ()
        bounds = [sample.labels["le"] for sample in families["h"].samples if sample.name == "h_bucket"]
        assert bounds == ["1.0", "2.5", "+Inf"]
        assert {sample.labels["a"] for sample in families["h"].samples} == {value}


@given(st.text(max_size=200))
def test_no_text_breaks_it_and_each_line_is_read_or_refused(text: str) -> None:
    families, refused = read_families(text, "f")
    lines = [line.strip() for line in text.split("\n")]
    samples = sum(len(family.samples) for family in families.values())
    assert samples + len(refused) == sum(bool(line) and not line.startswith("#") for line in lines)


def test_a_place_is_that_of_the_name() -> None:
    families, refused = read_families('  # HELP a A.\n# TYPE a counter\n  a{b="c"} 1\n a{ 2\n', "f")
    family = families["a"]
    assert (family.place.line, family.place.column) == (1, 10)
    assert [(sample.place.line, sample.place.column) for sample in family.samples] == [(3, 3)]
    assert [(each.place.line, each.place.column) for each in refused] == [(4, 2)]
