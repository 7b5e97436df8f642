"""What the operating system knows of a process, under the names of every Prometheus client library."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Mapping
from pathlib import Path

from tocsin.model import PROCESS
from tocsin.sdk.exposition import header, spell

_HEADERS = {signal.name: header(signal) for signal in PROCESS}
_PROC = Path("/proc")


def spelled(values: Mapping[str, float]) -> list[str]:
    """Return *values* by name as lines, each with its HELP and TYPE."""
    return [f"{text}{name} {spell(values[name])}\n" for name, text in _HEADERS.items() if name in values]


def birth(pid: int | None = None, proc: Path = _PROC) -> int:
    """Return when this or another process was started, in the kernel's ticks since the machine was; 0 if unknown."""
    try:
        return int(_stat(pid, proc)[19])
    except (OSError, IndexError, ValueError):
        return 0


class Process:
    """This process, or another one of the same user.

    Reads proc(5) at each scrape; where there is no /proc, it says what is known without.
    """

    def __init__(self, pid: int | None = None, proc: Path = _PROC) -> None:
        self._pid = pid
        self._proc = proc
        self._started = dict(self._start())

    def lines(self) -> list[str]:
        """Return the process's metrics, each with its HELP and TYPE."""
        return spelled(self.values())

    def values(self) -> dict[str, float]:
        """Return what is known now, by name."""
        return {**self._started, **dict(self._usage()), **dict(self._limit()), **dict(self._memory())}

    def _start(self) -> Iterator[tuple[str, float]]:
        try:
            booted = next(line for line in (self._proc / "stat").read_text().splitlines() if line.startswith("btime "))
        except (OSError, StopIteration):
            return
        ticks = birth(self._pid, self._proc)
        if ticks:
            yield "process_start_time_seconds", float(booted.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")

    def _usage(self) -> Iterator[tuple[str, float]]:
        try:
            if self._pid is None:
                usage = resource.getrusage(resource.RUSAGE_SELF)
                spent = usage.ru_utime + usage.ru_stime
            else:
                spent = sum(map(int, _stat(self._pid, self._proc)[11:13])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError):
            return
        yield "process_cpu_seconds_total", spent

    def _limit(self) -> Iterator[tuple[str, float]]:
        try:
            if self._pid is None:
                limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            else:
                limit = resource.prlimit(self._pid, resource.RLIMIT_NOFILE)[0]
        except (OSError, AttributeError):
            return
        yield "process_max_fds", float("inf") if limit == resource.RLIM_INFINITY else float(limit)

    def _memory(self) -> Iterator[tuple[str, float]]:
        try:
            fields = _stat(self._pid, self._proc)
            yield "process_virtual_memory_bytes", float(fields[20])
            yield "process_resident_memory_bytes", float(int(fields[21]) * resource.getpagesize())
            opened = self._proc / (_name(self._pid) + "/fd")
            yield "process_open_fds", float(len(os.listdir(opened)))  # noqa: PTH208 - iterdir opens as many
        except (OSError, IndexError, ValueError):
            return


def _name(pid: int | None) -> str:
    return "self" if pid is None else str(pid)


def _stat(pid: int | None, proc: Path) -> list[str]:
    """Return the fields of stat from the third on, the first after the command's name, which may hold blanks."""
    return (proc / _name(pid) / "stat").read_text().rpartition(")")[2].split()
