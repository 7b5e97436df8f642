from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest

import tocsin
from tests.sdk.conftest import BASKET, ORDERS, SEARCHES, VISITS, WAITING
from tests.sdk.reading import Line, samples
from tests.sdk.threads import THREADS, in_threads
from tocsin import Counter, DeclarationError, Histogram, Label, Observer, Service


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing: these tests make no requests."""


@pytest.fixture
def obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


def exposed(obs: Observer) -> dict[str, float]:
    return samples(obs._metrics.render().decode())  # noqa: SLF001 - the scrape itself is tested elsewhere


def dropped(obs: Observer) -> dict[str, float]:
    name = "tocsin_sdk_dropped_total"
    found = {key.removeprefix(name): value for key, value in exposed(obs).items() if key.startswith(name)}
    return {key: value for key, value in found.items() if value}


def test_series_whose_labels_are_closed_start_at_0(obs: Observer) -> None:
    found = exposed(obs)
    assert {name: value for name, value in found.items() if name.startswith(("orders", "visits", "basket"))} == {
        'orders_total{kind="web"}': 0,
        'orders_total{kind="till"}': 0,
        'orders_total{kind="other"}': 0,
        "visits_total": 0,
        'basket_euros_bucket{le="10.0"}': 0,
        'basket_euros_bucket{le="100.0"}': 0,
        'basket_euros_bucket{le="+Inf"}': 0,
        "basket_euros_sum": 0,
        "basket_euros_count": 0,
        'orders_waiting{kind="web"}': 0,
        'orders_waiting{kind="till"}': 0,
    }
    assert not any(name.startswith("searches_total") for name in found)
    assert not dropped(obs)


def test_what_is_recorded_is_exposed(obs: Observer) -> None:
    obs.count(ORDERS, kind="web")
    obs.count(ORDERS, by=2, kind="web")
    obs.count(VISITS)
    obs.record(BASKET, 50)
    obs.set(WAITING, 7, kind="till")
    found = exposed(obs)
    assert found['orders_total{kind="web"}'] == 3
    assert found["visits_total"] == 1
    assert (found['basket_euros_bucket{le="10.0"}'], found['basket_euros_bucket{le="100.0"}']) == (0, 1)
    assert (found["basket_euros_sum"], found["basket_euros_count"]) == (50, 1)
    assert found['orders_waiting{kind="till"}'] == 7


def test_a_bound_series_is_the_same_series(obs: Observer) -> None:
    obs.bind(ORDERS, kind="till").count()
    obs.bind(ORDERS, kind="till").count(2)
    obs.bind(BASKET).record(5)
    obs.bind(WAITING, kind="web").set(3)
    obs.count(ORDERS, kind="till")
    found = exposed(obs)
    assert found['orders_total{kind="till"}'] == 4
    assert found["basket_euros_sum"] == 5
    assert found['orders_waiting{kind="web"}'] == 3


def test_a_gauge_has_the_series_of_other_values_only_once_there_is_one(obs: Observer) -> None:
    assert 'orders_waiting{kind="other"}' not in exposed(obs)
    obs.set(WAITING, 3, kind="phone")
    assert exposed(obs)['orders_waiting{kind="other"}'] == 3


def test_a_value_outside_a_closed_set_counts_as_other_and_is_told_once(
    obs: Observer, said: Callable[[], list[Line]]
) -> None:
    for kind in ("phone", "phone", "fax"):
        obs.count(ORDERS, kind=kind)
    assert exposed(obs)['orders_total{kind="other"}'] == 3
    assert not any("phone" in name for name in exposed(obs))
    (line,) = said()
    assert line["severity"] == "WARNING"
    assert line["message"] == (
        "orders_total has no kind='phone' among its values and counts it as 'other': add it to the label's values."
    )


def test_an_open_label_grows_up_to_its_limit_and_is_other_past_it(
    obs: Observer, said: Callable[[], list[Line]]
) -> None:
    for number in range(10):
        for _ in range(2):
            obs.count(SEARCHES, term=f"term {number}", found="yes")
    obs.count(SEARCHES, term="term 0", found="no")
    counted = {name: value for name, value in exposed(obs).items() if name.startswith("searches")}
    assert counted == {
        'searches_total{found="yes",term="term 0"}': 2,
        'searches_total{found="yes",term="term 1"}': 2,
        'searches_total{found="yes",term="term 2"}': 2,
        'searches_total{found="yes",term="other"}': 14,
        'searches_total{found="no",term="term 0"}': 1,
    }
    (line,) = said()
    assert line["message"].startswith("searches_total has 3 values of its label 'term'")


def test_an_endless_stream_of_values_keeps_the_size(obs: Observer) -> None:
    for number in range(20_000):
        obs.count(SEARCHES, term=str(number), found=str(number))
    table = obs._metrics._counters["searches_total"]  # noqa: SLF001 - its size is what is promised
    assert len(table._cells) <= 4 * 3  # noqa: SLF001
    assert len(table._remembered) <= 4096  # noqa: SLF001


@pytest.mark.usefixtures("_impatient")
def test_threads_that_meet_new_labels_at_once_lose_no_count_and_tell_once(
    obs: Observer, said: Callable[[], list[Line]]
) -> None:
    terms = [f"{number}" for number in range(500)]

    def work() -> None:
        for term in terms:
            obs.count(SEARCHES, term=term, found="yes")
            obs.count(ORDERS, kind=term)
            obs.record(BASKET, 5)

    in_threads(*[work] * THREADS)
    counted = exposed(obs)
    each = THREADS * len(terms)
    assert sum(value for name, value in counted.items() if name.startswith("searches")) == each
    assert counted['orders_total{kind="other"}'] == counted["basket_euros_count"] == each
    assert sorted(line["message"].split()[0] for line in said()) == ["orders_total", "searches_total"]


def test_the_order_of_labels_does_not_matter(obs: Observer) -> None:
    obs.count(SEARCHES, term="ring", found="yes")
    obs.count(SEARCHES, found="yes", term="ring")
    assert exposed(obs)['searches_total{found="yes",term="ring"}'] == 2


class Kind(enum.StrEnum):
    WEB = "web"


class OldKind(str, enum.Enum):  # noqa: UP042 - what is older than StrEnum is the point
    WEB = "web"


def test_enumerations_are_their_values(obs: Observer) -> None:
    obs.count(ORDERS, kind=Kind.WEB)
    obs.count(ORDERS, kind=OldKind.WEB)
    assert exposed(obs)['orders_total{kind="web"}'] == 2


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")


UNKNOWN = Counter("unknown_total", "Declared by nobody.")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (lambda obs: obs.count(UNKNOWN), "signal"),
        (lambda obs: obs.count(BASKET), "signal"),
        (lambda obs: obs.record(ORDERS, 1, kind="web"), "signal"),
        (lambda obs: obs.set(VISITS, 1), "signal"),
        (lambda obs: obs.count("visits_total"), "signal"),
        (lambda obs: obs.count(None), "signal"),
        (lambda obs: obs.count(ORDERS), "label"),
        (lambda obs: obs.count(ORDERS, kid="web"), "label"),
        (lambda obs: obs.count(ORDERS, kind="web", colour="red"), "label"),
        (lambda obs: obs.count(VISITS, kind="web"), "label"),
        (lambda obs: obs.count(SEARCHES, term=Hostile(), found="yes"), "label"),
        (lambda obs: obs.count(VISITS, by=-1), "value"),
        (lambda obs: obs.count(VISITS, by="many"), "value"),
        (lambda obs: obs.record(BASKET, None), "value"),
        (lambda obs: obs.set(WAITING, "three", kind="web"), "value"),
    ],
)
def test_what_cannot_be_recorded_is_counted_told_once_and_never_raised(
    obs: Observer, record: Callable[[Any], None], reason: str, said: Callable[[], list[Line]]
) -> None:
    record(obs)
    record(obs)
    assert dropped(obs) == {f'{{reason="{reason}"}}': 2}
    (line,) = said()
    assert line["severity"] == "WARNING"
    assert line["message"].startswith("A recording was dropped: ")


@pytest.mark.usefixtures("_impatient")
def test_what_many_threads_drop_at_once_is_counted_each_time_and_told_once(
    obs: Observer, said: Callable[[], list[Line]]
) -> None:
    unknown = [Counter(f"unknown_{number}_total", "Declared by nobody.") for number in range(200)]

    def work() -> None:
        for counter in unknown:
            obs.count(counter)

    in_threads(*[work] * THREADS)
    assert dropped(obs) == {'{reason="signal"}': THREADS * len(unknown)}
    assert len(said()) == len(unknown)


@pytest.mark.parametrize(
    ("bind", "sentence"),
    [
        (lambda obs: obs.bind(UNKNOWN), "shop does not declare unknown_total"),
        (lambda obs: obs.bind(Counter("visits_total", "Another.")), "shop does not declare visits_total"),
        (lambda obs: obs.bind(ORDERS), "orders_total was given the labels none: it has kind"),
        (lambda obs: obs.bind(ORDERS, colour="red"), "orders_total was given the labels colour: it has kind"),
        (lambda obs: obs.bind(ORDERS, kind="phone"), "orders_total never has kind='phone'"),
    ],
)
def test_binding_what_was_never_declared_is_refused(
    obs: Observer, bind: Callable[[Observer], object], sentence: str
) -> None:
    with pytest.raises(DeclarationError, match=f"^{sentence}"):
        bind(obs)


def test_labels_may_have_the_names_of_parameters() -> None:
    named = tuple(Label(name) for name in ("self", "counter", "labels"))
    counter = Counter("odd_total", "Odd.", named)
    histogram = Histogram("odd_seconds", "Odd.", (Label("value"),), buckets=(1,))
    service = Service(name="odd", team="shop", port=1, because="Odd.", signals=(counter, histogram))
    obs = tocsin.observe(nowhere, service)
    obs.count(counter, self="a", counter="b", labels="c")
    obs.record(histogram, 1, value="x")
    assert exposed(obs)['odd_total{counter="b",labels="c",self="a"}'] == 1
    assert exposed(obs)['odd_seconds_count{value="x"}'] == 1
