"""The Compose project and the Dockerfile: judged by a schema and by rules, and their commands run without Docker."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from tests.bundles.dockerfiles import faults, instructions, last, lineage, stages
from tests.waiting import until
from tocsin import bundles, source
from tocsin.bundles import compose
from tocsin.derive import Plan, derive
from tocsin.model import TocsinError, surroundings
from tocsin.model.surroundings import Surroundings
from tocsin.stack import bugsink, tools

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "compose.json").read_text(encoding="utf-8"))
TARGETS = ("service", "tocsin", "bugsink")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return derive(source.load_catalog())


@pytest.fixture(scope="module")
def around(plan: Plan) -> Surroundings:
    return surroundings.read(source.settings(ROOT), tuple(service.name for service in plan.catalog.services))


@pytest.fixture(scope="module")
def written(plan: Plan, around: Surroundings) -> dict[str, str]:
    return {each.path: each.text for each in bundles.deliver(plan, around)}


@pytest.fixture(scope="module")
def folder(written: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return monitoring/, as it is built."""
    found = tmp_path_factory.mktemp("project") / "monitoring"
    for path, text in written.items():
        (found / path).parent.mkdir(parents=True, exist_ok=True)
        (found / path).write_text(text, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def project(written: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(written["compose.yaml"])
    return found


@pytest.fixture(scope="module")
def parts(project: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = project["services"]
    return found


@pytest.fixture(scope="module")
def dockerfile(written: dict[str, str]) -> str:
    return written["compose/Dockerfile"]


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        port: int = probing.getsockname()[1]
        return port


def told(command: list[str], **environment: str) -> int:
    """Return how a command ends."""
    ended = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False)
    return ended.returncode


def test_it_is_what_the_specification_takes(project: dict[str, Any]) -> None:
    assert [each.message for each in jsonschema.Draft202012Validator(SCHEMA).iter_errors(project)] == []


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("grafana", {"ports": ["3000:3000"]}),
        ("grafana", {"image": "grafana/grafana"}),
        ("traffic", {"depends_on": {"voice-commerce": {"condition": "healthy"}}}),
        ("traffic", {"enviroment": {}}),
    ],
)
def test_the_schema_refuses_what_must_not_be(project: dict[str, Any], part: str, change: dict[str, Any]) -> None:
    wrong = {**project, "services": {**project["services"], part: {**project["services"][part], **change}}}
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(wrong)


def test_every_service_and_companion_of_the_project_runs(
    plan: Plan, around: Surroundings, parts: dict[str, dict[str, Any]]
) -> None:
    applications = {each.name: each.app for each in plan.catalog.services}
    applications |= {each.name: each.app for each in around.companions}
    assert {name: parts[name]["build"]["args"]["APP"] for name in applications} == applications
    assert {"prometheus", "alertmanager", "grafana", "bugsink", "inbox", "traffic"} < set(parts)
    assert parts["lightspeed-bigquery"]["environment"]["LIGHTSPEED_URL"] == "http://lightspeed-api:8090"


def test_whatever_a_part_names_is_there(project: dict[str, Any], written: dict[str, str], dockerfile: str) -> None:
    mounted = set()
    for part in project["services"].values():
        assert set(part["networks"]) <= set(project["networks"])
        assert set(part.get("depends_on", ())) <= set(project["services"])
        for mount in part.get("volumes", ()):
            what = mount.partition(":")[0]
            if what.startswith("./"):
                assert any(f"{path}/".startswith(f"{what[2:]}/") for path in written), what
            else:
                mounted.add(what)
        if "build" in part:
            assert part["build"]["dockerfile"] == "monitoring/compose/Dockerfile"
            assert part["build"]["target"] in stages(dockerfile)
            assert set(part["build"]["args"]) <= {rest.partition("=")[0] for rest in args(dockerfile)}
            assert (ROOT / part["build"]["args"]["LOCK"]).is_file()
    assert mounted == set(project["volumes"])


def args(dockerfile: str) -> list[str]:
    return [rest for word, rest in instructions(dockerfile) if word == "ARG"]


def test_whom_others_wait_for_says_that_it_is_well(parts: dict[str, dict[str, Any]], dockerfile: str) -> None:
    for name in {name for part in parts.values() for name in part.get("depends_on", ())}:
        image = lineage(stages(dockerfile), parts[name]["build"]["target"]) if "build" in parts[name] else []
        assert "healthcheck" in parts[name] or last(image, "HEALTHCHECK") not in {"", "NONE"}, name


def test_who_talks_to_whom_shares_a_network(parts: dict[str, dict[str, Any]]) -> None:
    for name, part in parts.items():
        for other in re.findall(r"http://([a-z][a-z-]+):\d+", json.dumps(part)):
            assert other == name or set(part["networks"]) & set(parts[other]["networks"]), f"{name} to {other}"


