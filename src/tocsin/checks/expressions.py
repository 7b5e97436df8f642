"""Every expression of a plan, with the words that lead back to its declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.derive import AlertRule, Plan


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, what a person calls its place, and the name under which it was declared."""

    text: str
    subject: str
    declared: str


def expressions(plan: Plan) -> Iterator[Expression]:
    """Yield the expressions of all rules and panels."""
    for rule in plan.rules:
        if isinstance(rule, AlertRule):
            yield Expression(rule.expr, rule.subject, rule.name)
        else:
            yield Expression(rule.expr, rule.name, rule.labels.get("slo", rule.labels.get("service", rule.name)))
    for board in plan.boards:
        for panel in board.panels:
            for query in panel.queries:
                yield Expression(query.expr, f"{board.title}/{panel.title}", panel.title)
