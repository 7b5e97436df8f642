"""`tocsin doctor`, run as a user would: where nothing is there, where all is, and where one thing is wrong."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from typer.testing import CliRunner

from tocsin import source
from tocsin.cli import app
from tocsin.cli.doctor import machine
from tocsin.cli.doctor import project as projects
from tocsin.stack import bugsink

Doctor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def doctor(project: Path) -> Doctor:
    """Run `tocsin doctor` in the project's folder, with the programs of *path* alone."""

    def run(*arguments: str, path: str = "/nowhere") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "tocsin.cli", "doctor", *arguments]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    return run


def found(said: str) -> dict[str, dict[str, str]]:
    return {each["name"]: each for each in json.loads(said)["found"]}


def anywhere(text: str, project: Path) -> str:
    """Return a transcript without what differs from machine to machine."""
    for own, name in ((sys.executable, "PYTHON"), (str(bugsink.LOCK), "LOCK"), (str(project), "PROJECT")):
        text = text.replace(own, name)
    text = re.sub(r"\d+(\.\d+)+( GiB)?(?=[, \n])", r"N\2", text)
    text = re.sub(r"(?m)^\d+ things to mend", "N things to mend", re.sub(r"stale: .*", "stale: FILES", text))
    return re.sub(r"(?m)^\w+ +ports .*\n( .*\n)*", "(ports)\n", text)


def test_where_nothing_is_it_says_what_to_do(doctor: Doctor, project: Path) -> None:
    said = doctor()
    assert said.returncode == 1
    assert said.stderr == ""
    assert anywhere(said.stdout, project) == snapshot("""\
ok        python                 N, PYTHON
mend      prometheus             There is no prometheus in PROJECT/.tools/bin or on PATH
                                 put Prometheus N or later, below 4 on PATH; or
                                 `PYTHON -m tocsin.stack.tools` in this folder unpacks Debian's, without root
mend      promtool               There is no promtool in PROJECT/.tools/bin or on PATH
                                 put Prometheus N or later, below 4 on PATH; or
                                 `PYTHON -m tocsin.stack.tools` in this folder unpacks Debian's, without root
mend      alertmanager           There is no alertmanager in PROJECT/.tools/bin or on PATH
                                 put Alertmanager N or later on PATH; or
                                 `PYTHON -m tocsin.stack.tools` in this folder unpacks Debian's, without root
mend      amtool                 There is no amtool in PROJECT/.tools/bin or on PATH
                                 put Alertmanager N or later on PATH; or
                                 `PYTHON -m tocsin.stack.tools` in this folder unpacks Debian's, without root
optional  bugsink                not installed: `tocsin up` runs without an error tracker
                                 in Tocsin's own repository: `make setup`; else:
                                 `PYTHON -m venv PROJECT/.tools/bugsink`
                                 `PROJECT/.tools/bugsink/bin/pip install --require-hashes -r LOCK`
                                 `cp LOCK PROJECT/.tools/bugsink/locked`
ok        uvicorn                N
ok        duckdb                 N
ok        nicegui                N
ok        google-cloud-bigquery  N
optional  chromium               not on PATH: the console's own tests look with it
                                 install it if you want that (Debian: chromium)
optional  node                   not on PATH: the tests of services in JavaScript run in it
                                 install it if you want that (Debian: nodejs)
optional  docker                 not on PATH: what is packed for containers runs in it
                                 install it if you want that (Debian: docker.io)
ok        run folder             PROJECT/.tocsin
ok        disk                   N GiB free
ok        catalog                1 service in PROJECT
mend      monitoring/            stale: FILES
                                 `tocsin build` writes them
(ports)
N things to mend.
""")


def test_where_all_is_there_it_says_in_which_version() -> None:
    said = {
        each["name"]: each
        for each in json.loads(CliRunner().invoke(app, ["doctor", "--format", "json"]).stdout)["found"]
    }
    there = ("prometheus", "promtool", "alertmanager", "amtool", "run folder", "disk", "catalog", "monitoring/")
    assert {name: said[name]["state"] for name in there} == dict.fromkeys(there, "ok")
    assert re.match(r"\d+\.\d+\.\d+, .*promtool$", said["promtool"]["said"])
    assert re.fullmatch(rf"\d+ services in {source.project_root()}", said["catalog"]["said"])


def test_a_taken_port_and_what_is_stale_are_said(doctor: Doctor, project: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        catalog = project / "shop/catalog.py"
        catalog.write_text(catalog.read_text().replace("port=8000,", f'port={port}, app="shop.app:app",'))
        said = found(doctor("--format", "json").stdout)
    assert (said["ports"]["state"], said["monitoring/"]["state"]) == ("mend", "mend")
    assert said["monitoring/"]["cure"] == "`tocsin build` writes them"
    assert f"ort {port} (checkout) is taken by " in said["ports"]["said"]
    assert f"(pid {os.getpid()})" in said["ports"]["said"]
    assert said["ports"]["cure"] == "end what has it, or run `tocsin up --offset 100`"


def test_a_catalog_that_does_not_load_is_said_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_catalog.py").write_text("CATALOG = 1 / 0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (said,) = projects.examined(tmp_path, "no_catalog:CATALOG")
    assert (said.name, said.state) == ("catalog", "mend")
    assert said.said.startswith("no_catalog.py:1: ZeroDivisionError")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = machine.writable(tmp_path / "file" / "run")
    assert (found.state, found.said) == ("mend", f"{tmp_path}/file cannot be written (Not a directory)")
