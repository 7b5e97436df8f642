"""Files of scenarios as they are read, and what is said of wrong ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.live.scenarios import read_scenarios, scenarios
from tocsin.live.written import Source
from tocsin.model import (
    HTTP_REQUESTS,
    Beats,
    Down,
    Errors,
    Flapping,
    Flow,
    Level,
    Matcher,
    Scale,
    Scenarios,
    Selector,
    Shift,
    Silence,
    Slow,
    Spread,
    TocsinError,
    Vanish,
)

WHOLE = """\
scrape_interval: 30s
services:
  shop:
    labels: {job: , app: shop}
    instance: [instance, pod]
    traffic: {rps: 3, errors: 0.001, p50: 0.4, p95: 1.8, routes: [/a, /b], buckets: [0.5, 1, 2.50]}
    metrics:
      orders: {counter: {card: {"200": 1, "500": 0.01}}, by: [means, code], steady: true}
      depth: {gauge: 12}
      last: {beats: 1m}
      took_ms: {histogram: {per_second: 5, p50: 40, p95: 180, at_most: 900}, buckets: [10, 50.0, 1e3, +Inf]}
    never: [scaled to zero]
alerts:
  A:
    rings_on:
    - down
    - vanish
    - errors: 0.5
    - errors: {ratio: 0.5, bad: 'orders{code=~"5.."}', of: orders}
    - slow: 2
    - slow: {by: 200, share: 0.5, of: took_ms}
    - silence: last
    - shift: {depth: 900}
    - scale: {orders: 0.1}
    - flapping: {fault: down, there: 1m, away: 2m}
    within: 10m
