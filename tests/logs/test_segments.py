from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.shipping import held, line, numbered
from tocsin.logs.layout import segments_in, service_folder
from tocsin.logs.places import Change, Place
from tocsin.logs.segments import Writer
from tocsin.model import TocsinError


def place(offset: int, inode: int = 7) -> Place:
    return Place(path="/var/log/shop.log", inode=inode, offset=offset, head=0, crc=0)


def change(offset: int) -> Change:
    return Change((place(offset),))


def offset(writer: Writer) -> int:
    return writer.places["/var/log/shop.log", 7].offset


def test_what_is_acknowledged_is_there_with_its_place(tmp_path: Path) -> None:
    with Writer(tmp_path, "shop") as writer:
        writer.append(numbered(range(3)).encode(), change(100))
        writer.append(b"", Change((place(5, inode=8),)))
        writer.append(b"", Change(gone=(("/var/log/shop.log", 8),)))
    assert held(tmp_path) == [0, 1, 2]
    with Writer(tmp_path, "shop") as writer:
        assert dict(writer.places) == {place(100).key: place(100)}
        writer.append(line(3).encode(), change(130))
    assert held(tmp_path) == [0, 1, 2, 3]


@given(st.data())
def test_a_torn_end_is_cut_back_to_what_was_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = tmp_path_factory.mktemp("store")
    with Writer(store, "shop") as writer:
        for number in range(4):
            writer.append(line(number).encode(), change(number + 1))
    (segment,) = segments_in(service_folder(store, "shop"))
    lines, journal = segment.lines.read_bytes(), segment.places.read_bytes()
    first = journal.index(b"\n") + 1
    segment.lines.write_bytes(lines[: data.draw(st.integers(0, len(lines)))] + data.draw(st.binary(max_size=9)))
    segment.places.write_bytes(
        journal[: data.draw(st.integers(first, len(journal)))] + data.draw(st.binary(max_size=9))
    )
    with Writer(store, "shop") as writer:
        known = offset(writer) if writer.places else 0
        assert held(store) == list(range(known))
        writer.append(line(known).encode(), change(known + 1))
    assert held(store) == list(range(known + 1))


def test_a_segment_that_is_large_or_old_is_closed_and_the_places_go_on(tmp_path: Path) -> None:
    with Writer(tmp_path, "shop", largest=200) as writer:
        for number in range(6):
            writer.append(line(number).encode(), change(number))
    numbers = [segment.number for segment in segments_in(service_folder(tmp_path, "shop"))]
    assert len(numbers) > 2
    with Writer(tmp_path, "shop", oldest=-1) as writer:
        assert offset(writer) == 5
        writer.sync()
    assert [segment.number for segment in segments_in(service_folder(tmp_path, "shop"))] == [*numbers, numbers[-1] + 1]
    with Writer(tmp_path, "shop") as writer:
        assert offset(writer) == 5
    assert held(tmp_path) == list(range(6))


def test_segments_whose_journal_was_removed_are_left_alone(tmp_path: Path) -> None:
    with Writer(tmp_path, "shop") as writer:
        writer.append(line(0).encode(), change(9))
    (segment,) = segments_in(service_folder(tmp_path, "shop"))
    segment.places.unlink()
    with Writer(tmp_path, "shop") as writer:
        assert writer.places == {}
        writer.append(line(1).encode())
    assert held(tmp_path) == [0, 1]


def test_a_journal_that_was_damaged_is_named(tmp_path: Path) -> None:
    with Writer(tmp_path, "shop"):
        pass
    (segment,) = segments_in(service_folder(tmp_path, "shop"))
    segment.places.write_bytes(b"x")
    with pytest.raises(TocsinError, match=r"00000001\.places cannot be read .* move it away"):
        Writer(tmp_path, "shop")


def test_a_service_has_one_writer(tmp_path: Path) -> None:
    told = f"The process {os.getpid()} writes .*shop already"
    with Writer(tmp_path, "shop"), Writer(tmp_path, "till"), pytest.raises(TocsinError, match=told):
        Writer(tmp_path, "shop")
    Writer(tmp_path, "shop").close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "segments").write_text("a file")
    with pytest.raises(TocsinError, match="segments/shop cannot be written"):
        Writer(tmp_path, "shop")


@pytest.fixture
def bounded() -> Iterator[int]:
    """No file can be larger than so many bytes, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        yield 10_000
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)


def test_a_batch_that_does_not_fit_leaves_what_was_there(tmp_path: Path, bounded: int) -> None:
    with Writer(tmp_path, "shop") as writer:
        writer.append(numbered(range(40)).encode(), change(1))
        for _ in range(2):
            with pytest.raises(OSError, match="File too large"):
                writer.append(numbered(range(40, 90)).encode(), change(2))
            assert held(tmp_path) == list(range(40))
            assert offset(writer) == 1
        writer.append(line(40).encode(), change(3))
    (segment,) = segments_in(service_folder(tmp_path, "shop"))
    assert segment.lines.stat().st_size < bounded
    with Writer(tmp_path, "shop") as writer:
        assert offset(writer) == 3
    assert held(tmp_path) == list(range(41))


def test_a_batch_that_cannot_be_acknowledged_is_taken_back(tmp_path: Path, bounded: int) -> None:
    with Writer(tmp_path, "shop") as writer:
        long = Change(tuple(place(number, inode=number) for number in range(bounded // 50)))
        with pytest.raises(OSError, match="File too large"):
            writer.append(line(0).encode(), long)
        assert held(tmp_path) == []
        writer.append(line(1).encode(), change(1))
    assert held(tmp_path) == [1]


SCRIPT = """
import sys
from pathlib import Path
from tests.logs.shipping import line
from tocsin.logs.segments import Writer
writer = Writer(Path(sys.argv[1]), "shop", largest=3000)
for number in range(int(sys.argv[2]), 10**9):
    writer.append(line(number).encode())
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    known = -1
    for kill in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path), str(known + 1)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(1 + 5 * kill)]
        process.kill()
        said += process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()
        known = int([text for text in said if text.endswith("\n")][-1])
        there = held(tmp_path)
        assert there == list(range(len(there)))
        assert len(there) in {known + 1, known + 2}, "the last may not have been told of"
        known = len(there) - 1
        Writer(tmp_path, "shop").close()
        known = held(tmp_path)[-1]
