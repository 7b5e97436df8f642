"""What Prometheus reads and what is read here are the same, and every part stands where it says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.promql.grammar import BROKEN, EXPRESSIONS
from tocsin import promql
from tocsin.promql.labels import matches
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Matcher, Node
from tocsin.stack import tools

MANY = settings(phases=[Phase.generate], max_examples=12, suppress_health_check=[*HealthCheck])
REFUSED = re.compile(r'rule (\d+), "r": ')
NEWER = re.compile(r"unknown function|unexpected string .* in (grouping|label)")
"""What promtool 2.42 says of the language of Prometheus 3, which is read here too."""


def refused(exprs: list[str], folder: Path) -> dict[int, str]:
    """Return which of the expressions promtool refuses, and why."""
    rules = [{"record": "r", "expr": expr} for expr in exprs]
    file = folder / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    told = subprocess.run(
        [tools.find("promtool"), "check", "rules", "--lint=none", file], check=False, capture_output=True, text=True
    ).stderr
    lines = [(REFUSED.search(line), line) for line in told.splitlines()]
    found = {int(match[1]) - 1: line for match, line in lines if match}
    assert found or "FAILED" not in told, told
    return found


@MANY
@given(st.lists(EXPRESSIONS | BROKEN, min_size=150, max_size=150))
def test_what_promtool_reads_is_read_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, made: list[str]
) -> None:
    exprs = [expr for expr in made if expr.strip()]
    theirs = refused(exprs, tmp_path_factory.mktemp("rules"))
    ours = {index: found for index, expr in enumerate(exprs) if (found := promql.syntax_problem(expr))}
    lost = [(exprs[index], ours[index].message) for index in ours.keys() - theirs.keys()]
    let_by = [(exprs[index], theirs[index]) for index in theirs.keys() - ours.keys() if not NEWER.search(theirs[index])]
    assert (lost, let_by) == ([], [])


def shown(node: Node) -> object:
    """Return a part without the places."""
    fields = [getattr(node, name) for name in node.__dataclass_fields__ if name not in ("named", "grouping", "span")]
    return type(node).__name__, *[_shown(field) for field in fields if type(field).__name__ != "Span"]


def _shown(field: object) -> object:
    if isinstance(field, Node):
        return shown(field)
    if isinstance(field, tuple):
        return tuple(map(_shown, field))
    if isinstance(field, Matcher):
        return field.label, field.operator, field.value
    return repr(field)


@settings(max_examples=400)
@given(EXPRESSIONS)
def test_the_text_under_a_part_is_that_part(expr: str) -> None:
    if promql.syntax_problem(expr):
        return
    for node in promql.parse(expr).walk():
        text = expr[node.span.start : node.span.end]
        assert text == text.strip()
        assert shown(promql.parse(text)) == shown(node)


@pytest.mark.parametrize("character", list("()[]{},\"'`#=~!<>+-*/^%:@.5mé\\\0\n"))
@pytest.mark.parametrize("before", ["", "a", "a{b=", "sum by (", "rate(a[", "a offset ", "a + "])
def test_a_long_text_of_one_character_is_answered(before: str, character: str) -> None:
    promql.syntax_problem(before + character * 99_000)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a{1,9}){1,9}b", "a*a*a*a*a*a*a*a*a*b"])
def test_a_pattern_that_python_would_never_finish_is_unknown(pattern: str) -> None:
    matcher = Matcher("x", "=~", pattern, Span(0, 1))
    assert matches(matcher, "a" * 60)
