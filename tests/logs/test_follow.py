from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.logs.shipping import line, numbered
from tocsin.logs import follow, places
from tocsin.logs.follow import CHUNK, Follower
from tocsin.logs.lines import Long
from tocsin.logs.places import Key, Place


class Reader:
    """Keeps what a follower of *path* offers, and its places, as a store would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[Key, Place] = {}
        self.lines: list[bytes | Long] = []
        self.follower = Follower(path, self.places)

    def read(self, *, ended: bool = False, most: int = 1000) -> list[bytes | Long]:
        """Keep all that is there; return what is new."""
        before = len(self.lines)
        for _ in range(most):
            batch = self.follower.batch(ended=ended)
            if batch is None:
                break
            self.lines += batch.lines
            places.apply(self.places, batch.change)
            self.follower.took()
        return self.lines[before:]

    def again(self) -> None:
        """Begin anew as after a kill: what was offered and not kept is forgotten."""
        self.follower.batch()
        self.follower.close()
        self.follower = Follower(self.path, self.places)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "shop.log"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def said(*numbers: int) -> list[bytes]:
    return [line(number).rstrip("\n").encode() for number in numbers]


def test_lines_are_read_once_they_are_whole(log: Path) -> None:
    reader = Reader(log)
    assert reader.read() == []
    append(log, line(0) + line(1)[:9])
    assert reader.read() == said(0)
    append(log, line(1)[9:])
    assert reader.read() == said(1)
    append(log, "the end")
    assert reader.read() == []
    assert reader.read(ended=True) == [b"the end"]


def test_a_batch_is_offered_until_it_is_taken(log: Path) -> None:
    append(log, line(0))
    follower = Follower(log, {})
    first = follower.batch()
    assert first is not None
    assert follower.batch() == first
    follower.took()
    assert follower.batch() is None


def test_it_goes_on_where_it_was(log: Path) -> None:
    append(log, line(0))
    reader = Reader(log)
    reader.read()
    append(log, line(1))
    reader.again()
    assert reader.read() == said(1)


def test_a_file_that_was_renamed_is_read_to_its_end(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, line(0))
    reader = Reader(log)
    reader.read()
    aside = log.with_name("shop.log.1")
    with log.open("a") as writer:
        log.rename(aside)
        append(log, line(2))
        writer.write(line(1))
        writer.flush()
        assert set(reader.read()) == {*said(1), *said(2)}
        reader.again()
        writer.write(line(3))
        writer.flush()
        append(log, line(4))
        assert reader.read() == said(3, 4)
    assert len(reader.places) == 2
    monkeypatch.setattr(follow, "LINGER", 0.0)
    reader.again()
    assert reader.read() == []
    assert {place.inode for place in reader.places.values()} == {log.stat().st_ino}


def test_a_rotation_while_nobody_looked_loses_nothing(log: Path) -> None:
    append(log, line(0))
    reader = Reader(log)
    reader.read()
    reader.follower.close()
    append(log, line(1))
    log.rename(log.with_name("shop.log.1"))
    append(log, line(2))
    reader.follower = Follower(log, reader.places)
    assert reader.read() == said(1, 2)


def test_a_file_that_was_deleted_and_came_again_is_read_from_its_beginning(log: Path) -> None:
    append(log, line(0))
    reader = Reader(log)
    reader.read()
    log.unlink()
    assert reader.read() == []
    append(log, line(1))
    assert reader.read() == said(1)
    reader.again()
    assert reader.read() == []


@pytest.mark.parametrize("regrown", [1, 9])
def test_a_truncated_file_is_read_from_its_beginning(log: Path, regrown: int) -> None:
    append(log, numbered(range(4)))
    reader = Reader(log)
    reader.read()
    os.truncate(log, 0)
    append(log, numbered(range(10, 10 + regrown)))
    assert reader.read() == said(*range(10, 10 + regrown))
    reader.again()
    append(log, line(20))
    assert reader.read() == said(20)


@pytest.mark.parametrize("kills", range(4))
def test_copytruncate_loses_and_doubles_nothing_wherever_a_kill_comes(
    log: Path, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(log, line(0))
    reader = Reader(log)
    reader.read()
    for turn in range(2):  # the copy has the same name, and the second time the same inode, each time
        append(log, numbered([10 * turn + 1, 10 * turn + 2]))
        shutil.copyfile(log, log.with_name("shop.log.1"))
        os.truncate(log, 0)
        append(log, line(10 * turn + 3))
        for _ in range(kills):
            reader.read(most=1)
            reader.again()
        reader.read()
        reader.again()
    assert reader.lines == said(0, 1, 2, 3, 11, 12, 13)
    monkeypatch.setattr(follow, "LINGER", 0.0)
    reader.again()
    assert reader.read() == []
    assert [place.inode for place in reader.places.values()] == [log.stat().st_ino]


def test_a_line_that_is_longer_than_what_is_read_at_a_time_is_found(log: Path) -> None:
    append(log, "x" * (3 * CHUNK))
    reader = Reader(log)
    assert reader.read() == []
    append(log, "y" * CHUNK + "\n" + line(1))
    long, *rest = reader.read()
    assert isinstance(long, Long)
    assert long.size == 4 * CHUNK
    assert set(long.beginning) == {ord("x")}
    assert rest == said(1)
    append(log, "z" * (2 * CHUNK))
    (last,) = reader.read(ended=True)
    assert isinstance(last, Long)
    assert last.size == 2 * CHUNK


class Rotations(RuleBasedStateMachine):
    """Whatever is done to a log, and whenever the reader is killed, each line is read once."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.log = self.folder / "shop.log"
        self.reader = Reader(self.log)
        self.written = 0
        self.rotated = 0

    @rule(count=st.integers(1, 3))
    def write(self, count: int) -> None:
        append(self.log, numbered(range(self.written, self.written + count)))
        self.written += count

    @rule(most=st.integers(1, 4))
    def read(self, most: int) -> None:
        self.reader.read(most=most)

    @rule()
    def kill(self) -> None:
        self.reader.again()

    @rule()
    def rename(self) -> None:
        if self.log.exists():
            self.write(1)
            self.reader.read()  # nobody knows of a file of which nothing was read
            self.write(1)
            self.rotated += 1
            self.log.rename(self.folder / f"shop.log.{self.rotated}")

    @rule()
    def copy_and_truncate(self) -> None:
        if self.log.exists():
            self.write(1)
            self.reader.read()  # nobody can tell a copy of what was never read
            self.write(1)
            self.rotated += 1
            shutil.copyfile(self.log, self.folder / f"shop.log.{self.rotated}")
            os.truncate(self.log, 0)

    @invariant()
    def nothing_is_doubled(self) -> None:
        assert len(set(self.reader.lines)) == len(self.reader.lines)

    def teardown(self) -> None:
        self.reader.read()
        assert sorted(self.reader.lines, key=str) == sorted(said(*range(self.written)), key=str)
        self.reader.follower.close()
        shutil.rmtree(self.folder)


Rotations.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestRotations = Rotations.TestCase
