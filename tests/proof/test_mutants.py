"""Rules and routes that are broken on purpose, in the small catalog, by the real promtool and amtool."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.test_proving import BASKETS, STOPPED, catalog
from tocsin import promql
from tocsin.derive import derive
from tocsin.model import Alert
from tocsin.proof.alike import World
from tocsin.proof.mutants import OPERATORS, Mutant, mutants, text
from tocsin.proof.mutating import Hunt, Mutation, routed
from tocsin.proof.proving import book, stages
from tocsin.proof.routing import edits, misrouted
from tocsin.proof.rules import Rule
from tocsin.proof.theatre import Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION, alertmanager

RULE = Rule(
    name="Slow",
    expr='(sum by (route) (rate(a{service="shop",code=~"5.."}[5m])) > 2 * 0.05)\n'
    'and on () (sum(increase(b[1h])) >= 5)\nunless on () absent(up{job="shop"} == 1)',
    alerts=True,
    lasting="5m",
    labels={"severity": "warning", "team": "web", "service": "shop"},
)


def mutation(theatre: Theatre, *alerts: Alert, name: str = "") -> Mutation:
    plan = derive(catalog(*alerts))
    rules = book(plan, PRODUCTION)
    everybody = stages(plan, rules)
    return Hunt(theatre, rules, stages(plan, rules, [name] if name else ()), everybody).run(lambda _, __: None)


def survivors(found: Mutation) -> set[str]:
    return {f"{outcome.operator} {outcome.change}" for outcome in found.survivors}


def changes(rule: Rule, operator: str) -> list[str]:
    return [mutant.edit.apply(text(rule, mutant.edit.part)) for mutant in mutants(rule) if mutant.operator == operator]


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("threshold", ["> 4 * 0.05", "> 1 * 0.05", ">= 10", ">= 2.5", "== 2", "== 0.5"]),
        ("comparator", ["< 2 * 0.05", "<= 5", "!= 1"]),
        ("window", ["[10m]", "[150s]", "[2h]", "[30m]"]),
        ("for", ["10m", "0s"]),
        ("matcher", ['a{code=~"5.."}', 'a{service="shop"}', "up{}"]),
        ("grouping", ["sum by () (rate", "sum by (instance) (increase"]),
        ("aggregation", ["max by (route) (rate", "max(increase"]),
        ("clause", ["unless on ()", "and on ()"]),
        ("labels", ["critical", "another"]),
    ],
)
def test_each_operator_breaks_what_it_is_for(operator: str, expected: list[str]) -> None:
    found = changes(RULE, operator)
    assert len(found) == len(expected)
    if operator == "clause":
        assert all(clause not in changed for clause, changed in zip(expected, found, strict=True))
    else:
        assert all(part in changed for part, changed in zip(expected, found, strict=True))


def test_every_mutant_is_still_an_expression_and_no_two_are_the_same() -> None:
    found = list(mutants(RULE))
    assert all(promql.syntax_problem(mutant.rule.expr) is None for mutant in found)
    assert len({repr(mutant.rule) for mutant in found}) == len(found)
    assert {mutant.operator for mutant in found} == {name for name, _ in OPERATORS}


LAST = """\
- matchers:
    - severity="warning"
    - team="web"
    receiver: web-slack
    group_wait: 30s
    group_interval: 5m
    repeat_interval: 12h"""
"""The route of the team to which whatever no other route takes goes anyway."""

METRIC = st.sampled_from(["a", "b_total", "c:d"])
MATCHERS = st.lists(st.sampled_from(['x="1"', 'y!="2"', 'z=~"a,b|}"', ' w!~"" ']), max_size=3).map(
    lambda found: "{" + ",".join(found) + "}"
)
WINDOW = st.sampled_from(["30s", "5m", "1h", "1h30m", "7d"])
SUM = st.builds(
    "{0} {1} (rate({2}{3}[{4}]))".format,
    st.sampled_from(["sum", "max", "avg"]),
    st.sampled_from(["", "by (x)", "by (x, y)", "without (z)"]),
    METRIC,
    MATCHERS,
    WINDOW,
)
CLAUSE = st.builds(
    "({0} {1} {2})".format, SUM, st.sampled_from([">", "<=", "==", "> bool"]), st.sampled_from(["0", "5", "2 * 0.1"])
)
EXPR = st.builds("{0}\n {1} on () {2}".format, CLAUSE, st.sampled_from(["and", "or", "unless"]), CLAUSE)


@given(EXPR, st.sampled_from(["0s", "5m"]))
def test_a_mutant_differs_from_its_original_in_exactly_the_span_that_it_names(expr: str, lasting: str) -> None:
    rule = replace(RULE, expr=expr, lasting=lasting)
    for mutant in mutants(rule):
        old, new = text(rule, mutant.edit.part), text(mutant.rule, mutant.edit.part)
        span = mutant.edit.span
        assert new == old[: span.start] + mutant.edit.text + old[span.end :]
        assert old != new
        assert _but(mutant, mutant.edit.part) == _but(mutant, mutant.edit.part, original=True)


def _but(mutant: Mutant, part: str, *, original: bool = False) -> dict[str, object]:
    rule = mutant.original if original else mutant.rule
    labels = {name: value for name, value in rule.labels.items() if name != part}
    rest = {"expr": rule.expr, "for": rule.lasting}
    return {"labels": labels, **{name: value for name, value in rest.items() if name != part}}


def test_the_proofs_notice_whatever_is_broken_but_for_what_changes_nothing(theatre: Theatre) -> None:
    tight = replace(STOPPED, lasting="4m", within="14m", not_before="12m")
    found = mutation(theatre, tight, name="OrdersStopped")
    caught = {name for name, caught, _ in found.operators if caught}
    assert caught == {"comparator", "threshold", "window", "for", "clause", "labels"}
    assert survivors(found) == {
        "window `10m` becomes `5m`",  # whether any basket is filled is the same over most windows
        "grouping `sum` becomes `sum by (instance) `",  # nothing for all is nothing for each
        "aggregation `sum` becomes `max`",
    }


def test_what_nobody_tests_survives_and_is_named(theatre: Theatre) -> None:
    untested = replace(STOPPED, when=f"{STOPPED.when} and on () (sum(rate({BASKETS}[2h])) >= 0)")
    found = mutation(theatre, untested, name="OrdersStopped")
    assert "clause `and on () (sum(rate(baskets_total[2h])) >= 0)` is removed" in survivors(found)
    assert found.score < 1


def test_a_recording_is_broken_for_the_alert_that_reads_it(theatre: Theatre) -> None:
    found = mutation(theatre, name="HighErrorRate")
    subjects = {outcome.subject for outcome in found.outcomes}
    assert "shop/HighErrorRate/service:http_errors:ratio_rate5m" in subjects
    assert not any("p95" in subject for subject in subjects)


def test_every_route_that_is_broken_is_noticed_but_for_those_that_change_nothing() -> None:
    plan = derive(catalog(STOPPED))
    configuration = next(alertmanager.render(plan, PRODUCTION)).text
    assert list(misrouted(tools.find("amtool"), plan, configuration)) == []
    found = routed(tools.find("amtool"), plan, configuration)
    assert len(found.outcomes) == len(list(edits(configuration)))
    assert survivors(found) == {
        "route `=` becomes `!=`",
        'route `- severity="warning"` is removed',
        'route `- team="web"` is removed',  # there is no other team
        f"route `{LAST}` is removed",
    }


def test_a_matcher_without_which_the_same_is_selected_makes_no_mutant() -> None:
    plan = derive(catalog(STOPPED))
    rules = book(plan, PRODUCTION)
    (shop,) = plan.catalog.services
    world = World((shop,), rules)
    (down,) = (rule for rule in rules.alerts if rule.name == "ServiceDown")
    (mutant,) = (each for each in mutants(down) if each.operator == "matcher")
    assert world.alike(mutant)
    assert not World((shop, replace(shop, name="kiosk", port=8001)), rules).alike(mutant)
    errors = [each for rule in rules.rules for each in mutants(rule) if each.edit.text == "" and "5.." in rule.expr]
    assert any(not world.alike(each) for each in errors if each.operator == "matcher")
