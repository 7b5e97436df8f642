"""What expressions read once their recordings are followed, and what a drill makes of a plan."""

from __future__ import annotations

import re

import pytest

from tocsin import source
from tocsin.derive import Plan, Reading, Recording, RuleGroup, always_open, derive, quicken
from tocsin.model import Catalog, TocsinError


def planned(catalog: Catalog, *recordings: Recording) -> Plan:
    plan = derive(catalog)
    return Plan(
        catalog=catalog,
        scrape_interval="15s",
        evaluation_interval="15s",
        groups=(RuleGroup("shop", "shop/recordings", recordings),),
        routes=plan.routes,
        boards=(),
    )


@pytest.fixture
def reading(catalog: Catalog) -> Reading:
    return Reading(
        planned(
            catalog,
            Recording("fast:ratio", "sum(rate(bad_total[1h])) / sum(rate(all_total[1h]))", {"slo": "fast"}),
            Recording("fast:ratio", "sum(rate(other_total[3d]))", {"slo": "slow"}),
            Recording("twice:ratio", 'fast:ratio{slo="fast"} * 2'),
        )
    )


@pytest.mark.parametrize(
    ("expr", "minutes"),
    [
        ("up == 0", 0),
        ("vector(1)", 0),
        ("rate(a_total[5m]) > 0", 5),
        ("rate(a_total[5m]) > 0 and rate(a_total[1h]) > 0", 60),
        ("max((rate(a_total[1h]) > 1 and rate(a_total[5m]) > 1) or (rate(a_total[6h]) > 1))", 60),
        ("(rate(a_total[1h]) or vector(0)) >= 5", 60),
        ("rate(a_total[5m] offset 1h) > 0", 65),
        ("max_over_time(rate(a_total[5m])[30m:1m]) > 0", 30),
        ("time() - max(last_seconds) > 900 or absent(last_seconds)", 0),
        ('twice:ratio{service="x"} > 1', 60),
        ('fast:ratio{slo="slow"} > 1', 3 * 24 * 60),
        ("fast:ratio > 1", 3 * 24 * 60),
    ],
)
def test_an_expression_looks_back_as_far_as_its_nearest_alternative(
    reading: Reading, expr: str, minutes: float
) -> None:
    assert reading.reach(expr) == minutes * 60


def test_metrics_are_found_through_recordings(reading: Reading) -> None:
    assert reading.metrics('twice:ratio > 1 unless absent(up{job="x"} == 1)') == {"bad_total", "all_total", "up"}
    assert reading.metrics('fast:ratio{slo="slow"}') == {"other_total"}


def test_the_highest_speed_is_that_of_the_shortest_window(catalog: Catalog) -> None:
    shortest = planned(catalog, Recording("a:rate2m", "rate(a_total[2m])"), Recording("a:rate1h", "rate(a_total[1h])"))
    refusal = "A speed of 121 does not work, because a window of 2m must hold 4 scrapes: choose one from 1 to 120."
    with pytest.raises(TocsinError, match=f"^{re.escape(refusal)}$"):
        quicken(shortest, 121)
    (group,) = quicken(shortest, 120).groups
    assert [rule.expr for rule in group.rules] == ["rate(a_total[1s])", "rate(a_total[30s])"]
    with pytest.raises(TocsinError, match="choose one from 1 to 60"):
        quicken(planned(catalog), 0)


def test_a_shop_that_is_always_open_changes_nothing_else() -> None:
    plan = derive(source.load_catalog())
    opened = always_open(plan)
    changed = [
        (before, after) for before, after in zip(plan.rules, opened.rules, strict=True) if before.expr != after.expr
    ]
    assert [(before.name, after.expr) for before, after in changed] == [("tocsin:hours:open", "vector(1)")]
