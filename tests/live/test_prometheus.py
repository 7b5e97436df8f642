from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.checks.pages import plan_of_checkout, rules
from tests.sdk.receivers import prometheus
from tests.waiting import until
from tocsin.checks import CHECKS, from_plan, questions
from tocsin.live import ask
from tocsin.model import Observation, TocsinError

EXPOSED = """\
# TYPE payments_total counter
payments_total{outcome="taken"} 4
payments_total{outcome="refused"} 1
# TYPE surprise_total counter
surprise_total 1
# TYPE process_open_fds gauge
process_open_fds 9
"""


@pytest.fixture(scope="module")
def exposition() -> Iterator[str]:
    """The address of something that exposes metrics, but not all that the service promises."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(EXPOSED.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, exposition: str) -> Iterator[httpx.Client]:
    """A Prometheus that scrapes it, and a target where nobody listens."""
    configuration = f"""
global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}
scrape_configs:
- {{job_name: checkout, static_configs: [{{targets: ["{exposition}", "127.0.0.1:1"]}}]}}
- {{job_name: other, static_configs: [{{targets: ["{exposition}"]}}]}}
"""
    with prometheus(tmp_path_factory.mktemp("prometheus"), configuration) as api:

        def settled() -> bool:
            targets = api.get("/api/v1/targets").json()["data"]["activeTargets"]
            return len(targets) == 3 and all(target["health"] != "unknown" for target in targets)

        until(settled, "every target is scraped")
        yield api


def test_a_running_prometheus_is_asked_what_it_lacks(running: httpx.Client) -> None:
    case = from_plan(plan_of_checkout(), Observation())
    said = ask(str(running.base_url), questions(case), ["checkout"])
    case = replace(case, observation=replace(case.observation, live=said))

    def found(check: str) -> list[str]:
        return [problem.subject for problem in CHECKS[check](case)]

    assert found("live/target-down") == ["checkout/127.0.0.1:1"]
    assert found("live/never-observed") == ["checkout/fraud_score"]
    assert found("live/undeclared") == ["checkout/surprise_total"]
    assert found("live/too-many-series") == []
    assert "checkout/PaymentsStall" not in found("live/no-data")
    assert "checkout/HighErrorRate" in found("live/no-data")
    assert "Health: checkout/Memory usage" in found("live/no-data")


def test_what_is_there_is_counted(running: httpx.Client) -> None:
    said = ask(str(running.base_url), ["payments_total", "nothing", "vector(1) # a comment", "refused("], ["checkout"])
    assert said.answers == {"payments_total": 4, "nothing": 0, "vector(1) # a comment": 1}
    assert said.series is not None
    assert said.series["checkout", "payments_total"] == 2
    assert {job for job, _ in said.series} == {"checkout"}


def test_every_job_is_looked_at_where_none_is_named(running: httpx.Client) -> None:
    said = ask(str(running.base_url), [])
    assert said.series is not None
    assert {job for job, _ in said.series} == {"checkout", "other"}


def test_no_more_than_so_many_questions_are_asked(running: httpx.Client) -> None:
    said = ask(str(running.base_url), ["vector(1)", "vector(2)", "vector(3)"], most=2)
    assert [*said.answers] == ["vector(1)", "vector(2)"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nowhere", "http://"])
def test_no_prometheus_is_one_sentence(url: str) -> None:
    with pytest.raises(TocsinError, match="give its address to --live"):
        ask(url, [])


def test_what_is_no_prometheus_is_said(exposition: str) -> None:
    with pytest.raises(TocsinError, match="--live"):
        ask(f"http://{exposition}", [])


def test_rules_that_no_catalog_made_are_compared_with_what_runs(running: httpx.Client) -> None:
    case = rules(
        """
- {alert: There, expr: 'rate(payments_total{job="checkout",outcome="stolen"}[5m]) > 1'}
- {alert: Elsewhere, expr: 'rate(payments_total{job="chekcout"}[5m]) > 1'}
- {alert: Nowhere, expr: 'absent(nothing_total)'}
"""
    )
    said = ask(str(running.base_url), questions(case))
    case = replace(case, observation=replace(case.observation, live=said))
    assert [problem.subject for problem in CHECKS["live/no-data"](case)] == ["Elsewhere", "Nowhere"]
    assert [problem.subject for problem in CHECKS["live/target-down"](case)] == ["checkout/127.0.0.1:1"]
