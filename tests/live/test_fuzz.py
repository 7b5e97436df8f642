"""Whatever a file holds, it is read, skipped or refused: no traceback, and no wait."""

from __future__ import annotations

import json
from functools import lru_cache
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin import source
from tocsin.checks import from_files, judge
from tocsin.live.dashboards import read_dashboards
from tocsin.live.exposition import read_exposition
from tocsin.live.rules import read_rules
from tocsin.live.written import Source
from tocsin.model import Observation

BOARD = json.dumps(
    {
        "title": "D",
        "description": "tocsin: allow board/no-unit because so",
        "templating": {"list": [{"name": "job", "query": "label_values(up, job)", "current": {"value": "$__all"}}]},
        "panels": [
            {
                "title": "P",
                "type": "timeseries",
                "fieldConfig": {"defaults": {"unit": "s"}},
                "datasource": {"type": "prometheus"},
                "targets": [{"expr": 'sum(rate(a_total{job=~"$job"}[$__rate_interval])) / $most'}],
            }
        ],
    },
    indent=1,
)
EXPOSITION = (
    '# HELP a_total "A".\n# TYPE a_total counter\na_total{b="c\\"d",e="f"} 1e3 17\n'
    '# TYPE h histogram\nh_bucket{le="1"} 1 # {t="x"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n# EOF\n'
)
PIECES = st.sampled_from(
    [
        *"{}[]:,-|>'\"&*!#%@\n\t \\",
        "<<: ",
        "{{ x }}",
        "{% y %}",
        "${z}",
        "[[",
        "- alert: A\n",
        "expr: ",
        "groups:",
        "\\ud83d",
    ]
) | st.text(max_size=8)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES), max_size=6)


@lru_cache
def real() -> tuple[str, ...]:
    folder = source.project_root() / "monitoring" / "prometheus" / "rules"
    return tuple("".join(file.read_text().splitlines(keepends=True)[:80]) for file in sorted(folder.glob("*.yaml")))


def edited(text: str, edits: list[tuple[float, int, str]]) -> str:
    for where, gone, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + gone :]
    return text


def judge_all(rules: str, board: str, exposition: str) -> None:
    read, boards = read_rules(Source("r.yaml", rules)), read_dashboards(Source("d.json", board))
    metrics, skipped = read_exposition(exposition, "m")
    seen = Observation(
        rules=tuple(read.rules),
        boards=tuple(boards.boards),
        metrics=metrics,
        allowances=(*read.allowances, *boards.allowances),
        skipped=(*read.skipped, *boards.skipped, *skipped),
        refused=(*read.refused, *boards.refused),
    )
    lines = {"r.yaml": rules.count("\n") + rules.count("\r") + 1, "d.json": board.count("\n") + board.count("\r") + 1}
    for problem in judge(from_files(seen, 15.0)):
        if problem.place is not None:
            assert 1 <= problem.place.line <= lines[problem.place.file]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, 20), EDITS, EDITS, EDITS)
def test_damaged_files_are_judged(
    which: int,
    in_rules: list[tuple[float, int, str]],
    in_board: list[tuple[float, int, str]],
    in_exposition: list[tuple[float, int, str]],
) -> None:
    rules = real()[which % len(real())]
    judge_all(edited(rules, in_rules), edited(BOARD, in_board), edited(EXPOSITION, in_exposition))


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_anything_at_all_is_read(text: str) -> None:
    judge_all(text, text, text)
    read_dashboards(Source("d.yaml", text))
    read_rules(Source("r.json", text))


@pytest.mark.parametrize(
    "large",
    [
        "groups: [" + "{name: a, rules: [{alert: A, expr: up}]}, " * 2400 + "]",
        "groups:\n- name: a\n  rules:\n" + "  - alert: A\n    expr: |\n      up\n      == 0\n" * 2000,
        "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: >-\n" + "      up or\n\n" * 8000,
        "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: '" + "''" * 50_000 + "'\n",
        'groups:\n- name: a\n  rules:\n  - alert: A\n    expr: "' + "\\u0041" * 16_000 + '"\n',
        "groups: &g\n- &h {name: a, rules: [&r {alert: A, expr: up}, *r, *r]}\n" + "- *h\n" * 20_000,
        "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up" + " " * 90_000 + "== 0\n",
        "# tocsin: allow x because y\n" * 3500,
        '{"panels": [' * 8000,
        '{"panels": [' + '{"targets": [{"expr": "up{a=\\"$b\\"}"}]},' * 2300 + "0]}",
        '{"panels": [{"targets": [{"expr": "' + "$__range_s + " * 7000 + '1"}]}]}',
        '{"panels": [{"targets": [{"expr": "' + "[$a" * 30_000 + '"}]}]}',
        '{"panels": [{"targets": [{"expr": "' + "${a" * 30_000 + '"}]}]}',
        '{"panels": [{"targets": [{"expr": "' + '\\\\\\"=' * 20_000 + '"}]}]}',
        '{"a": "' + "\\\\" * 50_000,
        "a{" + 'b="c",' * 16_000,
        "a{b=" + '"c\\' * 25_000,
        "a 1\n" * 25_000,
        "{{" * 50_000,
        "${" * 50_000,
    ],
    ids=range(20),
)
def test_100_kb_of_anything_takes_less_than_a_second_to_read(large: str) -> None:
    began = process_time()
    read_rules(Source("r.yaml", large))
    read_dashboards(Source("d.json", large))
    read_exposition(large, "m")
    assert process_time() - began < 1
