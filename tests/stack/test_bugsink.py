"""Errors on their whole way: out of a service that `tocsin up` runs, into a real Bugsink, and read back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest

from tests.stack.projects import ROOT, Project, gone, start
from tests.waiting import until
from tocsin.live.bugsink import Bugsink, ToldEvent
from tocsin.stack import bugsink

PIPELINE = "lightspeed-bigquery"

PYPROJECT = """\
[tool.tocsin]
catalog = "catalog:CATALOG"

[tool.tocsin.environment.lightspeed-bigquery]
SERVICE_VERSION = "4.5.6"
TOCSIN_ENVIRONMENT = "rehearsal"
"""

CATALOG = """\
from tocsin import Catalog, Service, Team

PIPELINE = Service(
    name="lightspeed-bigquery", team="data", port=8081, because="Sales are lost.", app="pipeline:app"
)
OTHER = Service(name="other", team="data", port=8082, because="Nothing else works.", app="other:app")
CATALOG = Catalog(
    services=(PIPELINE, OTHER),
    teams=(Team(name="data", slack="#data"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example/data",
)
"""

APP = """\
from fastapi import FastAPI, Request

import tocsin
from catalog import PIPELINE

app = FastAPI()
obs = tocsin.observe(app, PIPELINE)


class Refused(Exception):
    pass


def upload(given):
    token, card = given["token"], given["card"]
    raise Refused(f"The warehouse refused {given['email']} with {card} and Bearer {token}")


@app.post("/sync/{sale_id}")
async def sync(sale_id: str, request: Request):
    given = await request.json()
    obs.log.info(f"Sale of {given['email']}", token=given["token"], paid={"with": given["card"]})
    try:
        upload(given)
    except Refused as error:
        obs.capture(error, operation="syncSales", sale_id=sale_id, retry_count=3)
        raise


@app.get("/sales/{sale_id}")
async def sale(sale_id: str):
    obs.log.info("Looking the sale up", sale_id=sale_id)
    raise LookupError(f"no sale {sale_id}")
"""

OTHER = """\
import tocsin
from catalog import OTHER


async def empty(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


app = tocsin.observe(empty, OTHER).app
"""

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not bugsink.installed(), reason="Bugsink is not there: `make setup` installs it"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two services and their error tracker; they have to stop cleanly."""
    root = tmp_path_factory.mktemp("project")
    for name, text in (
        ("pyproject.toml", PYPROJECT),
        ("catalog.py", CATALOG),
        ("pipeline.py", APP),
        ("other.py", OTHER),
    ):
        (root / name).write_text(text)
    (root / ".tools").symlink_to(ROOT / ".tools")
    project = Project(root, root / "run")
    running = start(project)
    try:
        assert running.process.stdout is not None
        assert running.process.stdout.readline().startswith("Starting ")
        assert running.process.stdout.readline() == bugsink.FIRST + "\n"
        running.wait_until_ready()
        yield project
        pids = project.pids()
        code, said, errors = running.stop()
        assert (code, errors) == (0, "")
        assert said.endswith("Stopped; nothing is left running.\n")
        assert [pid for pid in pids if not gone(pid)] == []
    finally:
        running.process.kill()
        running.process.communicate()


def tracker(shop: Project) -> Bugsink:
    token = (shop.folder / "data" / "bugsink" / "token").read_text()
    return Bugsink(shop.parts()["bugsink"].url, token)


def of(shop: Project, service: str) -> int:
    return next(project.number for project in tracker(shop).projects() if project.name == service)


def events(shop: Project, message: str) -> list[ToldEvent]:
    """Return every event in which an exception says *message*."""
    asked = tracker(shop)
    seen = [event for issue in asked.issues(of(shop, PIPELINE)) for event in asked.events(issue.id)]
    whole = [asked.event(event.id) for event in seen]
    return [event for event in whole if any(message in each["value"] for each in event.data["exception"]["values"])]


def told(shop: Project, message: str) -> ToldEvent:
    """Return the one event in which an exception says *message*, once it is there."""
    until(lambda: bool(events(shop, message)), "the error in Bugsink")
    (event,) = events(shop, message)
    return event


def lines(shop: Project, service: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shop.folder / "logs" / f"{service}.log").read_text().splitlines()]


def ask(shop: Project, method: str, path: str, **more: Any) -> int:
    url = shop.parts()[PIPELINE].url.rstrip("/")
    return httpx.request(method, url + path, trust_env=False, timeout=30, **more).status_code


def test_each_service_has_a_project_of_its_own(shop: Project) -> None:
    assert [project.name for project in tracker(shop).projects()] == [PIPELINE, "other"]


def test_an_error_that_the_service_captures_has_its_tags_and_extras_and_no_secret(shop: Project) -> None:
    secrets = {
        "email": "erika.mustermann@mail.example",
        "card": "4111 1111 1111 1111",
        "token": "Zq7PlantedToken9XyWv",
    }
    status = ask(
        shop,
        "POST",
        "/sync/S-1187?token=PlantedInQuery&email=max.mustermann%40mail.example",
        json=secrets,
        headers={
            "Authorization": "Bearer PlantedInHeader",
            "Cookie": "session=PlantedInCookie",
            "X-Note": f"of {secrets['email']}",
        },
    )
    assert status == 500
    event = told(shop, "The warehouse refused")
    assert event.data["tags"] == {"service": PIPELINE, "operation": "syncSales"}
    assert event.data["extra"]["sale_id"] == "S-1187"
    assert event.data["extra"]["retry_count"] == 3
    assert (event.data["release"], event.data["environment"]) == ("4.5.6", "rehearsal")
    (exception,) = event.data["exception"]["values"]
    assert exception["type"] == "Refused"
    variables = exception["stacktrace"]["frames"][-1]["vars"]
    assert {"token", "card", "given"} <= variables.keys()
    assert any("Sale of" in crumb["message"] for crumb in event.data["breadcrumbs"]["values"])
    whole = json.dumps(event.data)
    planted = (*secrets.values(), "4111", "PlantedIn", "mustermann")
    assert [secret for secret in planted if secret in whole] == []


def test_an_error_of_a_request_arrives_once_with_its_route_and_the_trace_of_its_log_lines(shop: Project) -> None:
    sale = token_hex(4)
    assert ask(shop, "GET", f"/sales/{sale}") == 500
    event = told(shop, sale)
    assert event.data["transaction"] == "GET /sales/{sale_id}"
    assert event.data["exception"]["values"][0]["mechanism"]["handled"] is False
    said = [line for line in lines(shop, PIPELINE) if line.get("fields", {}).get("sale_id") == sale]
    assert [line["logging.googleapis.com/trace"] for line in said] == [event.data["contexts"]["trace"]["trace_id"]]
    issue = next(issue for issue in tracker(shop).issues(of(shop, PIPELINE)) if issue.id == event.issue)
    assert (issue.kind, issue.transaction) == ("LookupError", "GET /sales/{sale_id}")
    assert (issue.resolved, issue.muted) == (False, False)
    assert issue.first_seen <= issue.last_seen
    later = token_hex(4)
    assert ask(shop, "GET", f"/sales/{later}") == 500
    told(shop, later)
    assert events(shop, sale) == [event]


def test_no_transaction_is_sampled_that_the_tracker_would_not_take(shop: Project) -> None:
    sale = token_hex(4)
    assert [ask(shop, "GET", "/nowhere") for _ in range(100)] == [404] * 100
    assert ask(shop, "GET", f"/sales/{sale}") == 500
    told(shop, sale)  # and so would be what was sent before it
    url = shop.parts()[PIPELINE].url
    lost = [
        line
        for line in httpx.get(f"{url}metrics", trust_env=False).text.splitlines()
        if line.startswith('tocsin_sdk_dropped_total{reason="transaction"}')
    ]
    assert [line.split()[1] for line in lost] == ["0"]
    assert "skipping non-supported" not in (shop.folder / "logs" / "bugsink.log").read_text()


def test_a_restart_keeps_where_errors_are_sent_and_what_was_sent(shop: Project) -> None:
    before, after = token_hex(4), token_hex(4)
    assert ask(shop, "GET", f"/sales/{before}") == 500
    kept = told(shop, before)
    addresses = {file.name: file.read_text() for file in dsns(shop)}
    pid = shop.parts()["bugsink"].pid
    os.kill(pid or 0, signal.SIGKILL)
    until(lambda: shop.parts()["bugsink"].pid != pid and shop.healthy(), "the tracker's return")
    assert {file.name: file.read_text() for file in dsns(shop)} == addresses
    assert tracker(shop).event(kept.id) == kept
    assert ask(shop, "GET", f"/sales/{after}") == 500
    told(shop, after)


def test_what_opens_it_is_for_its_owner_alone(shop: Project) -> None:
    folder = shop.folder / "data" / "bugsink"
    secret = [folder / "secret-key", folder / "token", folder / "password", *dsns(shop), *folder.glob("*.sqlite3")]
    assert {file.stat().st_mode & 0o077 for file in secret} == {0}


def dsns(shop: Project) -> list[Path]:
    return sorted((shop.folder / "data" / "bugsink" / "dsn").iterdir())
