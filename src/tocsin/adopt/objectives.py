"""Objectives in what Sloth and Pyrra generate: recognised where the shape of their rules leaves no doubt.

Sources: Sloth's documentation, "Introduction", and the rules that it generates (slo:sli_error:ratio_rate5m,
slo:objective:ratio, slo:time_period:days, with the labels sloth_id, sloth_service, sloth_slo); Pyrra's rules
(`<metric>:burnrate5m` with the label slo, ErrorBudgetBurn).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tocsin import promql
from tocsin.adopt.left import Left
from tocsin.model import TARGET_LABELS, Place, SeenRule
from tocsin.promql.tree import Aggregate, Binary, Call, Matcher, Node, Number, Selector, bare

SLI = "slo:sli_error:ratio_rate5m"
DAYS = 30
HTTP_COUNTS = ("http_requests_total", "http_request_duration_seconds_count")
STATUS = ("code", "status", "status_code", "http_status_code")
_FIVE = re.compile(r"\(?5(?:\.\.|\.\*|\.\+|\\d\\d|\[0-9\]\{2\}|\[0-9\]\[0-9\]|xx)\)?")
_BURN = re.compile(r"(.+):burnrate(\d+[smhdw])")
_PYRRA = re.compile(r".+:(?:burnrate|increase)\d+[smhdwy]|pyrra_\w+|ErrorBudgetBurn|SLOMetricAbsent")
_ID = re.compile(r'sloth_id="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of *total* that is *bad*, or that is not in the bucket *good*; *http* if those are our own requests."""

    total: Selector
    bad: Selector | None = None
    good: Selector | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """An objective: its *ratio* of good events, and of what."""

    name: str
    ratio: float
    of: Shares
    because: str
    place: Place
    tree: Node | None


@dataclass
class Promises:
    """The objectives that were found, what is left, and the rules that are neither alerts nor recordings any more."""

    found: list[Promise] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


def promises(rules: Sequence[SeenRule]) -> Promises:
    """Return the objectives in generated rules, by the positions of these among *rules*."""
    result = Promises()
    _sort(rules, result, _sloth, "Sloth")
    _sort(rules, result, _pyrra, "Pyrra")
    return result


def _sort(rules: Sequence[SeenRule], result: Promises, of: Callable[[SeenRule], str], maker: str) -> None:
    groups: dict[str, list[SeenRule]] = {}
    for index, rule in enumerate(rules):
        if index not in result.taken and (name := of(rule)):
            groups.setdefault(name, []).append(rule)
            result.taken.add(index)
    for name, each in groups.items():
        promise, why = _promise(name, each, maker)
        if promise is None:
            result.left.append(Left(each[0].place, name, f"{maker}'s objective is not declared: {why}"))
        else:
            result.found.append(promise)
            said = f"{len(each)} rules of {maker} are one objective now, which rings ErrorBudgetBurnFast and -Slow{why}"
            result.left.append(Left(promise.place, promise.name, said))


def _sloth(rule: SeenRule) -> str:
    """Return the id of Sloth's objective to which a rule belongs."""
    if "sloth_id" in rule.labels:
        return rule.labels["sloth_id"].text
    named = _ID.search(rule.expr.text)
    generated = rule.name.startswith("slo:") or "sloth_severity" in rule.labels
    return named[1] if named and generated else ""


def _pyrra(rule: SeenRule) -> str:
    return rule.labels["slo"].text if "slo" in rule.labels and _PYRRA.fullmatch(rule.name) else ""


def _promise(name: str, rules: Sequence[SeenRule], maker: str) -> tuple[Promise | None, str]:
    """Return the objective of generated rules, or None and why there is none; with it, what else is to be said."""
    indicator = next((rule for rule in rules if rule.name == SLI or _BURN.fullmatch(rule.name)), None)
    ratio = _vector(rules, "slo:objective:ratio") if maker == "Sloth" else _budgeted(rules)
    if indicator is None or ratio is None or not 0 < ratio < 1:
        return None, "its error ratio or what it promises is not among the rules"
    shares = _shares(indicator)
    if shares is None:
        return None, "its error ratio is neither one of two counters nor the share beyond a bucket: declare it by hand"
    slo = indicator.labels.get("sloth_slo")
    days = _vector(rules, "slo:time_period:days")
    period = "" if days in (None, DAYS) else f"; it was promised over {days:g} days, and is now over {DAYS}"
    name = _host(slo.text if slo else name)
    return Promise(name, ratio, shares, _because(rules), indicator.place, parsed(indicator.expr.text)), period


def _because(rules: Iterable[SeenRule]) -> str:
    texts = (rule.annotations.get(key) for rule in rules for key in ("summary", "description", "message"))
    return next((text.text.strip() for text in texts if text and text.text.strip() and "{{" not in text.text), "")


def _host(name: str) -> str:
    spelled = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-")
    return spelled if spelled[:1].isalpha() else f"objective-{spelled}"[:63].strip("-")


