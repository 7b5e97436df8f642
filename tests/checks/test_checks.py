from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from dataclasses import replace

import pytest

from tests.checks.pages import RUNBOOK, example, language
from tocsin import checks
from tocsin.checks import CHECKS, Problem, from_plan
from tocsin.checks import judge as judge_case
from tocsin.derive import Plan, Recording, RuleGroup, derive
from tocsin.derive.prose import Prose
from tocsin.model import Catalog, Observation, Panel, Query

NOBODY_LOOKED = Observation()


@pytest.fixture
def plan(catalog: Catalog) -> Plan:
    return derive(catalog)


def judge(plan: Plan, observation: Observation) -> tuple[Problem, ...]:
    return judge_case(from_plan(plan, observation))


def recording(plan: Plan, expr: str) -> Plan:
    return replace(plan, groups=(*plan.groups, RuleGroup("checkout", "planted", (Recording("x", expr),))))


def test_a_right_catalog_has_no_problems(plan: Plan) -> None:
    assert judge(plan, NOBODY_LOOKED) == ()


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_check_has_a_page(check: str) -> None:
    page = inspect.getdoc(sys.modules[CHECKS[check].__module__])
    assert page is not None
    assert [section.heading for section in Prose.of(page).sections] == ["Why it matters", "Bad", "Good"]


@pytest.mark.parametrize("check", [check for check in sorted(CHECKS) if language(check) == "promql"])
@pytest.mark.parametrize("heading", ["Bad", "Good"])
def test_the_examples_of_a_page_are_judged_as_it_says(plan: Plan, check: str, heading: str) -> None:
    _, expr = example(check, heading)
    found = [problem.check for problem in judge(recording(plan, expr), NOBODY_LOOKED)]
    assert found == ([check] if heading == "Bad" else [])


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        ("sum(rate(payment_total[5m]))", "nobody declares the metric 'payment_total'"),
        ('payments_total{reason="x"}', "payments_total has no label 'reason'"),
        ('payments_total{outcome="stolen"}', "payments_total never has outcome='stolen'"),
        ('slo:objective:ratio{slo="latency",zone="x"}', "slo:objective:ratio has no label 'zone'"),
    ],
)
def test_what_nobody_declares_is_found(plan: Plan, expr: str, message: str) -> None:
    (problem,) = judge(recording(plan, expr), NOBODY_LOOKED)
    assert (problem.check, problem.message) == ("promql/undeclared", message)


def test_panels_are_read_too(catalog: Catalog) -> None:
    panel = Panel("Lost", (Query("rate(lost_total[5m])"),), unit="ops", help="Nothing.")
    service = replace(catalog.services[0], panels=(panel,))
    (problem,) = judge(derive(replace(catalog, services=(service,))), NOBODY_LOOKED)
    assert problem.subject == "Business: checkout/Lost"


def test_an_alert_without_a_fault_is_refused(catalog: Catalog) -> None:
    alert = replace(catalog.services[0].alerts[0], rings_on=())
    service = replace(catalog.services[0], alerts=(alert,))
    (problem,) = judge(derive(replace(catalog, services=(service,))), NOBODY_LOOKED)
    assert (problem.check, problem.subject) == ("alert/no-fault", "checkout/PaymentsStall")


def test_a_missing_runbook_is_one_problem_however_many_alerts_name_it(plan: Plan) -> None:
    pages = {rule.runbook for rule in plan.alerts} - {"runbooks/error-budget-burn.md"}
    (problem,) = judge(plan, Observation(runbooks=dict.fromkeys(pages, RUNBOOK)))
    assert problem.check == "alert/no-runbook"
    assert "runbooks/error-budget-burn.md does not exist (nor for 7 other alerts)" in problem.message


def test_a_services_own_page_is_enough(plan: Plan) -> None:
    pages = {f"{rule.service}/{rule.runbook}" for rule in plan.alerts}
    assert judge(plan, Observation(runbooks=dict.fromkeys(pages, RUNBOOK))) == ()


def test_a_missing_secret_is_found_since_amtool_passes_it(plan: Plan) -> None:
    seen = Observation(secrets=frozenset({"heartbeat-token", "shop-slack-url"}))
    assert [problem.subject for problem in judge(plan, seen)] == ["shop-pagerduty-key"]


def test_no_check_is_forgotten_in_the_list() -> None:
    modules = (
        importlib.import_module(f"tocsin.checks.{found.name}") for found in pkgutil.iter_modules(checks.__path__)
    )
    assert {module.ID for module in modules if hasattr(module, "ID")} == set(CHECKS)
