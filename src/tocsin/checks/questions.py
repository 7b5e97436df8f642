"""What a running Prometheus is asked before a case is judged against it."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression, Panel
from tocsin.model import TARGET_LABELS
from tocsin.promql.tree import Binary, Selector

_WRITTEN_BY_PROMETHEUS = ("ALERTS", "ALERTS_FOR_STATE")


def questions(case: Case) -> tuple[str, ...]:
    """Return each question once: what is read must be there, and what is drawn must come to something."""
    found: dict[str, None] = {}
    for expression in case.expressions:
        found.update(dict.fromkeys(reads(case, expression)))
    for board in case.boards:
        for panel in board.panels:
            found.update(dict.fromkeys(draws(panel)))
    return tuple(found)


def reads(case: Case, expression: Expression) -> Iterator[str]:
    """Yield the series that an expression reads, by name and target: the other labels may be of what never happened."""
    targets = {*TARGET_LABELS, *case.observation.target_labels}
    for node, _ in expression.nodes():
        if isinstance(node, Selector) and node.metric and node.metric not in _WRITTEN_BY_PROMETHEUS:
            kept = (expression.part(each.span) for each in node.matchers if each.label in targets)
            yield f"last_over_time({node.metric}{{{','.join(kept)}}}[1h])"


def draws(panel: Panel) -> list[str]:
    """Return the expressions of a panel if each has a result at any time; a comparison may leave nothing."""
    trees = [each.tree for each in panel.expressions]
    if any(tree is None or any(isinstance(node, Binary) and node.filters for node in tree.walk()) for tree in trees):
        return []
    return [each.text for each in panel.expressions]
