from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.stack.projects import CATALOG, PATIENCE, Project, Up, gone
from tests.waiting import until
from tocsin.logs import rows
from tocsin.logs.layout import readable
from tocsin.stack import bugsink

Start = Callable[..., Up]

pytestmark = pytest.mark.live


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(shop: Project, up: Start, number: signal.Signals) -> None:
    running = up()
    running.wait_until_ready()
    pids = shop.pids()
    code, said, errors = running.stop(number)
    assert (code, errors) == (0, "")
    assert said.endswith("Stopping ...\nStopped; nothing is left running.\n")
    assert [pid for pid in pids if not gone(pid)] == []
    assert shop.run("status").returncode == 1


def test_it_stops_by_itself_when_its_time_is_over(shop: Project) -> None:
    done = shop.run("up", "--free-ports", "--no-traffic", "--for", "0.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "traffic" not in done.stdout
    assert "Ready after" in done.stdout
    assert f"\n{bugsink.LACKING}\n" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_start_leaves_nothing(shop: Project, up: Start, number: signal.Signals) -> None:
    (shop.root / "checkout.py").write_text("import signal\nsignal.pause()\n")
    running = up()
    until(lambda: "checkout" in shop.parts() and shop.parts()["checkout"].pid is not None, "the service's start")
    pids = shop.pids()
    code, said, errors = running.stop(number)
    assert (code, errors) == (1, "")
    assert said.endswith("Stopped before every part was healthy; nothing is left running.\n")
    assert [pid for pid in pids if not gone(pid)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_parts_die_with_a_killed_tocsin_and_the_next_one_starts(shop: Project, up: Start) -> None:
    running = up()
    running.wait_until_ready()
    pids = shop.pids()
    running.stop(signal.SIGKILL)
    until(lambda: all(map(gone, pids)), "the end of all parts")
    assert shop.run("status").stdout == f"No stack runs in {shop.folder}: start one with `tocsin up`.\n"
    up().wait_until_ready()


def test_a_busy_port_is_named_with_its_owner_and_the_way_out(shop: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (shop.root / "shop.py").write_text(CATALOG.replace("port=8000", f"port={port}"))
        refused = shop.run("up")
    name = Path(f"/proc/{os.getpid()}/comm").read_text().strip() if sys.platform == "linux" else "python"
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert f"ort {port} (checkout) is taken by {name} (pid {os.getpid()})" in refused.stderr
    assert refused.stderr.endswith("end what has it, or run `tocsin up --offset 100`.\n")
    assert refused.stderr.count("\n") == 1


def test_a_service_that_cannot_start_is_named_with_its_last_words(shop: Project) -> None:
    (shop.root / "checkout.py").write_text("raise SystemExit('no such warehouse')\n")
    failed = shop.run("up", "--free-ports")
    assert failed.returncode == 1
    log = shop.folder / "logs" / "checkout.log"
    assert failed.stderr == (
        f"tocsin: checkout ended with exit code 1; the last it said is: no such warehouse (its log is {log}).\n"
    )


def test_rules_that_promtool_refuses_are_one_sentence(shop: Project) -> None:
    broken = (
        'Alert("Broken", when="sum(", within="5m", severity="warning", because="It is broken.", runbook="broken.md")'
    )
    catalog = CATALOG.replace("import Catalog", "import Alert, Catalog").replace(
        '"checkout:app"', f'"checkout:app", alerts=({broken},)'
    )
    (shop.root / "shop.py").write_text(catalog)
    refused = shop.run("up", "--free-ports")
    assert refused.returncode == 2
    assert refused.stderr.startswith("tocsin: promtool refuses ")
    assert refused.stderr.count("\n") == 1


def test_an_unwritable_folder_is_one_sentence(shop: Project) -> None:
    shop.folder.write_text("a file")
    refused = shop.run("up", "--free-ports")
    assert refused.returncode == 2
    assert refused.stderr == (
        f"tocsin: {shop.folder} cannot be written (File exists): mend its permissions, or choose another --folder.\n"
    )


def test_a_missing_tool_is_one_sentence(shop: Project) -> None:
    refused = shop.run("up", "--free-ports", env={**os.environ, "PATH": str(shop.root)})
    assert refused.returncode == 2
    assert refused.stderr.startswith("tocsin: There is no alertmanager in ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--offset", "1", "--free-ports"), "contradict each other: give one of them."),
        (("--offset", "60000"), "gives prometheus the port 69090: choose one from -7999 to 56438."),
    ],
)
def test_ports_that_cannot_be_meant_are_refused(shop: Project, options: tuple[str, ...], sentence: str) -> None:
    refused = shop.run("up", *options)
    assert refused.returncode == 2
    assert sentence in refused.stderr


def test_it_runs_on_when_nobody_reads_what_it_says(shop: Project, up: Start) -> None:
    running = up()
    assert running.process.stdout is not None
    running.process.stdout.close()
    until(shop.healthy, "health")
    os.kill(shop.parts()["checkout"].pid or 0, signal.SIGKILL)
    until(lambda: shop.parts()["checkout"].restarts == 1 and shop.healthy(), "health again")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait() == 0


def test_a_run_folder_that_vanishes_stops_everything_with_a_sentence(shop: Project, up: Start) -> None:
    running = up()
    running.wait_until_ready()
    pids = shop.pids()
    shutil.rmtree(shop.folder)
    os.kill(pids[0], signal.SIGKILL)
    errors = running.process.communicate(timeout=PATIENCE)[1]
    assert running.process.returncode == 2
    assert errors == (
        f"tocsin: {shop.folder / 'state.json'} cannot be written (No such file or directory): the stack was stopped.\n"
    )
    assert [pid for pid in pids if not gone(pid)] == []


def test_the_last_lines_of_a_service_are_kept_too(shop: Project, up: Start) -> None:
    def kept() -> int:
        query = f"SELECT count(*) FROM ({rows.of(readable(shop.folder / 'data' / 'logs'))})"  # noqa: S608 - quoted
        return int(duckdb.connect().execute(query).fetchall()[0][0])

    running = up("--no-traffic")
    running.wait_until_ready()
    until(lambda: kept() > 0, "the first lines")
    assert running.stop()[0] == 0
    printed = (shop.folder / "logs" / "checkout.log").read_text().splitlines()
    assert "Finished server process" in printed[-1]
    assert kept() == len(printed)
