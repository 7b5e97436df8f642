"""What an expression reads once its recordings are followed: which metrics, and how far back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tocsin import promql
from tocsin.derive.plan import Plan, Recording
from tocsin.promql import tree


class Reading:
    """Reads expressions of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._recordings: dict[str, list[Recording]] = defaultdict(list)
        for recording in plan.recordings:
            self._recordings[recording.name].append(recording)

    def metrics(self, expr: str) -> frozenset[str]:
        """Return the names of the series that *expr* reads and no recording makes."""
        found: set[str] = set()
        for selector in _selectors(expr):
            recordings = self._of(selector)
            for recording in recordings:
                found |= self.metrics(recording.expr)
            if not recordings:
                found.add(selector.metric)
        return frozenset(found)

    def reach(self, expr: str) -> float:
        """Return how many seconds back *expr* must look to hold: of alternatives, the one that looks back least."""
        return self._reach(promql.parse(expr)) or 0.0

    def _reach(self, node: tree.Node) -> float | None:
        """Return the seconds, None if nothing is read at all."""
        if isinstance(node, tree.Selector):
            recorded = (self.reach(recording.expr) for recording in self._of(node))
            return max((node.range or 0.0) + node.offset, *recorded, 0.0)
        below = [seconds for seconds in map(self._reach, node.children()) if seconds is not None]
        if not below:
            return None
        if isinstance(node, tree.Binary) and node.op == "or":
            return min(below)
        return max(*below, node.range if isinstance(node, tree.Subquery) else 0.0)

    def _of(self, selector: tree.Selector) -> list[Recording]:
        """Return the recordings whose series a selector can mean."""
        fixed = {matcher.label: matcher.value for matcher in selector.matchers if matcher.operator == "="}
        return [
            recording
            for recording in self._recordings.get(selector.metric, ())
            if all(recording.labels.get(name, value) == value for name, value in fixed.items())
        ]


def windows(expr: str) -> Iterator[float]:
    """Yield the seconds of every range of *expr*."""
    for node in promql.parse(expr).walk():
        if isinstance(node, tree.Selector | tree.Subquery) and node.range is not None:
            yield node.range


def _selectors(expr: str) -> Iterator[tree.Selector]:
    return (node for node in promql.parse(expr).walk() if isinstance(node, tree.Selector))
