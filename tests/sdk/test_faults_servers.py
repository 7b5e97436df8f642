"""The fault door of real servers, with one worker and with several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sdk.receivers import ask, prometheus
from tests.sdk.test_drain import ASYNC, GUNICORN, UVICORN, answers, running
from tests.sdk.test_scrapes import free_port
from tests.sdk.test_servers_workers import scraped
from tests.waiting import until

SECRET = "only-for-this-test"  # noqa: S105 - it opens nothing but the doors of these tests
TOKEN = {"authorization": f"Bearer {SECRET}"}
DOORS = ("/healthz", "/readyz", "/metrics")
BROKEN, HEALED = "The service is broken on purpose", "The service is healed"

ONE = {"uvicorn": UVICORN, "gunicorn": GUNICORN}
SEVERAL = {
    "uvicorn": (*UVICORN, "--workers", "2"),
    "gunicorn": (*GUNICORN, "--workers", "2"),
    "gunicorn, preloaded": (*GUNICORN, "--workers", "2", "--preload"),
    "gunicorn with uvicorn": (*ASYNC, "--workers", "2"),
    "gunicorn with uvicorn, preloaded": (*ASYNC, "--workers", "2", "--preload"),
}


def order(url: str, body: Any) -> None:
    httpx.post(f"{url}/-/faults", json=body, headers=TOKEN).raise_for_status()


def told(folder: Path, what: str) -> int:
    """Return how often workers have said so."""
    return (folder / "log").read_text().count(what)


@pytest.mark.parametrize("server", ONE)
def test_a_server_that_is_down_answers_no_door_but_that_which_heals_it(server: str, tmp_path: Path) -> None:
    with running(tmp_path, ONE[server], TOCSIN_FAULTS=SECRET) as (process, url):
        order(url, {"down": True})
        for path in (*DOORS, "/"):
            answer = httpx.get(f"{url}{path}")
            assert (answer.status_code, answer.content) == (503, b"")
        order(url, {})
        assert [answers(url, path) for path in (*DOORS, "/")] == [200] * 4
        assert process.poll() is None


def test_prometheus_sees_that_a_service_is_down(tmp_path: Path) -> None:
    with running(tmp_path, UVICORN, TOCSIN_FAULTS=SECRET) as (_, url):
        target = url.removeprefix("http://")
        configuration = f"""
scrape_configs: [{{job_name: shop, scrape_interval: 1s, static_configs: [{{targets: ["{target}"]}}]}}]
"""
        with prometheus(tmp_path / "prometheus", configuration) as api:
            until(lambda: bool(ask(api, "up == 1")), "that the service is up")
            order(url, {"down": True})
            until(lambda: bool(ask(api, "up == 0")), "that it is down")
            assert ask(api, "visits_total") == []
            order(url, {})
            until(lambda: bool(ask(api, "up == 1")), "that it is up again")


@pytest.mark.parametrize("server", SEVERAL)
def test_the_port_of_the_metrics_wants_its_token_and_is_down_too(server: str, tmp_path: Path) -> None:
    port = free_port()
    variables = {"TOCSIN_FAULTS": SECRET, "TOCSIN_METRICS_PORT": str(port), "TOCSIN_METRICS_TOKEN": "s3cret"}
    with running(tmp_path, SEVERAL[server], **variables) as (_, url):
        metrics = f"http://127.0.0.1:{port}/metrics"

        bearing = {"authorization": "Bearer s3cret"}

        def scrape(**headers: str) -> int:
            return httpx.get(metrics, headers={**bearing, **headers}).status_code

        assert answers(url, "/metrics") == 404
        assert [answers(url, "/") for _ in range(20)] == [200] * 20
        for _ in range(10):
            assert 'route="/",status_code="200"} 20' in httpx.get(metrics, headers=bearing).text
        assert (scrape(), scrape(authorization="Bearer guess"), httpx.get(metrics).status_code) == (200, 401, 401)
        order(url, {"down": True})
        until(lambda: {scrape() for _ in range(10)} == {503}, "that every worker's port is down")
        order(url, {})
        until(lambda: {scrape() for _ in range(10)} == {200}, "that every worker's port is up")


def test_a_program_that_only_imports_gunicorn_is_none_of_its_masters(tmp_path: Path) -> None:
    port = free_port()
    program = "import gunicorn.workers.base, uvicorn, shop; uvicorn.run(shop.app, port=0)"
    with running(tmp_path, ("-c", program), TOCSIN_METRICS_PORT=str(port)):
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200


@pytest.mark.parametrize("server", SEVERAL)
def test_an_order_reaches_every_worker(server: str, tmp_path: Path) -> None:
    with running(tmp_path, SEVERAL[server], TOCSIN_FAULTS=SECRET) as (_, url):

        def asked(said: str) -> Callable[[], bool]:
            """Ask on a new connection each time, until every worker has said that it obeys."""
            return lambda: bool(answers(url, "/")) and told(tmp_path, said) >= 2

        order(url, {"errors": 1, "silence": ["visits_total"]})
        until(asked(BROKEN), "every worker's word that it is broken")
        assert [answers(url, "/") for _ in range(20)] == [500] * 20
        order(url, {"silence": ["visits_total"]})
        until(lambda: answers(url, "/") == 200 and told(tmp_path, BROKEN) >= 4, "every worker's word on the next order")
        before = scraped(url)["visits_total"]
        assert [answers(url, "/") for _ in range(20)] == [200] * 20
        assert scraped(url)["visits_total"] == before
        order(url, {})
        until(asked(HEALED), "every worker's word that it is healed")
        before = scraped(url)["visits_total"]
        assert [answers(url, "/") for _ in range(20)] == [200] * 20
        assert scraped(url)["visits_total"] == before + 20
        assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("server", ["uvicorn", "gunicorn"])
def test_every_worker_heals_by_itself(server: str, tmp_path: Path) -> None:
    with running(tmp_path, SEVERAL[server], TOCSIN_FAULTS=SECRET) as (_, url):
        order(url, {"down": True, "for": 3})
        until(lambda: bool(answers(url, "/")) and told(tmp_path, HEALED) >= 1, "that a worker is healed")
        until(lambda: [answers(url, "/") for _ in range(20)] == [200] * 20, "that both workers are healed")


def test_workers_that_meet_in_a_folder_obey_one_order_and_so_does_who_comes_later(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    variables = {"TOCSIN_FAULTS": SECRET, "TOCSIN_WORKERS": str(tmp_path / "meeting")}
    one.mkdir()
    other.mkdir()
    with running(one, UVICORN, **variables) as (_, url):
        order(url, {"errors": 1})
        with running(other, GUNICORN, **variables) as (_, second):
            assert answers(second, "/") == 500
            order(second, {})
            until(lambda: answers(url, "/") == 200, "that the first is healed too")


def test_a_worker_that_can_meet_no_other_is_broken_alone_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "meeting").write_text("no folder")
    variables = {"TOCSIN_FAULTS": SECRET, "TOCSIN_WORKERS": str(tmp_path / "meeting")}
    with running(tmp_path, UVICORN, **variables) as (_, url):
        order(url, {"errors": 1})
        assert answers(url, "/") == 500
        order(url, {})
        assert answers(url, "/") == 200
        assert told(tmp_path, "The fault door will break this worker alone") == 2, (
            "each application of the program, once"
        )
