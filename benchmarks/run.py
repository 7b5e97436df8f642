"""Measures every figure of the SDK beside its peers, prints it, and writes RESULTS.md.

Each benchmark runs in a process of its own. `python benchmarks/run.py --quick` takes a fifth of the time, and writes
nothing; names of benchmarks run those alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import wrk
from results import Table, keep, read

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
BENCHMARKS: dict[str, tuple[list[str], float]] = {
    "asgi": (["asgi.py", "plain"], 10),
    "asgi-starlette": (["asgi.py", "starlette"], 25),
    "asgi-fastapi": (["asgi.py", "fastapi"], 40),
    "wsgi": (["wsgi.py", "plain"], 10),
    "wsgi-flask": (["wsgi.py", "flask"], 25),
    "lines": (["lines.py"], 20),
    "exposition": (["exposition.py"], 24),
    "workers": (["workers.py"], 20),
    "whole": (["whole.py"], 125),
    "logs": (["logs.py"], 120),
}
"""The command of each, and about how many seconds it measures."""

PACKAGES = (
    "fastapi",
    "starlette",
    "flask",
    "uvicorn",
    "orjson",
    "prometheus-client",
    "prometheus-fastapi-instrumentator",
    "starlette-exporter",
    "prometheus-flask-exporter",
    "opentelemetry-sdk",
    "opentelemetry-instrumentation-asgi",
    "sentry-sdk",
    "structlog",
    "python-json-logger",
    "loguru",
    "google-cloud-logging",
    "duckdb",
    "chdb",
)


def machine() -> str:
    """Say what the figures were measured with."""
    processor = next((line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    memory = psutil.virtual_memory().total / 2**30
    today = datetime.now(UTC).date()
    said = [
        f"Measured on {today} by `make bench` on {psutil.cpu_count()} cores of {processor or 'unknown'},",
        f"{memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}.",
        "Ratios count, and hold between machines; microseconds do not.",
    ]
    return "\n".join(said) + "\n\n" + ", ".join(f"{package} {version(package)}" for package in PACKAGES) + ".\n"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def measured(name: str, command: list[str], seconds: float) -> list[Table]:
    """Run a benchmark; it prints its table itself."""
    sys.stderr.write(f"{name}: about {seconds:.0f} s ...\n\n")
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "result.json"
        script, *arguments = command
        python = [sys.executable, str(HERE / script), *arguments, "--seconds", f"{seconds}", "--into", str(into)]
        environ = {**os.environ, "PYTHONHASHSEED": "0"}
        if subprocess.run(python, check=False, env=environ).returncode:
            sys.exit(f"The benchmark {name} failed.")
        return read(into)


def written(tables: list[Table]) -> str:
    """Return RESULTS.md."""
    goals = [goal for table in tables for goal in table.goals]
    summary = "\n".join(f"- {goal.sentence()}" for goal in goals)
    parts = ["# Results", machine(), "## Goals", summary, *(table.text() for table in tables)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def main() -> None:
    """Run what the command line names, or everything."""
    parser = argparse.ArgumentParser(description="Measure the SDK beside its peers.")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all without")
    parser.add_argument("--quick", action="store_true", help="take a fifth of the time")
    given = parser.parse_args()
    unknown = set(given.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}: there are {', '.join(BENCHMARKS)}.")
    wrk.find()
    tables: list[Table] = []
    for name in given.names or BENCHMARKS:
        command, seconds = BENCHMARKS[name]
        tables += measured(name, command, seconds / 5 if given.quick else seconds)
    text = written(tables)
    sys.stdout.write(text[: text.index("\n\n## ", text.index("## Goals") + 1)] + "\n")
    if not given.names and not given.quick:
        before = RESULTS.read_text(encoding="utf-8")
        RESULTS.write_text(text, encoding="utf-8")
        keep(before, RESULTS)
        sys.stderr.write("\nWritten to benchmarks/RESULTS.md.\n")


if __name__ == "__main__":
    main()
