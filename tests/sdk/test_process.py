from __future__ import annotations

import os
import resource
from pathlib import Path

import psutil
import pytest

from tests.sdk.reading import samples
from tocsin.model import PROCESS
from tocsin.sdk.process import Process


def test_the_process_is_described_as_others_describe_it() -> None:
    here = psutil.Process()
    before = here.memory_info().rss, sum(here.cpu_times()[:2])
    found = samples("".join(Process().lines()))
    assert set(found) == {signal.name for signal in PROCESS}
    assert found["process_start_time_seconds"] == pytest.approx(here.create_time(), abs=1.5)
    assert found["process_max_fds"] == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert found["process_open_fds"] == pytest.approx(here.num_fds(), abs=3)
    assert found["process_resident_memory_bytes"] == pytest.approx(before[0], rel=0.2)
    assert found["process_virtual_memory_bytes"] > found["process_resident_memory_bytes"]
    assert before[1] <= found["process_cpu_seconds_total"] + 0.05


def test_open_files_are_seen() -> None:
    process = Process()
    before = samples("".join(process.lines()))["process_open_fds"]
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(10)]
    after = samples("".join(process.lines()))["process_open_fds"]
    for descriptor in opened:
        os.close(descriptor)
    assert after - before == 10


def test_without_proc_the_rest_is_said(tmp_path: Path) -> None:
    found = samples("".join(Process(proc=tmp_path).lines()))
    assert set(found) == {"process_cpu_seconds_total", "process_max_fds"}
