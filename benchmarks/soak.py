"""Soaks an observed service: gunicorn with four workers under wrk, while its surroundings fail.

The error tracker is dead, standard output is read slowly, workers are killed at random (from a seed) and /metrics is
scraped ten times a second. Ends with 1 if a promise is broken: a request failed that the bare application would have
answered, a request was lost from /metrics or counted twice, a counter went back, or memory grew.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psutil
import wrk

WORKERS, CONNECTIONS = 4, 32
PATHS = (*("/items/1", "/items/2", "/orders/3") * 16, "/refunds/4")
"""The last is asked to close its connection, so that connections wander from worker to worker."""

SCRAPE, SLOW_READ, BETWEEN_KILLS = 0.1, 20_000, 3.0
"""Seconds between scrapes; bytes of standard output that are read a second; seconds between kills, on average."""

PATIENCE = 30.0
GROWTH, SLACK = 1.1, 4 * 2**20
"""Memory is flat if the last quarter's median is at most this multiple of the second quarter's, and some bytes."""

_WORKERS = re.compile(rb"^tocsin_sdk_workers (\d+)$", re.MULTILINE)
_COUNT = re.compile(rb'^http_requests_total\{.*route="/(?:items|orders|refunds)/.*\} (\d+)', re.MULTILINE)


@dataclass
class Seen:
    """What went on: *cut* connections stood to workers as they were killed; *memory* is the spared worker's."""

    kills: int = 0
    cut: int = 0
    scrapes: int = 0
    missed_scrapes: int = 0
    backwards: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    disk: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Totals:
    """Requests at the end: begun and ended by the tally, and as /metrics counts them."""

    begun: int
    ended: int
    counted: int


class Surroundings:
    """Everything that happens around the service while it is loaded."""

    def __init__(self, port: int, master: psutil.Process, folder: Path, seed: int) -> None:
        self.seen = Seen()
        self._port = port
        self._master = master
        self._folder = folder
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, on purpose
        self._spared = min(child.pid for child in master.children())
        self._over = Event()
        self._threads = [Thread(target=work) for work in (self._kill, self._scrape, self._weigh)]

    def __enter__(self) -> Seen:
        for thread in self._threads:
            thread.start()
        return self.seen

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _kill(self) -> None:
        while not self._over.wait(self._chance.uniform(0.5, 1.5) * BETWEEN_KILLS):
            victims = sorted((child for child in self._master.children() if child.pid != self._spared), key=_pid)
            if not victims:
                continue
            victim = self._chance.choice(victims)
            try:
                victim.suspend()  # so that what stands to it does not change between look and kill
                self.seen.cut += sum(each.status == "ESTABLISHED" for each in victim.net_connections("tcp"))
                victim.kill()
            except psutil.NoSuchProcess:
                continue
            self.seen.kills += 1

    def _scrape(self) -> None:
        before = 0
        while not self._over.wait(SCRAPE):
            try:
                now = counted(self._port)
            except OSError:
                self.seen.missed_scrapes += 1
                continue
            self.seen.scrapes += 1
            if now < before:
                self.seen.backwards.append(f"{before} to {now}")
            before = now

    def _weigh(self) -> None:
        while not self._over.wait(0.5):
            self.seen.memory.append(psutil.Process(self._spared).memory_info().rss)
            self.seen.disk.append(sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file()))


def _pid(process: psutil.Process) -> int:
    return process.pid


def counted(port: int) -> int:
    """Return the requests that /metrics counts.

    Raises:
        OSError: the scrape failed.

    """
    return sum(map(int, _COUNT.findall(scraped(port))))


def scraped(port: int) -> bytes:
    """Return what /metrics says.

    Raises:
        OSError: the scrape failed, perhaps halfway, as when the worker is killed that answers it.

    """
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return bytes(answer.read())
    except http.client.HTTPException as error:
        raise OSError(f"The answer broke off: {error!r}") from error


def serving(port: int) -> int:
    """Return how many workers have begun to serve; gunicorn listens before any has."""
    try:
        return int(_WORKERS.findall(scraped(port))[0])
    except OSError:
        return 0


@contextmanager
def served(port: int, folder: Path) -> Iterator[psutil.Process]:
    """Serve the application; what it says goes into a pipe that is read slowly."""
    shared = folder / "shared"
    shared.mkdir()
    environ = {
        **os.environ,
        "SOAK": str(folder),
        "SENTRY_DSN": f"http://key@127.0.0.1:{wrk.free_port()}/1",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
        "TOCSIN_WORKERS": str(shared),
        "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(Path(__file__).parent)]),
    }
    bind = ("--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--worker-class", "uvicorn_worker.UvicornWorker")
    server = [sys.executable, "-m", "gunicorn", *bind, "--log-level", "critical", "soak_app:app"]
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(server, env=environ, stdout=subprocess.PIPE, stderr=errors)
    over = Event()
    reader = Thread(target=_read_slowly, args=(process, over))
    reader.start()
    master = psutil.Process(process.pid)
    try:
        _await(lambda: serving(port) == WORKERS, process, folder)
        yield master
    finally:
        over.set()
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            for child in master.children():
                child.kill()
            process.kill()
        reader.join()