def _vector(rules: Sequence[SeenRule], name: str) -> float | None:
    """Return the number in `vector(0.999)` that a rule records."""
    for rule in rules:
        tree = parsed(rule.expr.text) if rule.name == name else None
        if isinstance(tree, Call) and tree.function == "vector":
            number = bare(tree.args[0])
            return round(number.value, 9) if isinstance(number, Number) else None
    return None


def _budgeted(rules: Sequence[SeenRule]) -> float | None:
    """Return the objective in Pyrra's `> (14 * (1-0.99))`, if all say the same."""
    found = set()
    for tree in (parsed(rule.expr.text) for rule in rules if rule.kind == "alert"):
        for node in tree.walk() if tree else ():
            if isinstance(node, Binary) and node.op == "-":
                one, promised = bare(node.left), bare(node.right)
                if isinstance(one, Number) and one.value == 1 and isinstance(promised, Number):
                    found.add(round(promised.value, 9))
    return found.pop() if len(found) == 1 else None


def _shares(rule: SeenRule) -> Shares | None:
    """Return what an error ratio is the share of; None if it has another shape than one that is known."""
    tree = parsed(rule.expr.text)
    node = bare(tree) if tree else None
    if isinstance(node, Binary) and node.op == "-":
        one, ratio = bare(node.left), bare(node.right)
        if isinstance(one, Number) and one.value == 1 and isinstance(ratio, Binary) and ratio.op == "/":
            return _beyond(_rated(ratio.right), _rated(ratio.left))
        return None
    if not isinstance(node, Binary) or node.op != "/":
        return None
    above, total = bare(node.left), _rated(node.right)
    if isinstance(above, Binary) and above.op == "-":
        return _beyond(total, _rated(above.right)) if _same(total, _rated(above.left)) else None
    bad = _rated(above)
    counted = (bad is not None and total is not None and bad.metric == total.metric) or _counters(bad, total)
    return Shares(total, bad=bad) if counted and total and bad else None


def _counters(*selectors: Selector | None) -> bool:
    return all(each is not None and each.metric.endswith("_total") for each in selectors)


def _beyond(total: Selector | None, good: Selector | None) -> Shares | None:
    if total is None or good is None or good.metric != f"{total.metric.removesuffix('_count')}_bucket":
        return None
    le = [each for each in good.matchers if each.label == "le"]
    rest = [(each.label, each.operator, each.value) for each in good.matchers if each.label != "le"]
    narrowed = any(each.label not in TARGET_LABELS for each in total.matchers)
    if narrowed or len(le) != 1 or le[0].operator != "=" or sorted(rest) != sorted(_matched(total)):
        return None
    return Shares(total, good=good)


def _same(one: Selector | None, other: Selector | None) -> bool:
    return one is not None and other is not None and one.metric == other.metric and _matched(one) == _matched(other)


def _matched(selector: Selector) -> list[tuple[str, str, str]]:
    return [(each.label, each.operator, each.value) for each in selector.matchers]


def _rated(node: Node) -> Selector | None:
    """Return the selector in `sum(rate(x[5m]))`, also before `or vector(0)` or `> 0`; None if it is anything else."""
    node = bare(node)
    if isinstance(node, Binary):
        other = bare(node.right)
        empty = node.op == "or" and isinstance(other, Call) and other.function == "vector"
        idle = node.op == ">" and isinstance(other, Number) and other.value == 0
        node = bare(node.left) if empty or idle else node
    if not isinstance(node, Aggregate) or node.op != "sum" or node.by or node.without:
        return None
    call = bare(node.expr)
    if not isinstance(call, Call) or call.function not in ("rate", "increase"):
        return None
    inner = bare(call.args[0])
    return inner if isinstance(inner, Selector) and not inner.offset and not inner.pinned else None


def failing(shares: Shares) -> Matcher | None:
    """Return the matcher that asks our own requests for a status, if that is all that makes them bad."""
    bad, total = shares.bad, shares.total
    if bad is None or bad.metric not in HTTP_COUNTS or total.metric not in HTTP_COUNTS:
        return None
    own = [each for each in bad.matchers if each.label not in TARGET_LABELS]
    others = [each for each in total.matchers if each.label not in TARGET_LABELS]
    if len(own) != 1 or others or own[0].operator != "=~" or own[0].label not in STATUS:
        return None
    targets = [each for each in _matched(bad) if each[0] in TARGET_LABELS]
    return own[0] if sorted(targets) == sorted(_matched(total)) else None


def all_fives(matcher: Matcher) -> bool:
    """Tell whether a matcher asks for the statuses from 500 on, and for no others."""
    return _FIVE.fullmatch(matcher.value) is not None


def parsed(expr: str) -> Node | None:
    """Return the tree of *expr*, None if it is no PromQL."""
    return promql.parse(expr) if promql.syntax_problem(expr) is None else None
