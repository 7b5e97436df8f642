"""Whether one expression counts a part of what another counts, so that their quotient is a ratio from 0 to 1."""

from __future__ import annotations

from tocsin.promql.tree import Aggregate, Binary, Call, Matcher, Node, Number, Selector, Subquery, bare


def is_part(part: Node, whole: Node) -> bool:  # noqa: PLR0911 - one for each kind of part
    """Tell whether *part* counts some of the events that *whole* counts: the same but for further matchers."""
    part, whole = bare(part), bare(whole)
    if isinstance(part, Selector) and isinstance(whole, Selector):
        return _selects_part(part, whole)
    if type(part) is not type(whole):
        return False
    if isinstance(part, Call) and isinstance(whole, Call):
        return (
            part.function == whole.function
            and part.function in ("rate", "increase", "irate")
            and len(part.args) == len(whole.args)
            and all(map(is_part, part.args, whole.args))
        )
    if isinstance(part, Aggregate) and isinstance(whole, Aggregate):
        same = part.op == whole.op == "sum" and part.by == whole.by and part.without == whole.without
        return same and is_part(part.expr, whole.expr)
    if isinstance(part, Subquery) and isinstance(whole, Subquery):
        return (part.range, part.step) == (whole.range, whole.step) and is_part(part.expr, whole.expr)
    if isinstance(part, Binary) and isinstance(whole, Binary):
        return part.op == whole.op == "*" and _same_number(part.right, whole.right) and is_part(part.left, whole.left)
    return False


def _same_number(one: Node, other: Node) -> bool:
    one, other = bare(one), bare(other)
    return isinstance(one, Number) and isinstance(other, Number) and one.value == other.value


def _selects_part(part: Selector, whole: Selector) -> bool:
    if (part.range, part.offset) != (whole.range, whole.offset):
        return False
    own, all_ = _spelled(part), _spelled(whole)
    if part.metric == whole.metric:
        return all_ <= own
    base = part.metric.removesuffix("_bucket")
    bounded = any(matcher.label == "le" and matcher.operator == "=" for matcher in part.matchers)
    return bounded and base != part.metric and whole.metric == f"{base}_count" and all_ <= own


def _spelled(selector: Selector) -> set[tuple[str, str, str]]:
    return {_key(matcher) for matcher in selector.matchers if not _any(matcher)}


def _key(matcher: Matcher) -> tuple[str, str, str]:
    return matcher.label, matcher.operator, matcher.value


def _any(matcher: Matcher) -> bool:
    return matcher.operator == "=~" and matcher.value == ".*"