"""


def read(text: str) -> Scenarios:
    return scenarios(Source("scenarios.yaml", text))


def refusal(text: str) -> str | None:
    try:
        read(text)
    except TocsinError as problem:
        return str(problem)
    return None


def test_metrics_keep_their_names_labels_and_buckets_as_they_are_written() -> None:
    (shop,) = read(WHOLE).services
    orders, depth, last, took = shop.signals
    assert [signal.name for signal in shop.signals] == ["orders", "depth", "last", "took_ms"]
    assert (shop.target, shop.telling_apart) == ((("app", "shop"),), ("instance", "pod"))
    assert took.bounds == ((10.0, "10"), (50.0, "50.0"), (1000.0, "1e3"))  # type: ignore[attr-defined]  # a histogram
    assert shop.http_duration.bounds == ((0.5, "0.5"), (1.0, "1"), (2.5, "2.50"))
    card = (("code", Matcher("=", "200")), ("means", Matcher("=", "card")))
    assert shop.behaviour[0] == Flow(Selector(orders, card), 1, steady=True)
    assert shop.behaviour[2:] == (
        Level(Selector(depth), 12),
        Beats(Selector(last), every="1m"),
        Spread(Selector(took), 5, p50=40, p95=180, at_most=900),
    )
    assert shop.never == {"scaled to zero"}


def test_every_kind_of_fault_can_be_said() -> None:
    said = read(WHOLE)
    orders, depth, last, took = said.services[0].signals
    bad = Selector(orders, (("code", Matcher("=~", "5..")),))
    assert said.promised[0].rings_on == (
        Down(),
        Vanish(),
        Errors(0.5),
        Errors(0.5, bad, Selector(orders)),
        Slow(2),
        Slow(200, 0.5, Selector(took)),
        Silence(last),
        Shift(depth, 900),
        Scale(orders, 0.1),
        Flapping(Down(), "1m", "2m"),
    )
    assert said.scrape == 30


def test_a_service_exposes_requests_only_if_it_says_so() -> None:
    assert HTTP_REQUESTS in read(WHOLE).services[0].exposed
    assert HTTP_REQUESTS not in read("services: {shop: {}}").services[0].exposed


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ("servces:", "services:", "2:1: a file of scenarios has no field 'servces': write 'services', if "),
        ("quit_on: down", "within: 10m", "26:5: A has no field 'quit_on': write 'quiet_on', if that is meant."),
        ("trafic:", "traffic:", "6:5: shop has no field 'trafic': write 'traffic', if that is meant."),
        ("{gage: 12}", "{gauge: 12}", "9:15: depth has no field 'gage': write 'gauge', if that is meant."),
        ("{gauge: 12, counter: 1}", "{gauge: 12}", "9:14: depth must be one of counter, histogram, gauge, beats, "),
        ("{gauge: many}", "{gauge: 12}", "9:22: gauge: 'many' is no number."),
        ("{gauge: {a: 1}}", "{gauge: 12}", "9:22: gauge must be a number, or say with `by` for which label"),
        ("{gauge: 12, by: job}", "{gauge: 12}", "9:22: gauge must be a table with what it is for each job."),
        ("{beats: 1}", "{beats: 1m}", "10:21: '1' is no duration"),
        ("p50: 400,", "p50: 40,", r"11:28: Spread\(took_ms\): it needs 0 < p50 <= p95 <= at_most."),
        ("50.0, 5,", "50.0, 1e3,", "11:16: took_ms: its buckets must increase, but 5 comes after 50."),
        ("- dwn", "- down", "16:7: 'dwn' is no fault without anything else: write 'down', if that is meant."),
        ("- slw: 2", "- slow: 2", "20:12: 'slw' is no fault: write 'slow', if that is meant."),
        ("errors: 1.5", "errors: 0.5", r"18:15: Errors\(1.5\): the ratio must lie above 0 and not above 1."),
        ("of: order}", "of: orders}", "19:60: shop has no metric 'order' to which this can happen: write 'orders'"),
        ("orders{cod=~", "orders{code=~", "19:34: orders has no label 'cod': write 'code', if that is meant."),
        ('orders{code=~"5.."}[5m]', 'orders{code=~"5.."}', "19:34: bad must select series, like "),
        ("orders{", 'orders{code=~"5.."}', "19:34: bad is no PromQL: "),
        ("{by: 200, of: depth}", "{by: 200, share: 0.5, of: took_ms}", "21:27: shop has no metric 'depth' to which"),
        ("{depht: 900}", "{depth: 900}", "23:22: shop declares no metric 'depht': write 'depth', if that is meant."),
        ("fault: {flapping: 1}", "fault: down", "25:25: flapping needs a fault of another kind."),
        ("within: 10", "within: 10m", "26:13: '10' is no duration: write whole numbers with units"),
        ("also: B", "within: 10m", "15:5: A: say within which time it must ring, like `within: 10m`."),
        ("never: [sunday]", "never: [scaled to zero]", "12:13: 'sunday' is no day: choose from a healthy day, "),
        ("within: 10m\n    within: 9m", "within: 10m", "27:5: A has 'within' twice: remove one."),
        ("service: till\n    within: 10m", "within: 10m", "26:14: no service is called 'till': choose from shop."),
        ("rps: 0,", "rps: 3,", "6:14: Traffic needs rps above 0"),
        ("[means", "[means, code]", r"\d+:\d+: it is no YAML: "),
        ("steady: often", "steady: true", "8:85: steady must be true or false."),
        ("- becomes: {last: 1}", "- silence: last", "22:23: shop has no metric 'last' to which this"),
        ("- becomes: {orders: -1}", "- silence: last", r"22:16: Becomes\(orders, -1\): a counter cannot"),
        ("by: [means, job, app]", "by: [means, code]", "8:40: 200 must be a table with what it is for each app."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence_with_its_place(wrong: str, right: str, sentence: str) -> None:
    assert WHOLE.count(right) >= 1
    with pytest.raises(TocsinError) as problem:
        read(WHOLE.replace(right, wrong, 1))
    said = str(problem.value)
    assert re.match(f"scenarios.yaml:{sentence}", said), said
    assert said.endswith(".")
    assert "\n" not in said


@given(st.data())
def test_whatever_a_file_holds_it_is_read_or_refused(data: st.DataObject) -> None:
    lines = WHOLE.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    at = data.draw(st.integers(0, len(line)))
    until = data.draw(st.integers(at, len(line)))
    lines[number] = line[:at] + data.draw(st.text("{}[]:,&*a '\"0-.~", max_size=4)) + line[until:]
    said = refusal("\n".join(lines))
    assert said is None or said.startswith("scenarios.yaml:")


@pytest.mark.parametrize(
    "text", ["", "services:", "services: {}", "alerts: {}", "- a", "a: 1\n---\nb: 2", "services: a"]
)
def test_a_file_without_services_is_refused(text: str) -> None:
    assert re.match(r"scenarios.yaml:\d+:\d+: .*\.$", refusal(text) or "")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match=r"nothing.yaml does not exist: give the file that says how"):
        read_scenarios(tmp_path / "nothing.yaml")
