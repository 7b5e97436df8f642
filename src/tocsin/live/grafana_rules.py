"""Reads the alert rules that Grafana itself manages, from provisioning files.

Their condition is an expression of Grafana's own, apart from the query; one that compares a single query with a number
is put behind it. The form is that of Grafana's "Use configuration files to provision alerting resources".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tocsin.live.written import Editing, Table, Written
from tocsin.model import DeclarationError, Passage, Place, SeenRule, seconds

_OPERATORS = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<=", "eq": "==", "ne": "!="}
_MATH = re.compile(r"\s*\$\{?(\w+)\}?\s*(>=|<=|>|<|==|!=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_OTHER_VALUES = {"sum", "count", "diff", "diff_abs", "percent_diff", "percent_diff_abs", "count_non_null"}
"""Reducers whose result is none of the values that a query returns."""

_DEEPEST = 10

Skip = Callable[[Place, str], None]


@dataclass(frozen=True)
class _Comparison:
    """A query by its refId, compared with a number that stands somewhere."""

    query: str
    operator: str
    bound: Written


def rules(rule: Table, group: str, interval: float | None, skip: Skip) -> Iterator[SeenRule]:
    """Yield a rule for each query of PromQL that *rule* has."""
    title = str(rule.text("title") or rule.text("uid") or "an alert without a title")
    nodes = {str(node.text("refId")): node for node in rule.tables("data")}
    compared = _comparison(nodes, str(rule.text("condition") or ""))
    labels, annotations = _texts(rule, "labels"), _texts(rule, "annotations")
    for name, node in nodes.items():
        expr = node.table("model").text("expr")
        if expr is None or node.text("datasourceUid") in ("__expr__", "-100"):
            continue
        if "$" in expr or node.table("model").table("datasource").text("type") == "loki" or re.search(r"\|[=~]", expr):
            skip(expr.place, f"{title}: query {name} is no PromQL as it stands")
            continue
        mine = compared is not None and compared.query == name
        yield SeenRule(
            kind="alert",
            name=title,
            expr=_compared(expr, compared) if compared is not None and mine else expr.passage(),
            group=group,
            place=rule.place,
            ends=rule.ends.line,
            lasting=_lasting(rule),
            interval=interval,
            labels=labels,
            annotations=annotations,
            compares=mine,
        )


def _comparison(nodes: dict[str, Table], condition: str) -> _Comparison | None:
    model = nodes[condition].table("model") if condition in nodes else None
    match str(model.text("type")) if model else "":
        case "threshold" | "classic_conditions" if model:
            return _threshold(nodes, model)
        case "math" if model:
            said = model.text("expression")
            found = _MATH.fullmatch(said) if said else None
            if said and found:
                indices = said.spelled(said)[found.start(3) : found.end(3)]
                bound = Written.of(found[3], said.source, indices[0], indices[-1] + 1, lambda _: indices)
                return _reached(nodes, found[1], found[2], bound)
        case _:
            pass
    return None


def _threshold(nodes: dict[str, Table], model: Table) -> _Comparison | None:
    conditions = list(model.tables("conditions"))
    if len(conditions) != 1:
        return None
    (condition,) = conditions
    evaluator = condition.table("evaluator")
    bound = next((each for each in evaluator.list("params") if isinstance(each, Written)), None)
    operator = _OPERATORS.get(str(evaluator.text("type")))
    if bound is None or operator is None or not _NUMBER.fullmatch(bound):
        return None
    classic = model.text("type") == "classic_conditions"
    reducer = str(condition.table("reducer").text("type")) if classic else ""
    named = next(iter(condition.table("query").list("params")), None) if classic else model.text("expression")
    if not isinstance(named, Written) or reducer in _OTHER_VALUES:
        return None
    return _reached(nodes, named, operator, bound)


def _reached(nodes: dict[str, Table], name: str, operator: str, bound: Written) -> _Comparison | None:
    """Follow reductions that leave values as they are, down to the query."""
    for _ in range(_DEEPEST):
        name = name.strip("${} ")
        model = nodes[name].table("model") if name in nodes else None
        if model is None:
            return None
        if model.text("expr"):
            return _Comparison(name, operator, bound)
        next_name = model.text("expression")
        if model.text("type") != "reduce" or not next_name or str(model.text("reducer")) in _OTHER_VALUES:
            return None
        name = next_name
    return None


def _compared(expr: Written, comparison: _Comparison) -> Passage:
    whole = expr.spelled(expr)
    bound = comparison.bound.spelled(comparison.bound)
    editing = Editing(expr.source)
    editing.put("(", whole[:1])
    editing.keep(expr, whole)
    editing.put(f"\n) {comparison.operator} ", bound[:1])
    editing.keep(comparison.bound, bound)
    return editing.passage()


def _lasting(rule: Table) -> float:
    try:
        return seconds(rule.text("for") or "0s")
    except DeclarationError:
        return 0.0


def _texts(rule: Table, name: str) -> dict[str, Passage]:
    """Return labels or annotations, but those that speak of values, which Grafana knows under other names."""
    texts = rule.table(name).items()
    return {str(key): each.passage() for key, each in texts if isinstance(each, Written) and "$value" not in each}
