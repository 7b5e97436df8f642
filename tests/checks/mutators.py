"""Bugs planted into rules that are right, one at a time: each mutator yields the rules that have its bug.

What it would leave as right as it was (the same series, a label that may have any value) is left out by rule, in the
mutator's own conditions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from tocsin.checks import Case
from tocsin.checks.case import Expression, Rule
from tocsin.model import Passage
from tocsin.promql.labels import Values
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Aggregate, Binary, Call, Matcher, Node, Number, Selector, Subquery, bare

Mutator = Callable[[Rule, Case], Iterator[Rule]]

RATES = ("rate", "increase")


def rewritten(rule: Rule, case: Case, text: str) -> Rule:
    """Return *rule* with another expression."""
    own = rule.expression
    passage = replace(own.passage, text=text)
    return replace(rule, expression=Expression.of(passage, own.subject, own.declared, case.world))


def edited(rule: Rule, case: Case, span: Span, text: str) -> Rule:
    """Return *rule* with *text* in place of a part of its expression."""
    whole = rule.expression.text
    return rewritten(rule, case, whole[: span.start] + text + whole[span.end :])


def nodes(rule: Rule) -> Iterator[Node]:
    """Yield every part of the rule's expression."""
    return (node for node, _ in rule.expression.nodes())


def under(rule: Rule, node: Node) -> str:
    """Return the text of a part."""
    return rule.expression.text[node.span.start : node.span.end]


def selectors(rule: Rule) -> Iterator[Selector]:
    """Yield every selector of a metric."""
    return (node for node in nodes(rule) if isinstance(node, Selector) and node.metric)


def calls(rule: Rule, *functions: str) -> Iterator[Call]:
    """Yield every call of the functions."""
    return (node for node in nodes(rule) if isinstance(node, Call) and node.function in functions)


def comparisons(rule: Rule) -> Iterator[Binary]:
    """Yield every comparison that an alert makes with a number, beside those that guard a denominator."""
    if rule.kind != "alert":
        return
    guards = {bare(node.right) for node in nodes(rule) if isinstance(node, Binary) and node.op == "/"}
    for node in nodes(rule):
        if isinstance(node, Binary) and node.filters and node not in guards and _bound(node.right) is not None:
            yield node


def _bound(node: Node) -> float | None:
    node = bare(node)
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Binary) and node.op == "*":
        factors = (_bound(node.left), _bound(node.right))
        return None if None in factors else math.prod(each for each in factors if each is not None)
    return None


def drop_rate(rule: Rule, case: Case) -> Iterator[Rule]:
    """A counter is taken as it is."""
    for call in calls(rule, *RATES):
        if isinstance(series := call.args[0], Selector):
            yield edited(rule, case, call.span, under(rule, series).partition("[")[0])


def drop_rate_for_average(rule: Rule, case: Case) -> Iterator[Rule]:
    """A counter is averaged as if it were a gauge."""
    for call in calls(rule, *RATES):
        yield edited(rule, case, call.named, "avg_over_time")


def misspell_metric(rule: Rule, case: Case) -> Iterator[Rule]:
    """A metric that there is not."""
    for series in selectors(rule):
        yield edited(rule, case, series.named, series.metric + "s")


def misspell_label(rule: Rule, case: Case) -> Iterator[Rule]:
    """A label that the metric has not."""
    for matcher, text in _matchers(rule):
        yield edited(rule, case, matcher.span, text.replace(matcher.label, matcher.label + "s", 1))


def misspell_value(rule: Rule, case: Case) -> Iterator[Rule]:
    """A value that the label never has, where it has values of its own."""
    for series in selectors(rule):
        for matcher in series.matchers:
            if matcher.operator == "=" and _values(case, series, matcher.label) is not None:
                yield edited(rule, case, matcher.span, f'{matcher.label}="nobody"')


def _matchers(rule: Rule) -> Iterator[tuple[Matcher, str]]:
    for series in selectors(rule):
        for matcher in series.matchers:
            yield matcher, rule.expression.text[matcher.span.start : matcher.span.end]


def _values(case: Case, series: Selector, label: str) -> Values:
    return case.world.metrics[series.metric].labels.values(label)


def shorten_range(rule: Rule, case: Case) -> Iterator[Rule]:
    """A range that holds hardly a scrape."""
    for call in calls(rule, *RATES):
        if isinstance(series := call.args[0], Selector):
            yield edited(rule, case, series.span, under(rule, series).partition("[")[0] + "[10s]")


def drop_le(rule: Rule, case: Case) -> Iterator[Rule]:
    """A quantile of what has no `le` any more."""
    for node in nodes(rule):
        if isinstance(node, Aggregate) and node.by and "le" in node.by:
            yield edited(rule, case, node.grouping, "by (service)")


