"""What a whole FastAPI application keeps of its speed: uvicorn on one core, wrk on the other, variants in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import wrk
from options import options
from results import Goal, Table, report

BARE, METRICS, OURS, TRACKED, PEERS = "bare", "tocsin-metrics", "tocsin", "tocsin-tracked", "peers"
VARIANTS = {
    BARE: "bare",
    METRICS: "tocsin: metrics",
    OURS: "tocsin: metrics and JSON request log",
    TRACKED: "tocsin: metrics, JSON request log and error tracker",
    "instrumentator": "prometheus-fastapi-instrumentator",
    PEERS: "prometheus-fastapi-instrumentator, python-json-logger, sentry-sdk",
}
ROUNDS = 5
PATHS = ("/items/42",)


@dataclass
class Run:
    """Answers a second, their 99th percentile in milliseconds, and the server's microseconds of CPU for each."""

    rate: float
    p99: float
    cpu: float


@contextmanager
def served(variant: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Serve a variant; what it says goes to a file."""
    port = wrk.free_port()
    environ = {
        **os.environ,
        "VARIANT": variant,
        "LOG": str(folder / "access"),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "CRITICAL" if variant == METRICS else "INFO",
        "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(Path(__file__).parent)]),
    }
    log = "--access-log" if variant == PEERS else "--no-access-log"
    server = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "info", log]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(server, env=environ, stdout=output, stderr=output)
        try:
            until = time.monotonic() + 30
            while not wrk.listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"{variant} did not start: {(folder / 'output').read_text()[-2000:]}")
                time.sleep(0.05)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def run(variant: str, seconds: float) -> Run:
    with tempfile.TemporaryDirectory() as folder, served(variant, Path(folder)) as (port, process):
        wrk.load(port, PATHS, seconds=1)
        before = process.cpu_times()
        load = wrk.load(port, PATHS, seconds=seconds)
        after = process.cpu_times()
    if load.failed or not load.answered:
        sys.exit(f"{variant} failed {load.failed} of {load.answered} requests.")
    used = after.user + after.system - before.user - before.system
    return Run(load.rate, load.p99, used / load.answered * 1e6)


def measure(seconds: float) -> Table:
    runs: dict[str, list[Run]] = {variant: [] for variant in VARIANTS}
    each = seconds / ROUNDS / len(VARIANTS)
    for number in range(ROUNDS):
        for variant in list(VARIANTS)[:: 1 if number % 2 else -1]:
            runs[variant].append(run(variant, each))
    ratios = {
        variant: [one.rate / bare.rate * 100 for one, bare in zip(taken, runs[BARE], strict=True)]
        for variant, taken in runs.items()
    }
    kept = {variant: statistics.median(every) for variant, every in ratios.items()}
    cpu = {variant: statistics.median(one.cpu for one in taken) for variant, taken in runs.items()}
    rows = [
        [
            name,
            f"{statistics.median(one.rate for one in runs[variant]):,.0f}",
            f"{kept[variant]:.0f} ({min(ratios[variant]):.0f} to {max(ratios[variant]):.0f})",
            f"{statistics.median(one.p99 for one in runs[variant]):.1f}",
            f"{cpu[variant]:.0f}",
            f"+{cpu[variant] - cpu[BARE]:.0f}",
        ]
        for variant, name in VARIANTS.items()
    ]
    goals = [Goal(f"{VARIANTS[TRACKED]}, kept of the bare application", kept[TRACKED], 85, at_least=True, unit="%")]
    head = ["application", "requests/s", "% of bare", "p99, ms", "CPU us", "added"]
    notes = [
        f"wrk with one thread and 32 connections, {ROUNDS} interleaved rounds of {each:.0f} s.",
        "Nothing is sent to an error tracker; for Tocsin's all is done but that, compression too.",
    ]
    return Table("A whole FastAPI application under uvicorn", head, rows, goals, notes)


def main() -> None:
    """Measure whole applications."""
    given = options(default=125.0)
    wrk.find()
    report([measure(given.seconds)], given.into)


if __name__ == "__main__":
    main()
