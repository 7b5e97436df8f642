"""Tells which mutants are none: a selector without one of its matchers that selects the same in the whole catalog."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from tocsin.model import Matcher, Service
from tocsin.promql import Selector, tree
from tocsin.proof.motion import motion
from tocsin.proof.mutants import Mutant
from tocsin.proof.rules import Book, selectors


class World:
    """Everything that the rules of a catalog's *services* may select: their series, and what is recorded."""

    def __init__(self, services: Sequence[Service], rules: Book) -> None:
        self._services = services
        self._rules = rules

    def alike(self, mutant: Mutant) -> bool:
        """Tell whether every selector of a mutant takes what that of its original takes."""
        before, after = selectors(mutant.original.expr), selectors(mutant.rule.expr)
        changed = (pair for pair in zip(before, after, strict=True) if pair[0] != pair[1])
        return all(set(self._selected(old)) == set(self._selected(new)) for old, new in changed)

    def _selected(self, selector: Selector) -> Iterator[Hashable]:
        yield from (id(rule) for rule in self._rules.feeding(selector))
        for service in self._services:
            own = dict(service.target)
            exposed = [dict(each.labels) for each in motion(service, 1.0, ()).get(selector.metric, ())]
            for labels in exposed or [{}] * (selector.metric == "up"):
                if all(_holds(each, {**own, **labels}) for each in selector.matchers if each.label != "instance"):
                    yield service.name, tuple(labels.items())


def _holds(asked: tree.Matcher, labels: dict[str, str]) -> bool:
    return Matcher(asked.operator, asked.value).holds(labels.get(asked.label, ""))