def take_base(rule: Rule, case: Case) -> Iterator[Rule]:
    """The histogram's own name, which no series has."""
    for series in selectors(rule):
        for ending in ("_bucket", "_sum", "_count"):
            base = series.metric.removesuffix(ending)
            if base != series.metric and base in case.world.bases:
                yield edited(rule, case, series.named, base)


def average_quantiles(rule: Rule, case: Case) -> Iterator[Rule]:
    """An average of quantiles."""
    for call in calls(rule, "histogram_quantile"):
        text = under(rule, call).replace("by (le)", "by (le, instance)")
        yield edited(rule, case, call.span, f"avg({text})")


def exceed_buckets(rule: Rule, case: Case) -> Iterator[Rule]:
    """A quantile compared with what no bucket can tell."""
    for call in calls(rule, "histogram_quantile"):
        top = rule.expression.shapes[call].values.high
        yield edited(rule, case, call.span, f"({under(rule, call)} > {top * 2:g})")


def hit_between_buckets(rule: Rule, case: Case) -> Iterator[Rule]:
    """A quantile compared with what lies between two buckets."""
    for call in calls(rule, "histogram_quantile"):
        bounds = next((rule.expression.shapes[node].bounds for node in call.walk() if isinstance(node, Selector)), None)
        if bounds:
            middle = (bounds[-2] + bounds[-1]) / 2
            yield edited(rule, case, call.span, f"({under(rule, call)} > {middle:g})")


def misspell_le(rule: Rule, case: Case) -> Iterator[Rule]:
    """A bound as Prometheus does not write it."""
    for matcher, text in _matchers(rule):
        if matcher.label == "le" and matcher.value.endswith(".0"):
            yield edited(rule, case, matcher.span, text.replace(".0", ""))


def miss_bucket(rule: Rule, case: Case) -> Iterator[Rule]:
    """A bound that is no bucket."""
    for matcher, _ in _matchers(rule):
        if matcher.label == "le":
            yield edited(rule, case, matcher.span, 'le="7.77"')


def drop_comparisons(rule: Rule, case: Case) -> Iterator[Rule]:
    """An alert without its conditions; what it asks of absence is one of its own."""
    within = {part for call in calls(rule, "absent") for part in call.walk()}
    found = [node for node in comparisons(rule) if node not in within]
    if found and not any(
        "absent" in under(rule, node) for node in nodes(rule) if isinstance(node, Binary) and node.op == "or"
    ):
        text = rule.expression.text
        for node in sorted(found, key=lambda node: -node.operator.start):
            text = text[: node.left.span.end] + text[node.right.span.end :]
        yield rewritten(rule, case, text)


def exceed_values(rule: Rule, case: Case) -> Iterator[Rule]:
    """A threshold that is out of reach, or that everything reaches."""
    for node in comparisons(rule):
        values = rule.expression.shapes[node.left].values
        for beyond, far in ((values.high * 5, values.high), (values.low - 1, values.low)):
            if math.isfinite(far):
                yield edited(rule, case, node.right.span, f"{beyond:g}")


def split_one_side(rule: Rule, case: Case) -> Iterator[Rule]:
    """A label that only one of two sides has."""
    for node in nodes(rule):
        if isinstance(node, Binary) and node.op == "/" and node.on is None:
            for side in (bare(node.left), bare(node.right)):
                if isinstance(side, Aggregate) and side.by is None and side.without is None:
                    yield edited(rule, case, side.named, f"{side.op} by (instance)")


def compare_inside(rule: Rule, case: Case) -> Iterator[Rule]:
    """What should be compared when it is added up is compared before."""
    for node in comparisons(rule):
        left = bare(node.left)
        if isinstance(left, Aggregate) and node.op in (">", ">=") and _bound(node.right):
            inner = f"{left.op}({under(rule, left.expr)} {node.op} {under(rule, node.right)})"
            yield edited(rule, case, node.span, inner)


def rate_a_sum(rule: Rule, case: Case) -> Iterator[Rule]:
    """The rate of a sum, which takes each restart for a burst."""
    for node in nodes(rule):
        rate = bare(node.expr) if isinstance(node, Aggregate) and node.op == "sum" else None
        if isinstance(rate, Call) and rate.function in RATES and isinstance(series := rate.args[0], Selector):
            metric, _, over = under(rule, series).partition("[")
            yield edited(rule, case, node.span, f"{rate.function}(sum({metric})[{over[:-1]}:])")


def rate_a_gauge(rule: Rule, case: Case) -> Iterator[Rule]:
    """The rate of what is no counter."""
    for series in selectors(rule):
        if case.world.metrics[series.metric].nature in ("gauge", "timestamp") and series.range is None:
            yield edited(rule, case, series.span, f"rate({under(rule, series)}[5m])")


def mix_units(rule: Rule, case: Case) -> Iterator[Rule]:
    """Bytes among seconds."""
    for node in nodes(rule):
        unit = rule.expression.shapes[node].unit
        if isinstance(node, Aggregate) and unit is not None and unit.powers and unit.scale is not None:
            yield edited(rule, case, node.span, f"({under(rule, node)} + sum(process_resident_memory_bytes))")