def test_nobody_writes_but_into_volumes_and_no_two_publish_one_port(parts: dict[str, dict[str, Any]]) -> None:
    for part in parts.values():
        assert (part["read_only"], part["cap_drop"], part["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108 - in memory
        assert all(mount.endswith(":ro") for mount in part.get("volumes", ()) if mount.startswith("./"))
    published = [port for part in parts.values() for port in part.get("ports", ())]
    assert len(published) == len(set(published))


def test_no_part_is_handed_a_secret_but_as_a_file(parts: dict[str, dict[str, Any]]) -> None:
    handed = {key for part in parts.values() for key in part.get("environment", {})}
    assert [key for key in handed if re.search("SECRET|TOKEN|PASSWORD|DSN|KEY", key)] == ["SENTRY_DSN_FILE"]


def test_what_is_mounted_is_what_prometheus_and_alertmanager_take(folder: Path, run_tool: Run) -> None:
    found = [
        run_tool("promtool", "check", "config", folder / "compose/prometheus/prometheus.yml"),
        run_tool("amtool", "check-config", folder / "compose/alertmanager/alertmanager.yml"),
    ]
    assert [each.returncode for each in found] == [0, 0], found
    said = (folder / "compose/alertmanager/alertmanager.yml").read_text(encoding="utf-8")
    assert "pagerduty.com" not in said
    assert "http://inbox:9095/v2/enqueue" in said


def test_a_compose_client_takes_it(folder: Path) -> None:
    if shutil.which("docker") is None or told(["docker", "compose", "version"]):
        pytest.skip("no Compose client on this machine: docker compose, of version 2 or later")
    command = ["docker", "compose", "-f", str(folder / "compose.yaml"), "config", "--quiet"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("target", TARGETS)
def test_every_image_is_built_in_stages_runs_as_nobody_special_and_says_how_it_is(dockerfile: str, target: str) -> None:
    assert list(faults(dockerfile, target)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("USER 10001:10001\n", "", "it runs as root"),
        ("USER 10001:10001\n", "USER 0:0\n", "it runs as root"),
        ("COPY --from=build /opt/tocsin", "COPY /opt/tocsin", "it is built in one stage"),
        ("HEALTHCHECK NONE\n", "", "it does not say how to tell that it is well"),
        ("FROM python:", "FROM python:latest AS unpinned\nFROM python:", "python:latest is not pinned"),
        ("--require-hashes", "", "pip installs what no hash vouches for"),
        ("ARG APP\n", "ARG APP\nENV TOKEN=abc\n", "a secret stays in the image"),
        ("COPY . .\n", "ADD . .\n", "ADD fetches and unpacks"),
        ("WORKDIR /project\n", "WORKDIRECTORY /project\n", "WORKDIRECTORY is no instruction"),
    ],
)
def test_the_rules_find_what_they_are_for(dockerfile: str, right: str, wrong: str, fault: str) -> None:
    assert right in dockerfile
    found = list(faults(dockerfile.replace(right, wrong), "tocsin"))
    assert [each for each in found if each.startswith(fault)]


def test_no_image_holds_a_registrys_address(written: dict[str, str]) -> None:
    assert not re.search(r"https?://(?!127\.0\.0\.1)", written["compose/Dockerfile"])


def test_the_lock_of_the_images_is_a_part_of_the_projects(around: Surroundings) -> None:
    ours, whole = (pins(ROOT / name) for name in (around.lock, "requirements.lock"))
    assert {name: hashes for name, hashes in ours.items() if whole.get(name) != hashes} == {}
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = (*asked["dependencies"], *asked["optional-dependencies"]["services"], "hatchling")
    names = {re.split(r"[^\w-]", line)[0].lower() for line in needed} - {"tocsin"}
    assert names <= {name.partition("==")[0] for name in ours}


def pins(lock: Path) -> dict[str, frozenset[str]]:
    """Return the hashes of each pinned package."""
    joined = re.sub(r"\\\n\s*", " ", lock.read_text(encoding="utf-8"))
    lines = [line for line in joined.splitlines() if line[:1].isalnum()]
    return {line.split()[0]: frozenset(re.findall(r"--hash=(\S+)", line)) for line in lines}


def test_the_install_command_installs_what_is_locked(around: Surroundings, dockerfile: str) -> None:
    (words,) = re.findall(r"/opt/tocsin/bin/pip (install --require-hashes --requirement) \S+", dockerfile)
    said = subprocess.run(
        [sys.executable, "-m", "pip", *words.split(), str(ROOT / around.lock), "--dry-run", "--no-index"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "Would install" not in said.stdout


def test_every_package_of_a_lock_has_hashes(around: Surroundings) -> None:
    assert all(all(pins(lock).values()) for lock in (ROOT / around.lock, bugsink.LOCK))


def test_the_image_of_a_service_serves_and_says_that_it_is_well(
    parts: dict[str, dict[str, Any]], dockerfile: str
) -> None:
    image = lineage(stages(dockerfile), "service")
    port = str(free_port())
    environment = {**parts["voice-commerce"]["build"]["args"], "PORT": port, "UVICORN_HOST": "127.0.0.1"}
    python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    probe = ["sh", "-c", last(image, "HEALTHCHECK").partition("CMD ")[2]]
    assert told(probe, **environment, PATH=python) != 0
    with running(json.loads(last(image, "CMD")), **environment, PATH=python) as served:
        until(lambda: told(probe, **environment, PATH=python) == 0, "a service that is well")
        assert served.poll() is None
    assert served.returncode in {0, -signal.SIGTERM}
    assert told(probe, **environment, PATH=python) != 0


def test_the_inbox_makes_alertmanagers_keys_and_takes_its_alerts(
    plan: Plan, parts: dict[str, dict[str, Any]], folder: Path, tmp_path: Path
) -> None:
    port, data, keys = str(free_port()), tmp_path / "data", tmp_path / "keys"
    data.mkdir()
    keys.mkdir()
    places = {
        "python": sys.executable,
        "9095": port,
        "/data": str(data),
        "/keys": str(keys),
        "/runbooks": str(folder / "runbooks"),
    }
    command = [places.get(word, word) for word in parts["inbox"]["command"]]
    probe = [sys.executable, *(word.replace("9095", port) for word in parts["inbox"]["healthcheck"]["test"][2:])]
    with running(command):
        until(lambda: told(probe) == 0, "an inbox that is well")
        assert {file.name: oct(file.stat().st_mode & 0o777) for file in keys.iterdir()} == {
            route.secret: "0o640" for route in plan.routes
        }
        secret = next(route.secret for route in plan.routes if route.channel == "slack")
        address = (keys / secret).read_text(encoding="utf-8")
        assert address.startswith(f"http://inbox:{port}/services/")
        url = address.replace("inbox", "127.0.0.1")
        answers = {
            host: httpx.post(url, json={"text": "x"}, headers={"Host": host}, trust_env=False).status_code
            for host in (f"inbox:{port}", "127.0.0.1", "example.com")
        }
        assert answers == {f"inbox:{port}": 200, "127.0.0.1": 200, "example.com": 400}
        page = httpx.get(f"http://127.0.0.1:{port}/runbooks/voice-commerce/service-down", trust_env=False)
        assert page.status_code == 200


@pytest.mark.parametrize(("name", "port"), [("prometheus", 9090), ("alertmanager", 9093)])
def test_the_real_programs_take_their_flags_and_the_healthcheck_finds_them_ready(
    parts: dict[str, dict[str, Any]], folder: Path, tmp_path: Path, name: str, port: int
) -> None:
    test = parts[name]["healthcheck"]["test"][1:]
    if not shutil.which(test[0]):
        pytest.skip(f"no {test[0]} on this machine")
    chosen = str(free_port())
    within = [
        word.replace(f"/etc/{name}/", f"{folder}/compose/{name}/").replace(f"=/{name}", f"={tmp_path}")
        for word in parts[name]["command"]
    ]
    probe = [word.replace(str(port), chosen) for word in test]
    with running([str(tools.find(name)), *within, f"--web.listen-address=127.0.0.1:{chosen}"], no_proxy="127.0.0.1"):
        until(lambda: told(probe, no_proxy="127.0.0.1") == 0, f"{name} is ready")


def test_the_documented_build_is_the_one_that_compose_does(dockerfile: str, parts: dict[str, dict[str, Any]]) -> None:
    (line,) = re.findall(r"^#\s+(docker build .*)$", dockerfile, re.MULTILINE)
    words = shlex.split(line)
    build = parts["voice-commerce"]["build"]
    assert words[words.index("-f") + 1] == build["dockerfile"]
    assert words[words.index("--target") + 1] == build["target"]
    asked = {word.partition("=")[0] for before, word in pairwise(words) if before == "--build-arg"}
    assert asked == {"APP", "PORT"}


def test_a_service_that_is_called_like_a_part_of_the_project_is_refused(plan: Plan, around: Surroundings) -> None:
    first, *others = plan.catalog.services
    catalog = replace(plan.catalog, services=(replace(first, name="inbox"), *others))
    with pytest.raises(TocsinError, match=r"A service is called inbox, as a part of monitoring/compose\.yaml is"):
        next(compose.pack(replace(plan, catalog=catalog), lambda _: {}, around))
