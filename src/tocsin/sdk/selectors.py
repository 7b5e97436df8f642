"""Selectors of a service's own series: read from text, and asked which labels they select."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tocsin.model import OTHER, Label, Matcher, Selector, Signal, TocsinError

_SELECTOR = re.compile(r"\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(?P<inside>.*)\}\s*)?", re.DOTALL)
_PAIR = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read(text: str, signals: Mapping[str, Signal]) -> Selector:
    """Read a selector as PromQL writes it, `orders_total` or `orders_total{kind="web"}`.

    Raises:
        TocsinError: it is none, or none of these *signals*.

    """
    found = _SELECTOR.fullmatch(text)
    if found is None:
        raise TocsinError(f'{text!r} selects nothing: write something like orders_total{{kind="web"}}.')
    selector = Selector(known(found["name"], signals))
    for label, matcher in _matchers(text, found["inside"] or ""):
        selector = selector.where(**{label: matcher})
    return selector


def known(name: object, signals: Mapping[str, Signal]) -> Signal:
    """Return the signal of a name.

    Raises:
        TocsinError: there is none.

    """
    if not isinstance(name, str) or name not in signals:
        choice = f"choose from {', '.join(signals)}" if signals else "it has none"
        raise TocsinError(f"The service records no signal {name!r}: {choice}.")
    return signals[name]


def selects(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Tell whether the series of *labels* is among those selected; what Prometheus adds to them counts as fitting."""
    return all(_holds(matcher, labels[name]) for name, matcher in selector.matchers if name in labels)


def nearest(selector: Selector, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of a selected series that keep of *labels* what they can.

    Raises:
        TocsinError: no value of a label is known that is selected.

    """
    matchers = dict(selector.matchers)
    return {
        label.name: _nearest(selector, label, matchers.get(label.name), labels.get(label.name))
        for label in selector.signal.labels
    }


def _nearest(selector: Selector, label: Label, matcher: Matcher | None, own: str | None) -> str:
    for value in _values(label, matcher, own):
        if matcher is None or _holds(matcher, value):
            return value
    raise TocsinError(f"{selector} selects no value of {label.name} that is known: name one with =.")


def _values(label: Label, matcher: Matcher | None, own: str | None) -> Iterator[str]:
    if own is not None and (not label.closed or own in label.domain):
        yield own
    if label.closed:
        yield from label.domain
    elif matcher is not None and matcher.operator == "=":
        yield matcher.value
    else:
        yield OTHER


def _holds(matcher: Matcher, value: str) -> bool:
    same = re.fullmatch(matcher.value, value) is not None if "~" in matcher.operator else value == matcher.value
    return same == matcher.operator.startswith("=")


def _matchers(text: str, inside: str) -> Iterator[tuple[str, Matcher]]:
    at = 0
    while inside[at:].strip():
        pair = _PAIR.match(inside, at)
        if pair is None:
            raise TocsinError(f'{text!r} cannot be read from {inside[at:]!r} on: write matchers like kind="web".')
        label, operator, value = pair.groups()
        yield label, _matcher(operator, _ESCAPED.sub(lambda at: "\n" if at[1] == "n" else at[1], value))
        at = pair.end()


def _matcher(operator: str, value: str) -> Matcher:
    if "~" in operator:
        try:
            re.compile(value)
        except re.error as error:
            raise TocsinError(f"The expression {value!r} cannot be read: {error}.") from error
    return Matcher(operator, value)  # type: ignore[arg-type]  # the pattern reads no other
