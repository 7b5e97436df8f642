"""JUDGES: one module for each check; its docstring is its page of documentation. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter

from tocsin.checks import (
    absent_label,
    absent_without_for,
    always_true,
    base_unit,
    blind,
    comparison_in_aggregation,
    counter_compared,
    counter_total,
    counter_without_rate,
    dead_link,
    dropped_label,
    exposed_buckets,
    exposed_help,
    exposed_labels,
    exposed_missing,
    exposed_person,
    exposed_start,
    exposed_type,
    exposed_undeclared,
    exposed_values,
    field_names,
    field_types,
    histogram_base,
    impossible_label,
    late,
    le_spelling,
    live_series,
    many_to_many,
    metric_name,
    missing_fault,
    missing_runbook,
    missing_secret,
    missing_section,
    mixed_units,
    nan_in_sum,
    nan_on_idle,
    never_observed,
    new_series,
    no_bucket,
    no_comparison,
    no_data,
    no_denominator,
    no_pair,
    no_route,
    no_title,
    no_unit,
    observed_undeclared,
    open_label,
    panel_unit,
    personal_label,
    plain,
    quantile_without_le,
    quantile_without_rate,
    rate_of_gauge,
    rate_of_sum,
    redundant_matcher,
    refused,
    regex,
    same_name,
    severity_at_odds,
    short_for,
    short_range,
    syntax,
    target_down,
    template_syntax,
    text_delay,
    threshold_above_buckets,
    threshold_between_buckets,
    too_few_events,
    too_many_lines,
    too_many_series,
    topk_in_alert,
    undeclared,
    unexplained_allowance,
    unknown_allowance,
    unknown_command,
    unreachable,
    unreachable_burn,
    unread_runbook,
    unseen_metric,
    unused_allowance,
    unused_variable,
    value_in_labels,
    wrong_average,
)
from tocsin.checks.allowing import allowing
from tocsin.checks.case import Case
from tocsin.checks.exposed import from_exposition
from tocsin.checks.from_files import from_files
from tocsin.checks.from_plan import from_plan
from tocsin.checks.problem import Problem
from tocsin.checks.questions import questions
from tocsin.derive import Plan
from tocsin.model import Allowance, Observation, Place

Check = Callable[[Case], Iterator[Problem]]

CHECKS: dict[str, Check] = {
    module.ID: module.check
    for module in (
        syntax,
        undeclared,
        counter_compared,
        counter_without_rate,
        rate_of_gauge,
        rate_of_sum,
        short_range,
        quantile_without_rate,
        quantile_without_le,
        histogram_base,
        wrong_average,
        threshold_above_buckets,
        threshold_between_buckets,
        le_spelling,
        no_pair,
        many_to_many,
        unreachable,
        always_true,
        comparison_in_aggregation,
        mixed_units,
        nan_in_sum,
        absent_without_for,
        absent_label,
        new_series,
        topk_in_alert,
        dropped_label,
        regex,
        redundant_matcher,
        blind,
        impossible_label,
        late,
        no_comparison,
        missing_fault,
        no_route,
        missing_runbook,
        same_name,
        severity_at_odds,
        short_for,
        template_syntax,
        text_delay,
        value_in_labels,
        nan_on_idle,
        no_bucket,
        no_denominator,
        too_few_events,
        unreachable_burn,
        no_title,
        no_unit,
        too_many_lines,
        panel_unit,
        unseen_metric,
        unused_variable,
        base_unit,
        counter_total,
        metric_name,
        open_label,
        personal_label,
        too_many_series,
        plain,
        field_names,
        field_types,
        missing_secret,
        never_observed,
        no_data,
        target_down,
        live_series,
        observed_undeclared,
        refused,
        exposed_missing,
        exposed_type,
        exposed_labels,
        exposed_values,
        exposed_start,
        exposed_buckets,
        exposed_help,
        exposed_undeclared,
        exposed_person,
        missing_section,
        dead_link,
        unknown_command,
        unread_runbook,
        unexplained_allowance,
        unknown_allowance,
        unused_allowance,
    )
}

CONFORMING = tuple(name for name in CHECKS if name.startswith("conform/"))
"""The checks that hold what a service exposes to what it declares."""

Placing = Callable[[Problem], Place | None]

__all__ = [
    "CHECKS",
    "Case",
    "Check",
    "Problem",
    "conforming",
    "from_exposition",
    "from_files",
    "from_plan",
    "judge",
    "questions",
]


def conforming(plan: Plan, observation: Observation) -> tuple[Problem, ...]:
    """Return everything in which what a service exposes differs from what *plan* says of it."""
    case = from_exposition(plan, observation)
    return tuple(problem for name in (*CONFORMING, refused.ID) for problem in CHECKS[name](case))


def judge(case: Case, place: Placing = attrgetter("place")) -> tuple[Problem, ...]:
    """Return everything that is wrong with a case and that no comment allows; *place* tells where a problem stands."""
    found = [problem for check in CHECKS.values() for problem in check(case)]
    used: set[Allowance] = set()
    left = []
    for problem in found:
        allowed = allowing(problem, place(problem), case.observation.allowances)
        used.update(allowed)
        if not allowed:
            left.append(problem)
    unused = tuple(each for each in case.observation.allowances if each not in used)
    return (*left, *unused_allowance.check(replace(case, unused=unused)))
