"""One run of the five services, as `make up` starts it, seen from all sides."""

from __future__ import annotations

import os
import signal
import stat

import duckdb
import pytest

from tests.stack.projects import Project
from tests.waiting import until
from tocsin.logs import rows
from tocsin.logs.layout import readable
from tocsin.stack import bugsink, console

SERVICES = ["customer-profile", "lightspeed-bigquery", "si-recommendations", "video-commerce", "voice-commerce"]

pytestmark = pytest.mark.live


def test_every_part_is_healthy(real_shop: Project) -> None:
    found = real_shop.status()
    names = [part["name"] for part in found["parts"]]
    beside = ["inbox", "alertmanager", "lightspeed-api", "logs", "prometheus", "traffic"]
    tracker = ["bugsink"] if bugsink.installed() else []
    pages = ["console"] if console.installed() else []
    assert sorted(names) == sorted([*SERVICES, *beside, *tracker, *pages])
    assert found["running"]
    assert {part["health"] for part in found["parts"]} == {"healthy"}
    assert real_shop.run("status").returncode == 0


def test_keys_are_for_their_owner_alone(real_shop: Project) -> None:
    secrets = real_shop.folder / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.iterdir()} == {0o600}


def test_a_second_stack_in_the_folder_is_refused(real_shop: Project) -> None:
    refused = real_shop.run("up", "--free-ports")
    pid = real_shop.status()["pid"]
    assert refused.returncode == 2
    assert refused.stderr == (
        f"tocsin: A stack runs in {real_shop.folder} already (pid {pid}): "
        f"stop it with Ctrl-C in its terminal, or with `kill {pid}`.\n"
    )
    assert real_shop.status()["healthy"]


def test_every_target_is_up(real_shop: Project) -> None:
    def ups() -> dict[str, str]:
        targets = real_shop.get("prometheus", "api/v1/targets")["data"]["activeTargets"]
        return {target["labels"]["job"]: target["health"] for target in targets}

    until(lambda: ups() == dict.fromkeys((*SERVICES, "prometheus", "alertmanager"), "up"), "seven targets up")


def test_every_recording_rule_yields_data(real_shop: Project) -> None:
    groups = real_shop.get("prometheus", "api/v1/rules", type="record")["data"]["groups"]
    recordings = {rule["name"] for group in groups for rule in group["rules"]}
    assert len(recordings) > len(SERVICES)

    def lacking() -> set[str]:
        return recordings - set(real_shop.get("prometheus", "api/v1/label/__name__/values")["data"])

    until(lambda: not lacking(), "data of every recording rule", limit=120)
    rules = [rule for group in real_shop.get("prometheus", "api/v1/rules")["data"]["groups"] for rule in group["rules"]]
    assert [rule for rule in rules if rule["health"] != "ok"] == []


def test_the_heartbeat_reaches_the_inbox(real_shop: Project) -> None:
    until(lambda: bool(real_shop.get("inbox", "heartbeats.json")["heartbeats"]), "a beat of the heartbeat", limit=150)


def test_visitors_reach_every_service(real_shop: Project) -> None:
    def visited() -> set[str]:
        query = 'sum by (service) (http_requests_total{status_code="200"}) > 0'
        found = real_shop.get("prometheus", "api/v1/query", query=query)["data"]["result"]
        return {series["metric"]["service"] for series in found}

    until(lambda: visited() == set(SERVICES), "visits to every service")


def test_every_killed_part_comes_back_and_is_counted(real_shop: Project) -> None:
    before = real_shop.parts()
    for pid in real_shop.pids():
        os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        now = real_shop.parts()
        return real_shop.healthy() and all(now[name].restarts == before[name].restarts + 1 for name in before)

    until(back, "every part back")
    assert {part.pid for part in before.values()}.isdisjoint(real_shop.pids())
    table = real_shop.run("status").stdout
    assert table.count("was ended by signal 9") == len(before)
    assert "http://127.0.0.1:" in table


def test_what_the_services_print_is_kept_and_can_be_asked(real_shop: Project) -> None:
    def speakers() -> set[str]:
        query = f"SELECT DISTINCT service FROM ({rows.of(readable(real_shop.folder / 'data' / 'logs'))})"  # noqa: S608
        return {service for (service,) in duckdb.connect().execute(query).fetchall()}

    until(lambda: set(SERVICES) <= speakers(), "lines of every service")
