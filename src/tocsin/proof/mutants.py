"""Mutants: rules that are broken on purpose, each in one place, of which a proof must notice every one.

One more way to break a rule is one more function in OPERATORS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tocsin import promql
from tocsin.model import duration, milliseconds
from tocsin.promql.tokens import Span, tokens
from tocsin.promql.tree import SETS, Aggregate, Binary, Node, Number, Selector, bare
from tocsin.proof.rules import Rule

_FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "!=", "!=": "=="}
_OTHER_OP = {"sum": "max", "avg": "max", "max": "min", "min": "max"}
_OTHER_SEVERITY = {"critical": "warning", "warning": "critical"}
ANOTHER_TEAM = "another"


@dataclass(frozen=True, slots=True)
class Edit:
    """Another *text* in the place of a *span* of a *part*: a rule's `expr`, its `for`, one of its labels, or a file."""

    part: str
    span: Span
    text: str

    def apply(self, old: str) -> str:
        """Return the part's text as it is changed."""
        return old[: self.span.start] + self.text + old[self.span.end :]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule as an *operator* broke it by one *edit*; *number* tells it from others of that operator."""

    operator: str
    number: int
    original: Rule
    rule: Rule
    edit: Edit


def text(rule: Rule, part: str) -> str:
    """Return the text of a rule's part."""
    return {"expr": rule.expr, "for": rule.lasting}.get(part) or rule.labels[part]


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Yield every mutant of a rule."""
    tree = promql.parse(rule.expr)
    for operator, edits in OPERATORS:
        for number, edit in enumerate(edits(rule, tree)):
            yield Mutant(operator, number, rule, _edited(rule, edit), edit)


def _edited(rule: Rule, edit: Edit) -> Rule:
    new = edit.apply(text(rule, edit.part))
    match edit.part:
        case "expr":
            return replace(rule, expr=new)
        case "for":
            return replace(rule, lasting=new)
        case label:
            return replace(rule, labels={**rule.labels, label: new})


def _threshold(_: Rule, tree: Node) -> Iterator[Edit]:
    """Twice and half of what something is compared with; of a product one factor."""
    for node in _binaries(tree):
        if node.compares:
            for side in (node.left, node.right):
                number = _number(side)
                if number is not None and number.value != 0:
                    yield from (Edit("expr", number.span, f"{number.value * times:.12g}") for times in (2, 0.5))


def _number(side: Node) -> Number | None:
    side = bare(side)
    if isinstance(side, Binary) and side.op == "*" and isinstance(bare(side.right), Number):
        side = bare(side.left)
    return side if isinstance(side, Number) else None


def _comparator(_: Rule, tree: Node) -> Iterator[Edit]:
    """Less for more, unequal for equal."""
    for node in _binaries(tree):
        if node.compares:
            yield Edit("expr", Span(node.operator.start, node.operator.start + len(node.op)), _FLIPPED[node.op])


def _window(rule: Rule, tree: Node) -> Iterator[Edit]:
    """Twice and half of a window."""
    for node in _selectors(tree):
        if node.range is not None:
            start, end = node.span.start, node.span.end
            (brackets,) = (word for word in tokens(rule.expr[start:end]) if word.kind == "brackets")
            inside = Span(start + brackets.span.start + 1, start + brackets.span.end - 1)
            length = round(node.range * 1000)
            yield from (Edit("expr", inside, duration(changed)) for changed in (length * 2, length // 2))


def _lasting(rule: Rule, _: Node) -> Iterator[Edit]:
    """Twice the `for`, and none."""
    length = milliseconds(rule.lasting)
    if rule.alerts and length:
        whole = Span(0, len(rule.lasting))
        yield from (Edit("for", whole, changed) for changed in (duration(length * 2), "0s"))


def _matcher(rule: Rule, tree: Node) -> Iterator[Edit]:
    """A matcher less, with the comma beside it."""
    for node in _selectors(tree):
        for matcher in node.matchers:
            start, end = matcher.span.start, matcher.span.end
            before = rule.expr[:start].rstrip()
            after = rule.expr[end:]
            if after.lstrip().startswith(","):
                end += after.index(",") + 1
            elif before.endswith(","):
                start = len(before) - 1
            yield Edit("expr", Span(start, end), "")


def _grouping(rule: Rule, tree: Node) -> Iterator[Edit]:
    """Each instance by itself where a service was meant as a whole, and all that was told apart as one."""
    for node in tree.walk():
        if isinstance(node, Aggregate) and node.without is None:
            named = rule.expr[node.named.start : node.named.end]
            if node.by:
                for label in node.by:
                    left = ", ".join(each for each in node.by if each != label)
                    yield Edit("expr", node.grouping, f"by ({left})")
            if not node.by and not _folds(node) and _told_apart(node):
                yield Edit("expr", node.named, f"{named} by (instance) ")


def _told_apart(node: Aggregate) -> bool:
    """Tell whether it aggregates what comes right from instances, and not recordings, which have no such label."""
    return any(":" not in each.metric for each in _selectors(node.expr))


def _folds(node: Aggregate) -> bool:
    """Tell whether it only folds what comparisons have kept: whichever way, as much is there as before."""
    inner = bare(node.expr)
    return isinstance(inner, Binary) and (inner.filters or inner.op in SETS)


def _aggregation(_: Rule, tree: Node) -> Iterator[Edit]:
    """The greatest in the place of the sum."""
    for node in tree.walk():
        if isinstance(node, Aggregate) and node.op in _OTHER_OP and not _folds(node):
            start = node.named.start
            yield Edit("expr", Span(start, start + len(node.op)), _OTHER_OP[node.op])


def _clause(_: Rule, tree: Node) -> Iterator[Edit]:
    """A condition less, or one of two alternatives less; a default of what is not there is none."""
    for node in _binaries(tree):
        if node.op in SETS and any(_selectors(node.right)):
            yield Edit("expr", Span(node.left.span.end, node.right.span.end), "")
            if node.op == "or":
                yield Edit("expr", Span(node.left.span.start, node.right.span.start), "")


def _labels(rule: Rule, _: Node) -> Iterator[Edit]:
    """Another severity, and another team."""
    for label, changed in (
        ("severity", _OTHER_SEVERITY.get(rule.labels.get("severity", ""))),
        ("team", ANOTHER_TEAM),
    ):
        if rule.alerts and changed and label in rule.labels:
            yield Edit(label, Span(0, len(rule.labels[label])), changed)


def _binaries(tree: Node) -> Iterator[Binary]:
    return (node for node in tree.walk() if isinstance(node, Binary))


def _selectors(tree: Node) -> Iterator[Selector]:
    return (node for node in tree.walk() if isinstance(node, Selector))


OPERATORS: tuple[tuple[str, Callable[[Rule, Node], Iterator[Edit]]], ...] = (
    ("threshold", _threshold),
    ("comparator", _comparator),
    ("window", _window),
    ("for", _lasting),
    ("matcher", _matcher),
    ("grouping", _grouping),
    ("aggregation", _aggregation),
    ("clause", _clause),
    ("labels", _labels),
)
"""The name of each way to break a rule, and the edits by which it does so."""