def choose_some(rule: Rule, case: Case) -> Iterator[Rule]:
    """An alert on a few series that are others at every moment."""
    if rule.kind == "alert":
        yield rewritten(rule, case, f"topk(3, up == 0 or {rule.expression.text})")


def break_syntax(rule: Rule, case: Case) -> Iterator[Rule]:
    """A parenthesis too few."""
    if ")" in rule.expression.text:
        before, _, after = rule.expression.text.rpartition(")")
        yield rewritten(rule, case, before + after)


def match_everything(rule: Rule, case: Case) -> Iterator[Rule]:
    """A matcher that leaves nothing out."""
    for matcher, _ in _matchers(rule):
        yield edited(rule, case, matcher.span, f'{matcher.label}=~".*"')


def forget_absence(rule: Rule, case: Case) -> Iterator[Rule]:
    """An alert that says nothing when its series are gone, nor does another for it."""
    for node in nodes(rule):
        if (
            rule.kind == "alert"
            and isinstance(node, Binary)
            and node.op == "or"
            and "absent" in under(rule, node.right)
        ):
            yield rewritten(rule, case, under(rule, node.left))


def forget_lasting(rule: Rule, _: Case) -> Iterator[Rule]:
    """An alert on absence that rings at the first scrape that is lost."""
    asked = rule.expression.tree
    while isinstance(asked, Binary) and asked.op == "unless":
        asked = bare(asked.left)
    spine = [asked, *(asked.children() if isinstance(asked, Binary) and asked.op == "or" else ())]
    if rule.kind == "alert" and any(
        isinstance(bare(part), Call) and "absent(" in under(rule, part) for part in spine if part
    ):
        yield replace(rule, lasting=0.0)


def _said(rule: Rule, name: str, text: str) -> Rule:
    return replace(rule, annotations={**rule.annotations, name: Passage(text)})


def name_no_label(rule: Rule, _: Case) -> Iterator[Rule]:
    """A text with a label that the result has not."""
    if rule.kind == "alert":
        yield _said(rule, "summary", "On {{ $labels.pod }} something is wrong.")


def break_template(rule: Rule, _: Case) -> Iterator[Rule]:
    """A text that is no template."""
    if rule.kind == "alert":
        yield _said(rule, "summary", "{{ $labels.service } is down.")


def label_with_value(rule: Rule, _: Case) -> Iterator[Rule]:
    """A label that makes each value another alert."""
    if rule.kind == "alert":
        yield replace(rule, labels={**rule.labels, "value": Passage("{{ $value }}")})


def lose_route(rule: Rule, _: Case) -> Iterator[Rule]:
    """A severity that no route leads anywhere."""
    if rule.kind == "alert" and rule.labels["severity"].text != "none":
        yield replace(rule, labels={**rule.labels, "severity": Passage("urgent")})


def lose_runbook(rule: Rule, _: Case) -> Iterator[Rule]:
    """An alert without a page."""
    if rule.annotations.get("runbook_url"):
        yield replace(
            rule, annotations={name: text for name, text in rule.annotations.items() if name != "runbook_url"}
        )


def promise_too_much(rule: Rule, _: Case) -> Iterator[Rule]:
    """An alert that promises to ring before its `for` is over."""
    if rule.kind == "alert" and rule.lasting >= 60 and rule.within:
        yield replace(rule, within=rule.lasting / 2)


def hurry(rule: Rule, _: Case) -> Iterator[Rule]:
    """A `for` that is over before the rule is evaluated again."""
    if rule.kind == "alert":
        yield replace(rule, lasting=1.0)


def subquery_without_rate(rule: Rule, case: Case) -> Iterator[Rule]:
    """The highest count there was, for the highest rate."""
    for call in calls(rule, "rate"):
        if isinstance(series := call.args[0], Selector) and not any(isinstance(n, Subquery) for n in nodes(rule)):
            metric = under(rule, series).partition("[")[0]
            yield edited(rule, case, call.span, f"max_over_time({metric}[1h:1m])")


MUTATORS: tuple[Mutator, ...] = (
    drop_rate,
    drop_rate_for_average,
    subquery_without_rate,
    misspell_metric,
    misspell_label,
    misspell_value,
    shorten_range,
    drop_le,
    take_base,
    average_quantiles,
    exceed_buckets,
    hit_between_buckets,
    misspell_le,
    miss_bucket,
    drop_comparisons,
    exceed_values,
    split_one_side,
    compare_inside,
    rate_a_sum,
    rate_a_gauge,
    mix_units,
    choose_some,
    break_syntax,
    match_everything,
    forget_absence,
    forget_lasting,
    name_no_label,
    break_template,
    label_with_value,
    lose_route,
    lose_runbook,
    promise_too_much,
    hurry,
)
