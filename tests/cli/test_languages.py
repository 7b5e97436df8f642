"""Services in other languages: what is written for them compiles and runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.waiting import until
from tocsin import live, source, targets
from tocsin.checks import Problem, conforming
from tocsin.derive import derive
from tocsin.stack.ports import free

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
PATIENCE = 120
"""Seconds in which npm has to fetch what it is asked for."""

TSC = ("node_modules/.bin/tsc", "--strict", "--module", "nodenext", "--target", "es2022")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the modules for TypeScript, and what they need from npm."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"There is no {program} on PATH.")
    folder = tmp_path_factory.mktemp("node")
    shutil.copy(HERE / "node/package.json", folder)
    install = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--prefer-offline")
    try:
        said = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not fetch its packages within {PATIENCE} s.")
    if said.returncode:
        pytest.skip(f"npm cannot fetch its packages: {said.stderr.strip()[-300:]}")
    for artifact in targets.build(derive(source.load_catalog())):
        if artifact.path.startswith("typescript/"):
            (folder / Path(artifact.path).name).write_text(artifact.text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def compiled(node: Path) -> Path:
    """The folder of the programs that the compiler makes of the page's service, and of the modules of all services."""
    (node / "service.ts").write_text(_block("ts"), encoding="utf-8")
    said = run(node, *TSC, "--outDir", "out", *(path.name for path in node.glob("*.ts")))
    assert (said.returncode, said.stdout) == (0, "")
    return node / "out"


@contextmanager
def running(folder: Path, *command: str) -> Iterator[str]:
    """Run a service, and yield its address once it answers."""
    address = f"http://127.0.0.1:{free(['service'])['service']}"
    environment = {**os.environ, "PORT": address.rpartition(":")[2]}
    with (folder / "log.txt").open("w") as log:
        service = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: service.poll() is not None or _answers(address), f"an answer of {address}")
            assert service.poll() is None, (folder / "log.txt").read_text()
            yield address
        finally:
            service.terminate()
            service.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/metrics").is_success
    except httpx.TransportError:
        return False


def _block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def order(address: str, intent: str = "order") -> None:
    """Speak to a service, and await that it counted that."""
    assert httpx.post(f"{address}/commands", json={"intent": intent, "confidence": 0.8}).is_success
    await_metric(address, 'status_code="200"')


def get_lost(address: str) -> None:
    """Ask for a route that is not there, by a method that nobody declared, and await that it was counted."""
    assert httpx.request("PROPFIND", f"{address}/orders/4711").status_code == 404
    await_metric(address, 'status_code="404"')


def await_metric(address: str, text: str) -> None:
    until(lambda: text in httpx.get(f"{address}/metrics").text, f"{text} in the exposition")


def found(address: str) -> list[Problem]:
    """Return in what the service at *address* differs from voice-commerce's catalog."""
    return list(conforming(derive(source.load_catalog()), live.look_at("voice-commerce", f"{address}/metrics")))


def test_the_modules_of_all_services_compile(compiled: Path) -> None:
    names = {service.name for service in source.load_catalog().services}
    assert {path.stem for path in compiled.glob("*.js")} == {*names, "service"}


def test_what_was_never_declared_does_not_compile(node: Path) -> None:
    folder = node / "wrong"
    folder.mkdir()
    lines = (
        'import { Counter } from "prom-client";',
        'import { VOICE_COMMANDS_TOTAL, VoiceCommandsTotalLabels } from "../voice-commerce.js";',
        'const labels: VoiceCommandsTotalLabels = { intent: "oder" };',
        "const commands = new Counter(VOICE_COMMANDS_TOTAL);",
        'commands.inc({ intention: "order" });',
    )
    (folder / "wrong.ts").write_text("\n".join(lines))
    said = run(node, *TSC, "--noEmit", "wrong/wrong.ts")
    assert re.findall(r"^wrong/wrong\.ts\((\d+),", said.stdout, re.MULTILINE) == ["3", "5"], said.stdout


def test_business_metrics_in_the_global_registry_are_missed_and_nothing_else_is_found(node: Path) -> None:
    shutil.copy(HERE / "node/spec.js", node)
    with running(node, "node", "spec.js") as address:
        order(address)
        problems = found(address)
    assert sorted((problem.check, problem.subject) for problem in problems) == [
        ("conform/buckets", "voice-commerce/http_request_duration_seconds"),
        ("conform/missing", "voice-commerce/http_requests_in_flight"),
        ("conform/missing", "voice-commerce/intent_confidence"),
        ("conform/missing", "voice-commerce/log_records_total"),
        ("conform/missing", "voice-commerce/orders_created_total"),
        ("conform/missing", "voice-commerce/voice_commands_total"),
    ]
    told = [f"{each.severity}: {each.subject}: {each.message} [{each.check}]" for each in problems]
    assert sorted(re.findall(r"^\S+:\d+:\d+: (.*\])$", PAGE, re.MULTILINE)) == sorted(told)
    assert f"\n{len(told)} problems.\n" in PAGE


def test_the_service_of_the_page_conforms_before_and_after_its_first_requests(compiled: Path) -> None:
    with running(compiled, "node", "service.js") as address:
        assert found(address) == []
        order(address)
        order(address, "dance")
        get_lost(address)
        assert found(address) == []
        exposed = httpx.get(f"{address}/metrics").text.splitlines()
    for line in (
        'voice_commands_total{intent="order"} 1',
        'voice_commands_total{intent="other"} 1',
        'voice_commands_total{intent="cancel"} 0',
        "orders_created_total 1",
        "intent_confidence_count 2",
        'log_records_total{severity="INFO"} 1',
        'http_requests_total{method="POST",route="/commands",status_code="200"} 2',
        'http_requests_total{method="other",route="unmatched",status_code="404"} 1',
        "http_requests_in_flight 0",
    ):
        assert line in exposed


def test_the_service_in_go_conforms(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("There is no go on PATH.")
    packages = os.environ.get("GOPATH", "/usr/share/gocode")
    if not Path(packages, "src/github.com/prometheus/client_golang").is_dir():
        pytest.skip(f"{packages} has no client_golang.")
    shutil.copy(ROOT / "docs/examples/go/main.go", tmp_path)
    shutil.copy(ROOT / "monitoring/catalog.json", tmp_path)
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": packages, "GOCACHE": str(tmp_path / "cache")}
    built = subprocess.run(
        ["go", "build", "-o", "service", "main.go"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    with running(tmp_path, str(tmp_path / "service")) as address:
        order(address)
        order(address, "dance")
        get_lost(address)
        assert found(address) == []
