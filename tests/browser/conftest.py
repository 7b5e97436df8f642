"""A small running stack with a console, and Chromium to look at it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.stack.projects import APP, CATALOG, PYPROJECT, Project, start
from tests.waiting import until

expect.set_options(timeout=30_000)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

EXPRS = {
    "table": "up",
    "heatmap": "prometheus_http_request_duration_seconds_bucket",
    "piechart": "scrape_samples_scraped",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if CHROMIUM is None and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="there is no Chromium on PATH (Debian: apt-get install chromium)"))


def panel(kind: str, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": kind,
        "title": f"A {kind}",
        "gridPos": {"x": 8 * (number % 3), "y": 8 * (number // 3), "w": 8, "h": 8},
        "targets": [
            {"expr": EXPRS.get(kind, 'up{job=~"$job"}'), "legendFormat": "{{job}} {{le}}", "instant": kind == "table"}
        ],
        "fieldConfig": {"defaults": {"unit": "short", "custom": {"fillOpacity": 10}}},
        "options": {"legend": {"calcs": ["lastNotNull", "max"]}, "content": "Words as they <b>stand</b>."},
    }


KINDS = ("timeseries", "stat", "gauge", "bargauge", "piechart", "heatmap", "table", "text", "geomap")


def dashboard() -> dict[str, Any]:
    job = {
        "name": "job",
        "label": "Job",
        "type": "query",
        "query": "label_values(up, job)",
        "multi": True,
        "includeAll": True,
        "current": {"value": "$__all"},
    }
    return {
        "uid": "every-kind",
        "title": "Every kind",
        "time": {"from": "now-5m", "to": "now"},
        "refresh": "5s",
        "templating": {"list": [job]},
        "panels": [panel(kind, number) for number, kind in enumerate(KINDS)],
    }


def drawable(project: Project) -> bool:
    """Whether there are two points of each panel."""
    asked = (f"count_over_time({EXPRS.get(kind, 'up')}[5m]) > 1" for kind in KINDS)
    return all(project.get("prometheus", "api/v1/query", query=each)["data"]["result"] for each in asked)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project of one service and one board, all of it running."""
    folder = tmp_path_factory.mktemp("console")
    root = folder / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "shop.py").write_text(CATALOG)
    (root / "checkout.py").write_text(APP)
    project = Project(root, folder / "run")
    boards = "grafana/dashboards/small"
    up = start(project)
    try:
        up.wait_until_ready()
        for place in (root / "monitoring", project.folder / "configuration"):
            (place / boards).mkdir(parents=True)
            (place / boards / "every-kind.json").write_text(json.dumps(dashboard()))
        until(lambda: drawable(project), "Prometheus has two scrapes of everything that the board shows")
        yield project
        assert up.stop()[::2] == (0, "")
    finally:
        up.process.kill()
        up.process.communicate()


@pytest.fixture(scope="module")
def console(running: Project) -> str:
    """The address of the console."""
    return running.parts()["console"].url.rstrip("/")


@pytest.fixture(scope="module")
def lonely(running: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a console whose Prometheus and Alertmanager are away."""
    away = "http://127.0.0.1:1"
    elsewhere = Project(running.root, tmp_path_factory.mktemp("lonely"))
    process = subprocess.Popen(
        elsewhere.command("console", "--port=0", f"--prometheus={away}", f"--alertmanager={away}"),
        cwd=elsewhere.root,
        env=elsewhere.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().rpartition(" ")[2].strip().rstrip("/")
    process.terminate()
    process.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window; while it is there no other event loop can run in this process."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(params=["light", "dark"])
def sight(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page for a reader who prefers light or dark; nothing may go wrong in it."""
    yield from _page(browser, request.param)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which nothing may go wrong."""
    yield from _page(browser, "light")


def _page(browser: Browser, scheme: Any) -> Iterator[Page]:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []
