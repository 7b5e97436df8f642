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
_TICKS = os.sysconf("SC_CLK_TCK")
_SPENT, _BIRTH, _VIRTUAL, _RESIDENT = slice(11, 13), 19, 20, 21
"""Where proc(5) has utime and stime, starttime, vsize and rss, counted from the third field on."""


def spelled(values: Mapping[str, float]) -> list[str]:
    """Return *values* by name as lines, each with its HELP and TYPE."""
    return [f"{text}{name} {spell(values[name])}\n" for name, text in _HEADERS.items() if name in values]


def birth(pid: int | None = None, proc: Path = _PROC) -> int:
    """Return when this or another process was started, in the kernel's ticks since the machine was; 0 if unknown."""
    fields = _stat(_place(pid, proc))
    return int(fields[_BIRTH]) if fields else 0


class Process:
    """This process, or another one of the same user.

    Reads proc(5) at each scrape; where there is no /proc, it says what is known without.
    """

    def __init__(self, pid: int | None = None, proc: Path = _PROC) -> None:
        self._pid = pid
        self._place = _place(pid, proc)
        self._started = dict(self._start(proc))

    def lines(self) -> list[str]:
        """Return the process's metrics, each with its HELP and TYPE."""
        return spelled(self.values())

    def values(self, born: int | None = None) -> dict[str, float]:
        """Return what is known now, by name; nothing if another process than the one *born* then has the pid."""
        fields = _stat(self._place)
        if born is not None and (not fields or int(fields[_BIRTH]) != born):
            return {}
        return {
            **self._started,
            **dict(self._usage(fields)),
            **dict(self._limit()),
            **dict(self._memory(fields)),
        }

    def _start(self, proc: Path) -> Iterator[tuple[str, float]]:
        try:
            booted = next(line for line in (proc / "stat").read_text().splitlines() if line.startswith("btime "))
        except (OSError, StopIteration):
            return
        ticks = birth(self._pid, proc)
        if ticks:
            yield "process_start_time_seconds", float(booted.split()[1]) + ticks / _TICKS

    def _usage(self, fields: list[bytes]) -> Iterator[tuple[str, float]]:
        if self._pid is None:
            usage = resource.getrusage(resource.RUSAGE_SELF)
            yield "process_cpu_seconds_total", usage.ru_utime + usage.ru_stime
        elif fields:
            yield "process_cpu_seconds_total", sum(map(int, fields[_SPENT])) / _TICKS

    def _limit(self) -> Iterator[tuple[str, float]]:
        try:
            if self._pid is None:
                limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            else:
                limit = resource.prlimit(self._pid, resource.RLIMIT_NOFILE)[0]
        except (OSError, AttributeError):
            return
        yield "process_max_fds", float("inf") if limit == resource.RLIM_INFINITY else float(limit)

    def _memory(self, fields: list[bytes]) -> Iterator[tuple[str, float]]:
        if not fields:
            return
        yield "process_virtual_memory_bytes", float(fields[_VIRTUAL])
        yield "process_resident_memory_bytes", float(int(fields[_RESIDENT]) * resource.getpagesize())
        try:
            opened = len(os.listdir(f"{self._place}/fd"))  # noqa: PTH208 - iterdir opens as many
        except OSError:
            return
        yield "process_open_fds", float(opened)


def _place(pid: int | None, proc: Path) -> str:
    return f"{proc}/{'self' if pid is None else pid}"


def _stat(place: str) -> list[bytes]:
    """Return the fields of stat from the third on, the first after the command's name, which may hold blanks."""
    try:
        with open(f"{place}/stat", "rb", 0) as file:  # noqa: PTH123 - a path's way takes as long as the rest
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return []
    return fields if len(fields) > _RESIDENT else []