def _read_slowly(process: subprocess.Popen[bytes], over: Event) -> None:
    output = process.stdout.fileno()  # type: ignore[union-attr]  # it is a pipe
    while os.read(output, SLOW_READ // 10):
        over.wait(0.1)


def _await(condition: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > until:
            sys.exit(f"The service did not start: {(folder / 'errors').read_text()[-2000:]}")
        time.sleep(0.05)


def settled(port: int, folder: Path) -> Totals:
    """Return the totals when nothing moves any more."""
    before, until = None, time.monotonic() + PATIENCE
    while time.monotonic() < until:
        sizes = [(folder / name).stat().st_size for name in ("begun", "ended")]
        try:
            now = Totals(*sizes, counted(port))
        except OSError:
            continue
        if now == before:
            return now
        before = now
        time.sleep(0.5)
    sys.exit("The service did not come to rest.")


def flat(sizes: list[int]) -> tuple[float, float, bool]:
    """Return the medians of the second and of the last quarter in MiB, and whether that is no growth."""
    quarter = max(1, len(sizes) // 4)
    early, late = statistics.median(sizes[quarter : 2 * quarter] or [0]), statistics.median(sizes[-quarter:] or [0])
    return early / 2**20, late / 2**20, late <= early * GROWTH + SLACK


def judge(load: wrk.Load, seen: Seen, totals: Totals) -> list[str]:
    """Return the promises that were broken."""
    broken = []
    if load.failed or load.timeout or load.connect or load.write:
        broken.append(
            f"{load.failed} answers were failures, {load.timeout} came too late, "
            f"{load.connect} connections were refused, {load.write} broke as a request was sent."
        )
    if load.read > seen.cut:
        broken.append(f"{load.read} connections broke, and only {seen.cut} stood to workers that were killed.")
    if not totals.ended <= totals.counted <= totals.begun:
        broken.append(
            f"/metrics counts {totals.counted}, outside of {totals.ended} requests that ended and {totals.begun} begun."
        )
    if totals.counted < load.answered - seen.kills:
        broken.append(f"/metrics counts {totals.counted}, fewer than the {load.answered} that wrk saw answered.")
    if totals.counted > load.answered + load.read + CONNECTIONS:
        broken.append(f"/metrics counts {totals.counted}, more than wrk can have asked for.")
    if seen.backwards:
        broken.append(f"The count went back {len(seen.backwards)} times, as from {seen.backwards[0]}.")
    if seen.missed_scrapes > seen.kills or not seen.scrapes:
        broken.append(f"{seen.missed_scrapes} scrapes failed, with {seen.kills} kills and {seen.scrapes} answered.")
    for what, sizes in (("Memory", seen.memory), ("The shared files", seen.disk)):
        early, late, still = flat(sizes)
        if not still:
            broken.append(f"{what} grew from {early:.1f} to {late:.1f} MiB.")
    return broken


def told(load: wrk.Load, seen: Seen, totals: Totals) -> str:
    """Return what happened, in words."""
    memory, disk = flat(seen.memory), flat(seen.disk)
    flying, unseen = totals.begun - totals.ended, totals.counted - load.answered
    lines = (
        f"{load.answered} requests answered in {load.seconds:.0f} s ({load.rate:.0f} a second, p99 {load.p99:.0f} ms).",
        f"{seen.kills} workers killed; {seen.cut} connections stood to them, and wrk saw {load.read} break.",
        f"Failed answers {load.failed}, timeouts {load.timeout}, refused {load.connect}.",
        f"/metrics counts {totals.counted}; by the tally {totals.begun} began and {totals.ended} ended.",
        f"So {flying} were in flight in killed workers.",
        f"{unseen} more are counted than wrk saw answered: cut off with a worker, or in flight as wrk stopped.",
        f"{seen.scrapes} scrapes answered, {seen.missed_scrapes} cut off.",
        f"Memory of the worker that lived: {memory[0]:.1f} to {memory[1]:.1f} MiB.",
        f"Shared files: {disk[0]:.2f} to {disk[1]:.2f} MiB.",
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Soak for as long as the command line says."""
    parser = argparse.ArgumentParser(description="Load a service while its surroundings fail.")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrk.find()
    sys.stdout.write(f"Soaking for {given.seconds:.0f} s, seed {given.seed} ...\n")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), wrk.free_port()
        with served(port, folder) as master:
            with Surroundings(port, master, folder / "shared", given.seed) as seen:
                load = wrk.load(port, PATHS, seconds=given.seconds, connections=CONNECTIONS, closing=True)
            totals = settled(port, folder)
    broken = judge(load, seen, totals)
    sys.stdout.write(told(load, seen, totals))
    sys.stdout.write("".join(f"BROKEN: {each}\n" for each in broken) or "Every promise was kept.\n")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
