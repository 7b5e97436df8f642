from __future__ import annotations

import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import prometheus_client
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics import parser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.conftest import BASKET, ORDERS, VISITS
from tests.sdk.reading import Line, client, exposed, samples, served
from tests.sdk.receivers import prometheus
from tests.waiting import until
from tocsin import Service
from tocsin.sdk.negotiation import OPENMETRICS, accepts_gzip, wants_openmetrics

pytestmark = pytest.mark.anyio

Said = Callable[[], list[Line]]
Setenv = Callable[[str, str], None]

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACED = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
PROMETHEUS_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"  # noqa: E501 - as it is sent
PROMETHEUS_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"  # noqa: E501 - as it is sent


@pytest.fixture
def setenv(monkeypatch: pytest.MonkeyPatch) -> Setenv:
    return monkeypatch.setenv


def openmetrics_families(text: str) -> list[prometheus_client.Metric]:
    return list(parser.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]  # prometheus_client's


async def hello(_: Request) -> Response:
    return Response()


async def asked(app: Any, **headers: str) -> httpx.Response:
    return await client(app).get("/metrics", headers={"accept": "*/*", "accept-encoding": "identity", **headers})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("application/*", False),
        (OPENMETRICS, True),
        (f"{OPENMETRICS}; version=0.0.1", False),
        (f"{OPENMETRICS}; version=1.0.0; charset=utf-8", True),
        (f"{OPENMETRICS};q=0", False),
        (f"{OPENMETRICS};q=high", False),
        (f"{OPENMETRICS};q=0.5, text/plain", False),
        (f"text/plain;q=0.5, {OPENMETRICS};q=0.6", True),
        (f"{OPENMETRICS};q=0.4, text/plain;q=0.1, */*;q=0.9", True),
        (PROMETHEUS_2, True),
        (PROMETHEUS_3, True),
    ],
)
def test_openmetrics_is_spoken_to_who_asks_for_it(accept: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert wants_openmetrics(accept) is expected
    assert wants_openmetrics(accept.upper()) is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("", False), ("gzip", True), ("br, *;q=0.1", True), ("gzip;q=0, *", False), ("identity", False), ("x-gzip", True)],
)
def test_gzip_is_sent_to_who_accepts_it(accept: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert accepts_gzip(accept) is expected


@given(st.text())
def test_no_header_breaks_the_negotiation(header: str) -> None:
    assert wants_openmetrics(header) in (True, False)
    assert accepts_gzip(header) in (True, False)


async def test_both_forms_say_the_same(shop: Service) -> None:
    app = Starlette(routes=[Route("/", hello)])
    obs = tocsin.observe(app, shop)
    obs.count(ORDERS, 2, kind="web")
    obs.record(BASKET, 20)
    async with client(app) as caller:
        await caller.get("/")
    text, form = await asked(app), await asked(app, accept=OPENMETRICS)
    assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert form.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.headers["vary"] == form.headers["vary"] == "accept, accept-encoding"
    assert form.text.endswith("\n# EOF\n")
    assert "exemplar" not in form.text
    spoken = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in openmetrics_families(form.text)
        for sample in family.samples
    }
    assert len(spoken) == len(samples(text.text))
    assert spoken["orders_total", ("kind", "web")] == 2
    assert spoken["basket_euros_bucket", ("le", "100.0")] == 1
    assert "# TYPE orders counter\n" in form.text


