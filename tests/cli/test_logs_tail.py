"""`tocsin logs tail` as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Tocsin
from tests.logs.stores import append, record, seal
from tests.waiting import until
from tocsin.logs.tailing import Tail, Wanted

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TIME = "2026-11-25T04:00:{:02}.000000Z"


@pytest.fixture
def store(project: Path) -> Path:
    """A store where `tocsin up` keeps it: of the shop a sealed and an open segment, of the till an open one."""
    folder = project / ".tocsin" / "data" / "logs"
    append(folder, [record("one", time=TIME.format(1)), record("four", time=TIME.format(4), severity="ERROR")])
    seal(folder)
    traced = {"logging.googleapis.com/trace": f"projects/p/traces/{TRACE}", "stack_trace": "Traceback\n  \x1b[31mred"}
    append(folder, [record("five", time=TIME.format(5), severity="CRITICAL", **traced)], number=2)
    till = {"serviceContext": {"service": "till"}}
    append(folder, [record("two", time=TIME.format(2), **till), record("six", time=TIME.format(6), **till)], "till")
    return folder


def messages(tail: Tail, count: int = 20) -> list[str]:
    return [row["message"] for row in tail.newest(count)]


def test_the_newest_are_shown_of_segments_and_parquet_in_order(tocsin: Tocsin, store: Path) -> None:
    assert store.is_dir()
    said = tocsin("logs", "tail", "-n", "4")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines() == [
        "2026-11-25 04:00:02.000 INFO     till two",
        "2026-11-25 04:00:04.000 ERROR    shop four",
        f"2026-11-25 04:00:05.000 CRITICAL shop five trace={TRACE}",
        "    Traceback",
        "      \\x1b[31mred",
        "2026-11-25 04:00:06.000 INFO     till six",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--service", "till"), ["two", "six"]),
        (("--service", "till", "--service", "shop", "--severity", "error"), ["four", "five"]),
        (("--severity", "CRITICAL"), ["five"]),
        (("--trace", TRACE), ["five"]),
        (("--trace", f"projects/p/traces/{TRACE}"), ["five"]),
        (("--grep", "o"), ["one", "two", "four"]),
        (("--grep", "o' OR TRUE --"), []),
        (("-n", "0"), []),
    ],
)
def test_only_what_is_wanted_is_shown(
    tocsin: Tocsin, store: Path, arguments: tuple[str, ...], expected: list[str]
) -> None:
    assert store.is_dir()
    said = tocsin("logs", "tail", "--format", "json", *arguments)
    assert [json.loads(line)["message"] for line in said.stdout.splitlines()] == expected


def test_a_severity_that_there_is_not_is_one_sentence(tocsin: Tocsin) -> None:
    said = tocsin("logs", "tail", "--severity", "loud")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("tocsin: There is no severity 'LOUD': choose from DEFAULT, DEBUG, INFO,")


def test_an_empty_store_has_nothing_to_show(tocsin: Tocsin, project: Path) -> None:
    (project / ".tocsin" / "data" / "logs").mkdir(parents=True)
    said = tocsin("logs", "tail")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@contextmanager
def following(project: Path, output: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("tocsin", path=str(Path(sys.executable).parent))
    assert program is not None
    with output.open("wb") as file:
        process = subprocess.Popen(
            [program, "logs", "tail", "--follow", "--format", "json", *arguments],
            cwd=project,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
            stdout=file,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_what_comes_is_followed_through_new_segments_and_sealing_each_once(
    project: Path, store: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"

    def said() -> list[str]:
        return [json.loads(line)["message"] for line in output.read_text().splitlines()]

    with following(project, output, "-n", "1") as process:
        until(lambda: said() == ["six"], "the newest record")
        append(store, [record("seven"), record("eight")], number=2)
        until(lambda: said()[1:] == ["seven", "eight"], "what is appended")
        append(store, [record("nine")], number=2)
        seal(store, number=2)
        append(store, [record("ten")], number=3)
        append(store, [record("eleven")], service="desk")
        until(lambda: len(said()) >= 6, "what comes after sealing, and of a new service")
        seal(store, number=3)
        append(store, [record("twelve")], number=4)
        until(lambda: "twelve" in said(), "what comes after the next sealing")
        assert sorted(said()[3:]) == ["eleven", "nine", "ten", "twelve"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_a_line_is_shown_once_it_is_whole(store: Path) -> None:
    whole = json.dumps(record("whole")) + "\nno record\n"
    with Tail(store, Wanted()) as tail, append(store, [], number=2).open("a") as file:
        assert messages(tail, 1) == ["six"]
        file.write(whole[:20])
        file.flush()
        assert tail.fresh() == []
        file.write(whole[20:])
        file.flush()
        assert [row["message"] for row in tail.fresh()] == ["whole"]


@pytest.mark.parametrize("length", [1, 1000, 70_000, 140_000])
def test_lines_are_read_from_the_end_whatever_their_length(tmp_path: Path, length: int) -> None:
    path = append(tmp_path, [record(f"{number} {'x' * length}", time=TIME.format(number)) for number in range(5)])
    with path.open("a") as file:
        file.write('{"half": "' + "y" * length)
    with Tail(tmp_path, Wanted()) as tail, path.open("a") as file:
        assert [message.partition(" ")[0] for message in messages(tail, 3)] == ["2", "3", "4"]
        assert tail.fresh() == []
        file.write(f'"}}\n{json.dumps(record("next"))}\n')
        file.flush()
        assert [row["message"] for row in tail.fresh()] == ["next"]


def newest(store: Path, text: str) -> dict[str, object]:
    with Tail(store, Wanted(text=text)) as tail:
        [row] = tail.newest(1)
    return row


def test_what_is_shown_of_a_segment_is_what_the_view_has(store: Path) -> None:
    line = {
        "httpRequest": {"latency": "0.25s", "status": 500, "requestMethod": "GET"},
        "logging.googleapis.com/labels": {"request_id": "r"},
        "logging.googleapis.com/trace": f"projects/p/traces/{TRACE}",
        "logging.googleapis.com/trace_sampled": True,
        "logging.googleapis.com/sourceLocation": {"line": "7"},
        "fields": {"route": "/", "n": [1]},
    }
    append(store, [record("same", time="2026-11-25T05:00:00.5Z", **line)], number=2)
    before = newest(store, "same")
    seal(store, number=2)
    assert newest(store, "same") == before
