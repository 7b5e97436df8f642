"""README.md shows what is so: its declaration is one, and its problems are what `tocsin check` says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

import tocsin
from tocsin.model import Counter, Service

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")

METRICS = """\
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{method="GET",route="/",status_code="200",le="1"} 1
http_request_duration_seconds_bucket{method="GET",route="/",status_code="200",le="+Inf"} 1
http_request_duration_seconds_sum{method="GET",route="/",status_code="200"} 0.1
http_request_duration_seconds_count{method="GET",route="/",status_code="200"} 1
# TYPE orders_created_total counter
orders_created_total 1
# TYPE voice_commands_total counter
voice_commands_total{intent="order"} 1
"""


def python_blocks() -> list[str]:
    return re.findall(r"^```python\n(.+?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_service_that_it_declares_observes_an_application_and_counts() -> None:
    declaration, use = python_blocks()
    names: dict[str, Any] = {}
    exec(declaration, names)  # noqa: S102 - the page's own code
    assert isinstance(names["VOICE_COMMERCE"], Service)
    names.update(tocsin=tocsin, app=Starlette())
    exec(use, names)  # noqa: S102 - the page's own code
    assert isinstance(names["COMMANDS"], Counter)
    names["obs"].collector  # noqa: B018 - it observes


def test_each_problem_that_it_shows_is_said_of_the_alerts_of_the_example(tmp_path: Path) -> None:
    shown = PAGE.partition("    $ tocsin check --rules alerts.yaml --metrics metrics.txt\n")[2].partition("\n\n")[0]
    (tmp_path / "metrics.txt").write_text(METRICS)
    shutil.copy(ROOT / "docs/examples/foreign/alerts.yaml", tmp_path)
    command = [sys.executable, "-m", "tocsin.cli", "check", "--rules", "alerts.yaml", "--metrics", "metrics.txt"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stderr
    problems = re.split(r"\n(?=alerts)", re.sub(r"(?m)^ {4}", "", shown))
    assert len(problems) == 2
    assert [problem for problem in problems if problem.rstrip() not in said] == []
