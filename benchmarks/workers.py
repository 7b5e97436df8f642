"""A scrape that answers for eight workers of a thousand series each, as many as one of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from options import options
from results import Goal, Table, report
from timing import settle

WORKERS, SERIES = 8, 1_000
RECORDED = "recorded\n"


def ours(folder: str) -> Any:
    """Return a worker of ours that has recorded everything once."""
    os.environ |= {"LOG_LEVEL": "CRITICAL", "TOCSIN_WORKERS": folder}
    from exposition import NAMES, labels, open_label  # noqa: PLC0415 - it imports prometheus_client, too early for below

    import tocsin  # noqa: PLC0415 - what is not measured is not loaded

    counter = tocsin.Counter("work_total", "Work.", labels=tuple(open_label(name) for name in NAMES))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing: only /metrics is asked for."""

    service = tocsin.Service(name="shop", team="shop", port=8000, because="Nobody can buy.", signals=(counter,))
    obs = tocsin.observe(app, service)
    for each in labels(SERIES):
        obs.count(counter, **each)
    obs._metrics.render()  # noqa: SLF001 - while others begin too, it may have recorded for itself
    return obs


def theirs(folder: str) -> None:
    """Be a worker of prometheus_client that has recorded everything once."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    from exposition import NAMES, labels  # noqa: PLC0415 - prometheus_client looks at the environment as it is loaded
    from prometheus_client import Counter  # noqa: PLC0415

    counter = Counter("work_total", "Work.", NAMES)
    for each in labels(SERIES):
        counter.labels(**each).inc()


@contextmanager
def working(kind: str, folder: str, number: int) -> Iterator[None]:
    """Run *number* workers, which have recorded and stay."""
    command = [sys.executable, __file__, "--work", kind, folder]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    try:
        for worker in workers:
            if worker.stdout.readline() != RECORDED:  # type: ignore[union-attr]  # it is a pipe
                sys.exit(f"A worker of {kind} failed.")
        yield
    finally:
        for worker in workers:
            worker.communicate()


def work(kind: str, folder: str) -> None:
    """Record, say so, and stay until standard input ends."""
    kept = {"ours": ours, "theirs": theirs}[kind](folder)
    sys.stdout.write(RECORDED)
    sys.stdout.flush()
    sys.stdin.read()
    del kept


def counted(body: bytes) -> float:
    return sum(float(line.rpartition(b" ")[2]) for line in body.splitlines() if line.startswith(b"work_total{"))


def measure(seconds: float, folder: Path) -> Table:
    shared, files = folder / "shared", folder / "files"
    shared.mkdir()
    files.mkdir()
    with working("ours", str(shared), WORKERS - 1), working("theirs", str(files), WORKERS):
        obs = ours(str(shared))
        from exposition import alternate  # noqa: PLC0415 - as above
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(files))

        def touch() -> None:
            """Leave the series as they are."""

        def scrape() -> bytes:
            return bytes(obs._metrics.render())  # noqa: SLF001 - what /metrics says

        if not counted(scrape()) == counted(generate_latest(registry)) == WORKERS * SERIES:
            sys.exit("Some worker was not counted.")
        settle()
        took, peer = alternate((touch, scrape), (touch, lambda: generate_latest(registry)), seconds)
    goal = Goal(
        "8 workers of 1,000 series, faster than prometheus_client's multiprocess mode", peer / took, 20, at_least=True
    )
    rows = [[f"{WORKERS} x {SERIES:,} counters", f"{took:.2f}", f"{peer:.2f}", f"{peer / took:.1f}"]]
    head = ["workers", "tocsin, ms", "prometheus_client, ms", "x faster"]
    return Table("A scrape that answers for all workers", head, rows, [goal])


def main() -> None:
    """Measure, or be one of the workers."""
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:4])
        return
    given = options(default=20.0)
    with tempfile.TemporaryDirectory() as folder:
        report([measure(given.seconds, Path(folder))], given.into)


if __name__ == "__main__":
    main()
