"""Rules as they are written in rule files, whoever wrote them: which reads which, and the part that one alert needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tocsin import promql
from tocsin.promql import Selector
from tocsin.promql.tree import Node, Subquery


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a rule file; *place* is its group's name, *lasting* its `for`, and *keeping* its `keep_firing_for`."""

    name: str
    expr: str
    alerts: bool
    place: str = ""
    lasting: str = "0s"
    keeping: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    def spelled(self) -> dict[str, object]:
        """Return the rule as it stands in a file."""
        if not self.alerts:
            return {"record": self.name, "expr": self.expr, "labels": dict(self.labels)}
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.lasting,
            **({"keep_firing_for": self.keeping} if self.keeping else {}),
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
        }


def read(groups: Iterable[Mapping[str, Any]]) -> Iterator[Rule]:
    """Yield the rules of the groups of a rule file."""
    for group in groups:
        for rule in group.get("rules") or ():
            yield Rule(
                name=str(rule.get("alert") or rule.get("record")),
                expr=str(rule.get("expr")),
                alerts="alert" in rule,
                place=str(group.get("name", "")),
                lasting=str(rule.get("for") or "0s"),
                keeping=str(rule.get("keep_firing_for") or ""),
                labels={name: str(value) for name, value in (rule.get("labels") or {}).items()},
                annotations={name: str(value) for name, value in (rule.get("annotations") or {}).items()},
            )


@dataclass(frozen=True, slots=True)
class Slice:
    """An alert with the recordings that it needs, in the order in which they must be evaluated, the alert last."""

    rules: tuple[Rule, ...]

    @property
    def alert(self) -> Rule:
        """The alert itself."""
        return self.rules[-1]

    @property
    def raw(self) -> tuple[Selector, ...]:
        """Everything that is read and not recorded."""
        return tuple(each for each in self._selectors if each.metric not in self._recorded)

    @property
    def windows(self) -> tuple[float, ...]:
        """The ranges over which anything is read, in seconds, in order."""
        return _ranges(self._selectors)

    @property
    def raw_windows(self) -> tuple[float, ...]:
        """The ranges over which anything is read that is not recorded."""
        return _ranges(self.raw)

    @property
    def recorded_windows(self) -> tuple[float, ...]:
        """The ranges over which recordings are read."""
        return _ranges(each for each in self._selectors if each.metric in self._recorded)

    @property
    def reach(self) -> float:
        """How far back it reaches in all, in seconds: ranges, offsets, and those of the recordings that it reads."""
        reaches: dict[str, float] = {}
        for rule in self.rules:  # each reads those before it
            reach = _reach(promql.parse(rule.expr), reaches)
            reaches[rule.name] = max(reach, reaches.get(rule.name, 0.0))
        return reaches[self.alert.name]

    @property
    def offset(self) -> float:
        """The longest time, in seconds, by which what is read lies in the past."""
        return max((each.offset for each in self._selectors), default=0.0)

    @property
    def _recorded(self) -> set[str]:
        return {rule.name for rule in self.rules}

    @property
    def _selectors(self) -> Iterator[Selector]:
        return (selector for rule in self.rules for selector in selectors(rule.expr))


def _reach(node: Node, recorded: Mapping[str, float]) -> float:
    own = (node.range or 0.0) if isinstance(node, Selector | Subquery) else 0.0
    if isinstance(node, Selector):
        return own + max(node.offset, 0.0) + recorded.get(node.metric, 0.0)
    return own + max((_reach(child, recorded) for child in node.children()), default=0.0)


def _ranges(read: Iterable[Selector]) -> tuple[float, ...]:
    return tuple(sorted({each.range for each in read if each.range is not None}))


class Book:
    """All rules that are evaluated together."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._recordings: dict[str, list[Rule]] = {}
        for rule in rules:
            if not rule.alerts:
                self._recordings.setdefault(rule.name, []).append(rule)

    @property
    def alerts(self) -> Iterator[Rule]:
        """Every alerting rule."""
        return (rule for rule in self.rules if rule.alerts)

    def changed(self, rule: Rule, changed: Rule) -> Book:
        """Return all rules with another one in the place of *rule*."""
        return Book([changed if each is rule else each for each in self.rules])

    def cut(self, alert: Rule) -> Slice:
        """Return the slice that *alert* needs."""
        needed: dict[int, Rule] = {}
        self._need(alert, needed, set())
        return Slice((*needed.values(), alert))

    def feeding(self, selector: Selector) -> Iterator[Rule]:
        """Yield the recordings that a selector may take."""
        return (rule for rule in self._recordings.get(selector.metric, ()) if _feeds(rule, selector))

    def _need(self, rule: Rule, needed: dict[int, Rule], met: set[int]) -> None:
        met.add(id(rule))
        for selector in selectors(rule.expr):
            for recording in self.feeding(selector):
                if id(recording) not in met:
                    self._need(recording, needed, met)
                    needed[id(recording)] = recording


def _feeds(recording: Rule, selector: Selector) -> bool:
    """Tell whether a recording's series may be selected: no label that it sets itself speaks against it."""
    return all(
        (recording.labels[each.label] == each.value) == (each.operator == "=")
        for each in selector.matchers
        if each.operator in ("=", "!=") and each.label in recording.labels
    )


@lru_cache(maxsize=4096)
def selectors(expr: str) -> tuple[Selector, ...]:
    """Return every selector of an expression."""
    return tuple(node for node in promql.parse(expr).walk() if isinstance(node, Selector))
