"""What of PromQL not every supported Prometheus reads: 2.42 and its successors, up to 3.

Sources: Prometheus's changelog (each function's version) and its migration guide to 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.promql.tokens import Span, Token, tokens

RENAMED = {"holt_winters": "double_exponential_smoothing"}
"""Functions that Prometheus 3 has under another name."""

_SINCE = {
    "histogram_stddev": "2.47",
    "histogram_stdvar": "2.47",
    "mad_over_time": "2.49",
    "sort_by_label": "2.49",
    "sort_by_label_desc": "2.49",
    "histogram_avg": "2.51",
    "limitk": "2.54",
    "limit_ratio": "2.54",
    "info": "3.0",
    "double_exponential_smoothing": "3.0",
    "ts_of_min_over_time": "3.5",
    "ts_of_max_over_time": "3.5",
    "ts_of_last_over_time": "3.5",
    "ts_of_first_over_time": "",
    "first_over_time": "",
    "histogram_quantiles": "",
    "start": "",
    "end": "",
    "range": "",
    "step": "",
    "fill": "",
    "fill_left": "",
    "fill_right": "",
}
"""The version that brought a word before a parenthesis; empty where that is newer than 2.42 and no more is known."""

_SOME = re.compile(rf"\b(?:{'|'.join((*RENAMED, *_SINCE))})\s*\(|[{{(,]\s*[\"'`]", re.IGNORECASE)
"""What looks like any of it."""

_LISTS = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))


def newer(expr: str) -> Iterator[tuple[Span, str]]:
    """Yield what of *expr*, which can be parsed, some versions of Prometheus refuse, and which."""
    if not _SOME.search(expr):
        return
    before: list[Token] = [Token("sign", "", Span(0, 0))] * 2
    opened: list[str] = []
    for word in tokens(expr):
        if word.text in ("(", "{"):
            yield from _called(before)
            opened.append(before[-1].text.lower() if word.text == "(" else "{")
        elif word.text in (")", "}") and opened:
            opened.pop()
        elif word.kind == "text" and _names(before[-1], opened):
            yield word.span, "only Prometheus 3.0 and later read a name in quotes"
        before = [before[-1], word]


def _called(before: list[Token]) -> Iterator[tuple[Span, str]]:
    word, at = before[-1], before[-2].text
    if word.kind != "name" or at == "@":  # `@ start()` is old
        return
    if word.text in RENAMED:
        yield word.span, f"Prometheus 3 refuses it: there it is {RENAMED[word.text]}"
    elif (since := _SINCE.get(word.text.lower())) is not None:
        yield word.span, f"only Prometheus {since or 'newer than 2.42'} {'and later read' if since else 'reads'} it"


def _names(before: Token, opened: list[str]) -> bool:
    """Tell whether a text after *before* is a name: of a metric or a label, not a value or an argument."""
    return bool(opened) and (opened[-1] == "{" or opened[-1] in _LISTS) and before.text in ("{", "(", ",")
