"""What the operating system knows of this process, under the names of every Prometheus client library."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from tocsin.model import PROCESS
from tocsin.sdk.exposition import header, spell

_HEADERS = {signal.name: header(signal) for signal in PROCESS}


class Process:
    """Reads proc(5) at each scrape; where there is no /proc, it says what is known without."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._started = dict(self._start())

    def lines(self) -> list[str]:
        """Return the process's metrics, each with its HELP and TYPE."""
        values = {**self._started, **dict(self._usage()), **dict(self._memory())}
        return [f"{text}{name} {spell(values[name])}\n" for name, text in _HEADERS.items() if name in values]

    def _start(self) -> Iterator[tuple[str, float]]:
        try:
            booted = next(line for line in (self._proc / "stat").read_text().splitlines() if line.startswith("btime "))
            ticks = int(self._stat()[19])
        except (OSError, StopIteration, IndexError, ValueError):
            return
        yield "process_start_time_seconds", float(booted.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")

    def _usage(self) -> Iterator[tuple[str, float]]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield "process_cpu_seconds_total", usage.ru_utime + usage.ru_stime
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        yield "process_max_fds", float("inf") if limit == resource.RLIM_INFINITY else float(limit)

    def _memory(self) -> Iterator[tuple[str, float]]:
        try:
            fields = self._stat()
            yield "process_virtual_memory_bytes", float(fields[20])
            yield "process_resident_memory_bytes", float(int(fields[21]) * resource.getpagesize())
            yield "process_open_fds", float(len(os.listdir(self._proc / "self/fd")))  # noqa: PTH208 - iterdir opens as many
        except (OSError, IndexError, ValueError):
            return

    def _stat(self) -> list[str]:
        """Return the fields of stat from the third on, the first after the command's name, which may hold blanks."""
        return (self._proc / "self/stat").read_text().rpartition(")")[2].split()
