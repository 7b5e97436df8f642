"""Feeds what the fuzzer thinks up to everything that reads a stranger's text; the first traceback ends it.

`python fuzz/judging.py KIND -max_total_time=60 CORPUS`, where KIND is one of expression, rules, dashboard, exposition.
A sentence of ours (TocsinError, Unreadable) is an answer, and so is what is skipped or refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin import promql
    from tocsin.checks import from_files, judge
    from tocsin.live.dashboards import read_dashboards
    from tocsin.live.exposed import read_families
    from tocsin.live.exposition import read_exposition
    from tocsin.live.rules import read_rules
    from tocsin.live.written import Source
    from tocsin.model import Observation, TocsinError
    from tocsin.promql.infer import infer
    from tocsin.promql.shape import World

LONGEST = 100_000
SCRAPE = 15.0


def expression(text: str) -> None:
    infer(promql.parse(text), World())


def rules(text: str) -> None:
    found = read_rules(Source("rules.yaml", text))
    judge(from_files(Observation(rules=tuple(found.rules), allowances=tuple(found.allowances)), SCRAPE))


def dashboard(text: str) -> None:
    found = read_dashboards(Source("board.json", text))
    judge(from_files(Observation(boards=tuple(found.boards), allowances=tuple(found.allowances)), SCRAPE))


def exposition(text: str) -> None:
    read_families(text, "metrics.txt")
    metrics, _ = read_exposition(text, "metrics.txt")
    judge(from_files(Observation(metrics=metrics), SCRAPE))


KINDS: dict[str, Callable[[str], None]] = {
    "expression": expression,
    "rules": rules,
    "dashboard": dashboard,
    "exposition": exposition,
}


def main() -> None:
    """Fuzz one kind for as long as libFuzzer's options say."""
    kind = KINDS[sys.argv.pop(1)]

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "replace")[:LONGEST]
        try:
            kind(text)
        except (TocsinError, promql.Unreadable):
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
