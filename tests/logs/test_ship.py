from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.logs.shipping import SHIP, held, line, messages, numbered, start
from tests.waiting import until
from tocsin.logs.inflow import Inflow
from tocsin.logs.layout import services
from tocsin.logs.limits import Limits
from tocsin.logs.ship import Shipper


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "shop.log"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> str:
    """Send the signal, and return what was said once it has ended with exit code 0."""
    process.send_signal(number)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 0, said
    return said


def test_standard_input_is_kept_to_its_end(store: Path) -> None:
    text = numbered(range(1000)) + "no json\n" + "no newline"
    done = subprocess.run(
        [*SHIP, "--store", str(store), "--service", "shop"], input=text.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert messages(store) == [*map(str, range(1000)), "no json", "no newline"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_keeps_what_is_there_and_ends(log: Path, store: Path, number: signal.Signals) -> None:
    append(log, numbered(range(10)))
    process = start("--store", store, log)
    until(lambda: len(held(store)) == 10, "ten lines")
    append(log, numbered(range(10, 500)))
    assert end(process, number) == ""
    assert held(store) == list(range(500))


def test_it_follows_a_file_through_all_that_happens_to_it(log: Path, store: Path) -> None:
    process = start("--store", store, log)
    append(log, line(0))
    until(lambda: held(store) == [0], "a file that came later")
    log.rename(log.with_name("shop.log.1"))
    append(log, line(1))
    until(lambda: held(store) == [0, 1], "the file after a rename")
    append(log, line(2))
    shutil.copyfile(log, log.with_name("shop.log.2"))
    os.truncate(log, 0)
    append(log, line(3))
    until(lambda: held(store) == [0, 1, 2, 3], "the file after copytruncate")
    assert end(process) == ""


def test_several_files_are_services_of_their_names_or_all_the_same(tmp_path: Path) -> None:
    for name in ("shop.log", "till.log"):
        append(tmp_path / name, line(1))
    files = [str(tmp_path / name) for name in ("shop.log", "till.log")]
    subprocess.run([*SHIP, "--once", "--store", str(tmp_path / "a"), *files], check=True)
    subprocess.run([*SHIP, "--once", "--store", str(tmp_path / "b"), "--service", "all", *files], check=True)
    assert [folder.name for folder in services(tmp_path / "a")] == ["shop", "till"]
    assert [folder.name for folder in services(tmp_path / "b")] == ["all"]
    assert held(tmp_path / "a") == held(tmp_path / "b") == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("/dev",), "/dev is no file"),
        (("/nowhere/shop.log",), "There is no folder /nowhere"),
        (("--service", "a/b"), "cannot be called 'a/b'"),
    ],
)
def test_what_cannot_be_shipped_is_one_sentence(arguments: tuple[str, ...], sentence: str, store: Path) -> None:
    done = subprocess.run([*SHIP, "--store", str(store), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_kills_at_random_moments_lose_and_double_nothing(log: Path, store: Path) -> None:
    torture(log, store, kills=6, seed=1)


def torture(log: Path, store: Path, *, kills: int, seed: int) -> None:
    """Kill the shipper at random moments while the log grows and rotates; each line must be there once in the end."""
    rng = random.Random(seed)  # noqa: S311 - moments, no secrets
    written = 0
    for kill in range(kills):
        process = start("--store", store, log)
        moment = threading.Event()
        for _ in range(rng.randrange(1, 6)):
            append(log, numbered(range(written, written := written + rng.randrange(1, 400))))
            moment.wait(rng.random() * 0.3)
        if rng.random() < 0.3:
            until(lambda: len(held(store)) == written, "all lines so far")
            log.rename(log.with_name(f"shop.log.{kill}"))
        process.kill()
        process.communicate()
        there = held(store)
        assert there == list(range(len(there)))
    log.touch()
    subprocess.run([*SHIP, "--once", "--store", str(store), str(log)], check=True)
    assert held(store) == list(range(written))


def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(log: Path, store: Path) -> None:
    append(log, numbered(range(3000)))
    limited = f"trap '' XFSZ; ulimit -f 300; exec {' '.join(SHIP)} --once --store {store} {log}"
    process = subprocess.Popen(["bash", "-c", limited], stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert b"File too large. What comes waits, and what was kept is safe" in process.stderr.readline()
    there = held(store)
    assert there == list(range(len(there)))
    process.kill()
    process.communicate()
    subprocess.run([*SHIP, "--once", "--store", str(store), str(log)], check=True)
    assert held(store) == list(range(3000))


def test_an_input_that_nobody_can_keep_never_waits_and_what_is_dropped_is_told() -> None:
    out, into = os.pipe()
    came = threading.Event()
    inflow = Inflow(out, came, waiting=10_000)
    sent = numbered(range(2000)).encode()
    with os.fdopen(into, "wb") as file:
        file.write(sent)
    until(lambda: inflow.idle, "the end of the input")
    first = inflow.batch()
    assert first is not None
    inflow.took()
    assert inflow.over
    *kept, told = first.lines
    assert kept == sent.splitlines()[: len(kept)]
    assert isinstance(told, bytes)
    assert f"{len(sent) - first.size} bytes of lines were dropped".encode() in told
    assert inflow.dropped == len(sent) - first.size


def test_a_shipper_keeps_what_an_inflow_dropped_as_a_record(store: Path) -> None:
    out, into = os.pipe()
    os.write(into, line(1).encode())
    os.close(into)
    with Shipper(store, limits=Limits(), say=pytest.fail) as shipper:
        shipper.read(out, "shop")
        shipper.run()
        assert (shipper.lines, shipper.dropped) == (1, 0)
    assert held(store) == [1]
