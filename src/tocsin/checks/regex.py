"""A label's pattern can never match, is no pattern, or has anchors that it need not have.

## Why it matters

Prometheus anchors a pattern on both ends: `=~"5"` matches only "5", not "500", and `=~"a$b"` nothing at all. A plain
text as a pattern looks as if it matched a part; and `^` and `$` look as if there were none elsewhere.

## Bad

```promql
sum(rate(http_requests_total{status_code=~"50"}[5m]))
```

## Good

```promql
sum(rate(http_requests_total{status_code=~"50."}[5m]))
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem, Severity
from tocsin.promql.tree import Matcher, Selector

ID = "promql/regex"

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
_WORD = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|.", re.DOTALL)
_VARIABLE = re.compile(r"\$[\w{]")
"""What may be a variable on a board."""
_OPENS, _CLOSES = ("", "(", "(?:", "|"), ("", ")", "|")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each pattern that is none, or not what it looks like."""
    ruled = {rule.expression for rule in case.rules}
    for expression in case.expressions:
        for node, _ in expression.nodes():
            for matcher in node.matchers if isinstance(node, Selector) else ():
                pattern = matcher.operator in ("=~", "!~") and matcher.label != "__name__"
                if pattern and (expression in ruled or not _VARIABLE.search(matcher.value)):
                    for severity, message in _judge(matcher):
                        yield expression.problem(ID, matcher.span, message, severity)


def _judge(matcher: Matcher) -> Iterator[tuple[Severity, str]]:
    pattern, plain = matcher.value, "=" if matcher.operator == "=~" else "!="
    if pattern and not _META.search(pattern):
        yield "warning", f"a pattern is anchored on both ends, so this is {plain}: write {plain}, or add .* around it"
        return
    words = ["", *_WORD.findall(pattern), ""]
    places = [(words[at - 1], word, words[at + 1]) for at, word in enumerate(words) if word in ("^", "$")]
    if any(_astray(before, word, after) for before, word, after in places):
        yield "error", "^ and $ stand for the ends of the whole value: in the middle of a pattern nothing matches them"
    elif places:
        yield "warning", "a pattern is anchored on both ends anyway: leave out ^ and $"


def _astray(before: str, word: str, after: str) -> bool:
    """Tell whether an anchor stands where there must be something beyond it."""
    if word == "^":
        return before not in (*_OPENS, "^") and before not in ("*", "?", "+", "}")
    return after not in (*_CLOSES, "$") and after not in ("*", "?", "+", "{")