@given(st.text(), st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_help_and_label_is_readable_in_openmetrics(text: str, value: str) -> None:
    from tocsin.sdk.alone import Alone  # noqa: PLC0415
    from tocsin.sdk.metrics import Metrics  # noqa: PLC0415 - what it is made of is of no interest elsewhere here
    from tocsin.sdk.openmetrics import EOF, translated  # noqa: PLC0415

    signal = tocsin.Counter("things_total", f"a{text}", (tocsin.Label("what"),))
    service = Service(name="shop", team="shop", port=1, because="It matters.", signals=(signal,))
    metrics = Metrics(service, lambda *_: None, Alone())
    metrics.count(signal, 1, {"what": value})
    families = {family.name: family for family in openmetrics_families(translated(metrics.render().decode(), {}) + EOF)}
    (sample,) = families["things"].samples
    assert sample.labels == {"what": value}


async def test_a_request_of_a_sampled_trace_is_the_example_of_its_bucket_and_count(shop: Service) -> None:
    app = Starlette(routes=[Route("/", hello), Route("/quiet", hello)])
    tocsin.observe(app, shop)
    async with client(app) as caller:
        await caller.get("/", headers=TRACED)
        await caller.get("/quiet", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
        await caller.get("/quiet")
    found = [
        sample
        for family in openmetrics_families((await asked(app, accept=OPENMETRICS)).text)
        for sample in family.samples
        if sample.exemplar
    ]
    assert {sample.labels["route"] for sample in found} == {"/"}
    counted, bucket = sorted(found, key=lambda sample: sample.name, reverse=True)
    assert (counted.name, bucket.name) == ("http_requests_total", "http_request_duration_seconds_bucket")
    assert counted.exemplar
    assert bucket.exemplar
    assert counted.exemplar.labels == bucket.exemplar.labels == {"trace_id": TRACE, "span_id": SPAN}
    assert bucket.exemplar.value <= float(bucket.labels["le"])
    assert "trace_id" not in (await asked(app)).text


def test_flask_has_exemplars_too(shop: Service) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "hello")
    tocsin.observe(app, shop)
    assert app.test_client().get("/", headers=TRACED).text == "hello"
    assert TRACE in app.test_client().get("/metrics", headers={"accept": OPENMETRICS}).text


async def test_a_body_is_compressed_for_who_accepts_it(shop: Service) -> None:
    app = Starlette()
    tocsin.observe(app, shop)
    plain = await asked(app)
    assert "content-encoding" not in plain.headers
    async with client(app) as caller, caller.stream("GET", "/metrics", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(raw) < len(plain.content)
    assert set(samples(gzip.decompress(raw).decode())) == set(samples(plain.text))


def test_prometheus_scrapes_openmetrics_and_keeps_the_exemplars(shop: Service, tmp_path: Path) -> None:
    app = Starlette(routes=[Route("/", hello)])
    tocsin.observe(app, shop)
    with served(app) as port:
        httpx.get(f"http://127.0.0.1:{port}/", headers=TRACED)
        configuration = f"""
scrape_configs: [{{job_name: shop, scrape_interval: 1s, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""
        with prometheus(tmp_path / "prometheus", configuration, "--enable-feature=exemplar-storage") as api:

            def exemplars() -> list[dict[str, Any]]:
                query = {"query": "http_request_duration_seconds_bucket", "start": "0", "end": "4000000000"}
                found: list[dict[str, Any]] = api.get("/api/v1/query_exemplars", params=query).json()["data"]
                return found

            until(lambda: bool(exemplars()), "an exemplar in Prometheus")
            (series,) = exemplars()
            assert series["seriesLabels"]["route"] == "/"
            assert series["exemplars"][0]["labels"] == {"trace_id": TRACE, "span_id": SPAN}
            (target,) = api.get("/api/v1/targets").json()["data"]["activeTargets"]
            assert target["health"] == "up"


async def test_the_registries_of_prometheus_client_are_served_beside(shop: Service, said: Said) -> None:
    registry = prometheus_client.CollectorRegistry()
    prometheus_client.Counter("theirs", "Theirs.", ["a"], registry=registry).labels("x").inc(3)
    prometheus_client.Counter("orders", "Another.", ["kind"], registry=registry).labels("web").inc(7)
    prometheus_client.ProcessCollector(registry=registry)
    second = prometheus_client.CollectorRegistry()
    prometheus_client.Counter("theirs", "Theirs.", ["a"], registry=second).labels("y").inc(9)
    prometheus_client.Gauge("hers", "Hers.", registry=second).set(1)
    app = Starlette()
    obs = tocsin.observe(app, shop, registries=(registry, second))
    obs.count(ORDERS, 2, kind="web")
    for _ in range(2):
        found = samples((await asked(app)).text)
        assert found['theirs_total{a="x"}'] == 3
        assert 'theirs_total{a="y"}' not in found
        assert found["hers"] == 1
        assert found['orders_total{kind="web"}'] == 2
    form = (await asked(app, accept=OPENMETRICS)).text
    families = {family.name: family for family in openmetrics_families(form)}
    assert form.count("# EOF") == 1
    assert {"theirs", "hers", "orders", "process_cpu_seconds"} <= set(families)
    (warning,) = [line["message"] for line in said() if line["severity"] == "WARNING"]
    assert warning == (
        "The metric orders_total of a prometheus_client registry is not served, since that name is taken: "
        "rename it, or leave it to Tocsin."
    )


async def test_a_collector_that_breaks_costs_its_registry_alone(shop: Service, said: Said) -> None:
    class Broken:
        def collect(self) -> Any:
            raise RuntimeError("broken")

    registry = prometheus_client.CollectorRegistry()
    prometheus_client.Gauge("hers", "Hers.", registry=registry).set(1)
    app = Starlette()
    obs = tocsin.observe(app, shop, registries=(Broken(), registry))
    assert samples((await asked(app)).text)["hers"] == 1
    assert exposed(obs)['tocsin_sdk_dropped_total{reason="registry"}'] == 1
    assert "RuntimeError: broken" in said()[0]["message"]


async def test_an_observer_is_a_collector_for_a_registry(shop: Service) -> None:
    registry = prometheus_client.CollectorRegistry()
    prometheus_client.ProcessCollector(registry=registry)
    app = Starlette()
    obs = tocsin.observe(app, shop, registries=(registry,))
    registry.register(obs.collector)
    with pytest.raises(ValueError, match="Duplicated"):
        prometheus_client.Counter("visits", "Theirs.", registry=registry)
    obs.count(VISITS, 4)
    assert samples(prometheus_client.generate_latest(registry).decode())["visits_total"] == 4
    found = samples((await asked(app)).text)
    assert found["visits_total"] == 4


async def test_without_the_token_nobody_scrapes(shop: Service, setenv: Setenv, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    setenv("TOCSIN_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    app = Starlette()
    tocsin.observe(app, shop)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "s3cret"}):
        refused = await asked(app, **headers)
        assert (refused.status_code, refused.content) == (401, b"")
        assert refused.headers["www-authenticate"] == "Bearer"
    assert (await asked(app, authorization="Bearer s3cret")).status_code == 200
    async with client(app) as caller:
        assert (await caller.get("/healthz")).status_code == 200


def test_metrics_on_their_own_port_are_nowhere_else(shop: Service, setenv: Setenv, said: Said) -> None:
    port = free_port()
    setenv("TOCSIN_METRICS_PORT", str(port))
    app = Starlette()
    obs = tocsin.observe(app, shop)
    assert anyio.run(asked, app).status_code == 404
    url = f"http://127.0.0.1:{port}"
    answer = httpx.get(f"{url}/metrics", headers={"accept": OPENMETRICS})
    assert answer.headers["content-encoding"] == "gzip"
    assert openmetrics_families(answer.text)
    assert samples(httpx.get(f"{url}/metrics").text)["visits_total"] == 0
    assert httpx.head(f"{url}/metrics").content == b""
    assert httpx.get(f"{url}/healthz").status_code == 404
    assert httpx.post(f"{url}/metrics").status_code == 501
    assert exposed(obs)['tocsin_sdk_dropped_total{reason="port"}'] == 0
    assert not [line for line in said() if line["severity"] == "WARNING"]


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_child_does_not_keep_the_port(shop: Service, setenv: Setenv) -> None:
    port = free_port()
    setenv("TOCSIN_METRICS_PORT", str(port))
    tocsin.observe(Starlette(), shop)
    assert holds(port)
    child = os.fork()
    if child == 0:
        os._exit(holds(port))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200


def holds(port: int) -> bool:
    """Tell whether this process has a socket that listens on *port*."""
    files = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    own = {str(path.readlink()) for path in files if path.is_symlink()}
    return any(f"socket:[{inode}]" in own for inode in listening(port))


def listening(port: int) -> set[str]:
    """Return the inodes of the sockets that listen on *port*."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}


def test_a_port_that_cannot_be_had_is_told_and_breaks_nothing(shop: Service, setenv: Setenv, said: Said) -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        setenv("TOCSIN_METRICS_PORT", str(taken.getsockname()[1]))
        obs = tocsin.observe(Starlette(), shop)
    assert exposed(obs)['tocsin_sdk_dropped_total{reason="port"}'] == 1
    assert "so nobody can scrape" in said()[0]["message"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
