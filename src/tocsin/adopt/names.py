"""The constants of a module that is written: what each is called, how it is spelled, and what PromQL it stands for."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tocsin.model as ours
from tocsin.adopt.python import call, constant, fitting, quoted, sequence
from tocsin.model import (
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    JOB_DURATION,
    JOB_LAST_SUCCESS,
    JOB_RUNS,
    LOG_RECORDS,
    DeclarationError,
    Histogram,
    Matcher,
    Selector,
    Signal,
)
from tocsin.promql.tree import Node
from tocsin.promql.tree import Selector as Written

_PUBLIC = {
    each.name: (name, each)
    for name, each in (
        ("HTTP_DURATION", HTTP_DURATION),
        ("HTTP_IN_FLIGHT", HTTP_IN_FLIGHT),
        ("HTTP_REQUESTS", HTTP_REQUESTS),
        ("JOB_DURATION", JOB_DURATION),
        ("JOB_LAST_SUCCESS", JOB_LAST_SUCCESS),
        ("JOB_RUNS", JOB_RUNS),
        ("LOG_RECORDS", LOG_RECORDS),
    )
}
"""Signals that nobody declares, under the names by which the package exports them."""

_TARGETS = frozenset(ours.TARGET_LABELS)
_MATCHING = {"=~": "matching", "!~": "not_matching", "!=": "other_than"}

Parts = list[str | tuple[str]]


@dataclass
class Names:
    """The constants so far, each with its source, and what is imported."""

    signals: Mapping[str, Signal]
    written: dict[str, str] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    means: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    """The constants of recording rules, by what they record."""
    _by_text: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=lambda: {*ours.__all__, "CATALOG", "OBJECTIVES"})

    def add(self, wish: str, source: str, means: str = "") -> str:
        """Add a constant, and return the name that it got."""
        name = base = constant(wish)
        number = 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        self.written[name] = source
        self.means[name] = means
        return name

    def signal(self, signal: Signal) -> str:
        """Return the name of a signal's constant."""
        if signal.name in _PUBLIC and _PUBLIC[signal.name][1].kind == signal.kind:
            name = _PUBLIC[signal.name][0]
            self.imported.add(name)
            self.means[name] = signal.name
            return name
        if signal.name not in self._by_text:
            self._by_text[signal.name] = self.add(signal.name, self._declared(signal), signal.name)
        return self._by_text[signal.name]

    def holes(self, expr: str, tree: Node) -> Parts:
        """Return an expression in parts, in which names stand for what it selects wherever that can be named."""
        parts: Parts = []
        at = 0
        for node in tree.walk():
            if not isinstance(node, Written) or not node.metric:
                continue
            end = _end(expr, node)
            name = self._recorded(node) if node.metric in self.recorded else self.selected(node)
            if name and expr[node.named.start : node.named.end] == node.metric:
                before, after = ("(", ")") if node.metric in self.recorded else ("", "")
                parts += [expr[at : node.named.start] + before, (name,), after]
                at = end
        return [*parts, expr[at:]]

    def text(self, parts: Parts) -> str:
        """Return the PromQL that parts stand for."""
        return "".join(part if isinstance(part, str) else self.means[part[0]] for part in parts)

    def selected(self, node: Written) -> str:
        """Return what names the selected series in Python, "" if nothing does."""
        found = self.signals.get(node.metric) or _public(node.metric)
        if found is None:
            return ""
        matchers = {each.label: Matcher(each.operator, each.value) for each in node.matchers if each.label != "le"}
        bounds = [each for each in node.matchers if each.label == "le"]
        if len(matchers) + len(bounds) != len(node.matchers) or not all(map(_is_argument, matchers)):
            return ""
        try:
            name, selector = self._part(found, node.metric.removeprefix(found.name), [each.value for each in bounds])
            return self._where(name, selector, matchers) if matchers else name
        except (DeclarationError, ValueError):
            return ""

    def requests(self, matchers: Mapping[str, Matcher]) -> str:
        """Return what names requests of ours, whatever a label of theirs that is no target's was called elsewhere."""
        own = {(label if label in _TARGETS else "status_code"): each for label, each in matchers.items()}
        name = self.signal(HTTP_REQUESTS)
        return self._where(name, Selector(HTTP_REQUESTS), own) if own else name

    def _recorded(self, node: Written) -> str:
        plain = not (node.matchers or node.range is not None or node.offset or node.pinned)
        return self.recorded[node.metric] if plain else ""

    def _part(self, signal: Signal, suffix: str, bounds: Sequence[str]) -> tuple[str, Selector]:
        name, selector = self.signal(signal), Selector(signal)
        if not isinstance(signal, Histogram):
            if suffix or bounds:
                raise ValueError(suffix)
            return name, selector
        if bounds:
            bound = float(bounds[0])
            if suffix != "_bucket" or len(bounds) > 1 or not math.isfinite(bound):
                raise ValueError(suffix)
            selector = signal.at_most(bound)
            return self._once(
                f"{name}_at_most_{bound:g}", call(f"{name}.at_most", [repr(bound)]), str(selector)
            ), selector
        selector = {"_bucket": signal.bucket, "_sum": signal.sum, "_count": signal.count}.get(suffix, selector)
        spelled = f"{name}.{suffix[1:]}" if suffix else name
        self.means[spelled] = str(selector)
        return spelled, selector

    def _where(self, name: str, selector: Selector, matchers: Mapping[str, Matcher]) -> str:
        chosen = selector.where(**matchers)
        arguments = [f"{label}={self._matcher(label, each)}" for label, each in matchers.items()]
        values = " ".join(each.value for label, each in matchers.items() if label not in _TARGETS) or "own"
        return self._once(f"{name} {values}", call(f"{name}.where", arguments), str(chosen))

    def _matcher(self, label: str, matcher: Matcher) -> str:
        if matcher.operator == "=":
            return quoted(matcher.value)
        function = _MATCHING[matcher.operator]
        self.imported.add(function)
        return fitting(function, quoted(matcher.value), f"    {label}=", 4)

    def _once(self, wish: str, source: str, means: str) -> str:
        if means not in self._by_text:
            self._by_text[means] = self.add(wish, source, means)
        return self._by_text[means]

    def _declared(self, signal: Signal) -> str:
        kind = signal.kind.capitalize()
        self.imported.add(kind)
        arguments = [quoted(signal.name), quoted(signal.help)]
        if signal.labels:
            self.imported.add("Label")
            labels = [fitting("Label", quoted(label.name), "        ", 8) for label in signal.labels]
            arguments.append(f"labels={sequence(labels, '    labels=', 4)}")
        if isinstance(signal, Histogram):
            arguments.append(f"buckets={sequence([repr(each) for each in signal.buckets], '    buckets=', 4)}")
        return call(kind, arguments)


def one_line(expr: str) -> str:
    """Return an expression on one line, if nothing in it may depend on its lines."""
    return expr.strip() if "#" in expr or "`" in expr else re.sub(r"\s*\n\s*", " ", expr.strip())


def _public(metric: str) -> Signal | None:
    names = (metric, *(metric.removesuffix(suffix) for suffix in ("_bucket", "_sum", "_count")))
    return next((_PUBLIC[name][1] for name in names if name in _PUBLIC), None)


def _is_argument(label: str) -> bool:
    """Tell whether a label can be an argument of `where`, by its name."""
    return label != "self" and not keyword.iskeyword(label)


def _end(expr: str, node: Written) -> int:
    """Return where the metric and its matchers end, which a range or an offset may follow."""
    after = max((matcher.span.end for matcher in node.matchers), default=node.named.end)
    opened = re.compile(r"\s*\{").match(expr, node.named.end)
    return expr.index("}", after if node.matchers else opened.end()) + 1 if opened else node.named.end
