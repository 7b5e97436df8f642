from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks import Problem, from_files, judge
from tocsin.live.rules import read_rules
from tocsin.live.written import Source
from tocsin.model import Observation, Place

RULES = """\
groups:
- name: group
  interval: 30s
  rules:
{above}
  - record: a:b
{within}
    expr: up == (
  - record: c:d
    expr: up == [
"""
ALLOW = "tocsin: allow promql/syntax because it is for a newer Prometheus"


def found(above: str = "", within: str = "") -> Iterator[tuple[str, int]]:
    file = read_rules(Source("r.yaml", RULES.format(above=above, within=within)))
    case = from_files(Observation(rules=tuple(file.rules), allowances=tuple(file.allowances)), 15.0)
    for problem in judge(case):
        assert problem.place is not None
        yield problem.check, problem.place.line


def test_a_comment_above_or_within_a_rule_allows_there_and_nowhere_else() -> None:
    assert list(found()) == [("promql/syntax", 8), ("promql/syntax", 10)]
    assert list(found(above=f"  # {ALLOW}")) == [("promql/syntax", 10)]
    assert list(found(within=f"    # {ALLOW}")) == [("promql/syntax", 10)]


def test_a_comment_that_nothing_needs_is_a_warning() -> None:
    left = list(found(above=f"  # {ALLOW.replace('syntax', 'undeclared')}"))
    assert left == [("promql/syntax", 8), ("promql/syntax", 10), ("check/unused-allowance", 5)]


def test_a_reason_is_required_and_so_is_a_check_that_exists() -> None:
    assert list(found(above="  # tocsin: allow promql/syntax")) == [
        ("promql/syntax", 10),
        ("check/unexplained-allowance", 5),
    ]
    assert ("check/unknown-allowance", 5) in list(found(above="  # tocsin: allow promql/x because y"))
    assert ("check/unknown-allowance", 5) in list(found(above="  # tocsin: ignore promql/syntax"))


def test_the_comments_themselves_cannot_be_allowed() -> None:
    above = "  # tocsin: allow check/unexplained-allowance because so\n  # tocsin: allow promql/syntax"
    assert ("check/unexplained-allowance", 6) in list(found(above=above))


def test_where_a_problem_stands_can_be_told_by_somebody_else() -> None:
    file = read_rules(Source("r.yaml", RULES.format(above=f"  # {ALLOW}", within="")))
    case = from_files(Observation(rules=tuple(file.rules), allowances=tuple(file.allowances)), 15.0)

    def elsewhere(problem: Problem) -> Place:
        return Place("r.yaml", 6 if problem.subject == "c:d" else 99, 1)

    assert [problem.subject for problem in judge(case, elsewhere)] == ["a:b"]
