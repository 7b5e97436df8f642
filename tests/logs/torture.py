"""Kills the shipper at random moments, as often as asked: `python tests/logs/torture.py --kills 1000`.

Between the kills the log grows, is renamed, and is copied and truncated. Segments are small and sealed at once, so
that kills meet all that a shipper does. A process that never looked at a store forks the shippers, in a millisecond.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.logs.shipping import held, numbered

EVERY = 50
"""Kills after which the whole store is read."""


def nursery(store: Path, log: Path) -> None:
    """Fork a shipper for every line of standard input, and say its pid."""
    from tocsin.logs import ship, upkeep  # noqa: PLC0415 - here alone
    from tocsin.logs.limits import Limits  # noqa: PLC0415 - here alone

    ship.Writer = partial(ship.Writer, largest=40_000)  # type: ignore[attr-defined,assignment]  # for a whole process
    ship.UPKEEP = ship.POLL = 0.01
    upkeep.MANY = 3
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            with ship.Shipper(store, limits=Limits(days=10_000), say=print) as shipper:
                shipper.follow(log, "shop")
                shipper.run()
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


class Torment:
    """A log that grows and rotates, and the shippers that follow it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.store, self.log = folder / "store", folder / "shop.log"
        self.written = self.rotated = 0
        self._rng = random.Random(seed)  # noqa: S311 - moments, no secrets
        self._nursery = subprocess.Popen(
            [sys.executable, __file__, "--nursery", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def turn(self) -> None:
        """Let a shipper live for a while, in which the log grows, and kill it."""
        pid = self._fork()
        for _ in range(self._rng.randrange(1, 4)):
            self._write(self._rng.randrange(1, 60))
            time.sleep(self._rng.random() * 0.03)
        os.kill(pid, signal.SIGKILL)
        self._await_end(pid)

    def rotate(self) -> None:
        """Ship all there is, let the log grow unseen, and rotate it, by either way."""
        self.finish()
        self._write(self._rng.randrange(1, 60))
        self.rotated += 1
        aside = self.log.with_name(f"shop.log.{self.rotated}")
        if self._rng.random() < 0.5:
            self.log.rename(aside)
        else:
            shutil.copyfile(self.log, aside)
            os.truncate(self.log, 0)
        self._write(1)

    def finish(self) -> None:
        """Let a shipper live until all lines are there once; raise if they never are."""
        pid = self._fork()
        until = time.monotonic() + 60
        while (there := held(self.store)) != list(range(self.written)):
            if time.monotonic() > until or len(set(there)) != len(there):
                raise AssertionError(f"{len(there)} lines, {len(set(there))} different ones, of {self.written}")
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        self._await_end(pid)

    def close(self) -> None:
        """End the nursery."""
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        self._nursery.wait()

    def _fork(self) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write("\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def _await_end(self, pid: int) -> None:
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.001)

    def _write(self, count: int) -> None:
        with self.log.open("a") as file:
            file.write(numbered(range(self.written, self.written + count)))
        self.written += count


def main() -> None:
    """Torture a shipper; exit 1 if a line is lost or there twice."""
    parser = argparse.ArgumentParser(description="Kill the shipper at random moments.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nursery", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.nursery:
        nursery(given.nursery / "store", given.nursery / "shop.log")
        return
    with tempfile.TemporaryDirectory() as folder:
        torment = Torment(Path(folder), given.seed)
        for kill in range(1, given.kills + 1):
            torment.turn()
            if kill % EVERY == 0:
                torment.rotate()
                sys.stderr.write(
                    f"{kill} kills, {torment.rotated} rotations: {torment.written} lines, each there once\n"
                )
        torment.finish()
        torment.close()
    sys.stdout.write(f"{given.kills} kills: every one of {torment.written} lines is there once.\n")


if __name__ == "__main__":
    main()
