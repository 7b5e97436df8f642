"""README.md shows what is so: its declaration is one, and its problems are what `tocsin check` says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import typer

from tocsin.cli import app, reference

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


SERVED = """\
import tocsin
from starlette.applications import Starlette
from starlette.testclient import TestClient
app = Starlette()
{use}
print(TestClient(app).get("/metrics").text)
"""


def test_the_service_that_it_declares_observes_an_application_and_counts() -> None:
    declaration, use = re.findall(r"^```python\n(.+?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    command = [sys.executable, "-c", declaration + SERVED.format(use=use)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert '\nvoice_commands_total{intent="order"} 1\n' in said


def test_every_verb_is_named_in_the_table() -> None:
    named = {" ".join(words.split()) for words in re.findall(r"`(tocsin(?: [a-z]+)+)", PAGE)}
    lacking = [
        verb
        for verb, _ in reference.commands(typer.main.get_command(app))
        if not any(f"{each} ".startswith(f"{verb} ") for each in named)
    ]
    assert lacking == [], f"name {', '.join(lacking)} in README.md, below `## The verbs`"


def test_each_problem_that_it_shows_is_said_of_the_alerts_of_the_example(tmp_path: Path) -> None:
    shown = PAGE.partition("    $ tocsin check --rules alerts.yaml --metrics metrics.txt\n")[2].partition("\n\n")[0]
    (tmp_path / "metrics.txt").write_text(METRICS)
    shutil.copy(ROOT / "docs/examples/foreign/alerts.yaml", tmp_path)
    command = [sys.executable, "-m", "tocsin.cli", "check", "--rules", "alerts.yaml", "--metrics", "metrics.txt"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stderr
    problems = re.split(r"\n(?=alerts)", re.sub(r"(?m)^ {4}", "", shown))
    assert len(problems) == 2
    assert [problem for problem in problems if problem.rstrip() not in said] == []
