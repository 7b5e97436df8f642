"""`tocsin conform`: what a service exposes is held to its catalog, whoever wrote the exposition."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.exposing import exposition
from tests.cli.conftest import Tocsin
from tests.conftest import CHECKOUT, PAYMENTS
from tocsin import live, source
from tocsin.checks import Problem, conforming
from tocsin.derive import Plan, derive
from tocsin.live.exposed import read_families
from tocsin.model import Catalog, Exposed, Observation, TocsinError

CONFORMS = exposition(CHECKOUT)
OF_PROJECT = exposition(replace(CHECKOUT, signals=(PAYMENTS,), objectives=(), alerts=()))
"""What the one service of the project exposes in which the verbs are run."""

SPOILT = {
    "not registered": (
        ("# HELP fraud_score ", "# TYPE fraud_score", "fraud_score_"),
        None,
        [("conform/missing", "fraud_score", "it is not exposed: register the histogram where /metrics looks")],
    ),
    "no process metrics": (
        ("# HELP process_open_fds", "# TYPE process_open_fds", "process_open_fds"),
        None,
        [("conform/missing", "process_open_fds", "let the client library collect what it knows of the process")],
    ),
    "another type": (
        ("# TYPE payments_total counter",),
        "# TYPE payments_total gauge",
        [("conform/type", "payments_total", "exposed as a gauge, and declared as a counter")],
    ),
    "no type": (
        ("# TYPE payments_total counter",),
        None,
        [("conform/type", "payments_total", "exposed without its type")],
    ),
    "a label too few": (
        ('payments_total{outcome="taken"}',),
        "payments_total 0",
        [
            ("conform/labels", "payments_total", "series without outcome: give every series its outcome"),
            ("conform/uninitialised", "payments_total", 'no series with outcome="taken"'),
        ],
    ),
    "a label too many": (
        ('payments_total{outcome="taken"}',),
        'payments_total{outcome="taken",shop="berlin"} 0',
        [("conform/labels", "payments_total", "series with shop, which nobody declares: leave that out")],
    ),
    "a label of the scrape": (
        ('payments_total{outcome="taken"}',),
        'payments_total{outcome="taken",service="checkout"} 0',
        [("conform/labels", "payments_total", "series with service, which the scrape puts on: leave that out")],
    ),
    "a value of nobody's": (
        ('payments_total{outcome="other"}',),
        'payments_total{outcome="other"} 0\npayments_total{outcome="lost"} 0',
        [("conform/values", "payments_total", "its label 'outcome' never is 'lost': count that as 'other'")],
    ),
    "too many values": (
        ("# TYPE http_requests_total",),
        "\n".join(
            (
                "# TYPE http_requests_total counter",
                *(f'http_requests_total{{method="GET",route="/{n}",status_code="200"}} 1' for n in range(201)),
            )
        ),
        [("conform/values", "http_requests_total", "its label 'route' has 201 values, and may have 200")],
    ),
    "not started": (
        ('payments_total{outcome="refused"}', 'payments_total{outcome="other"}'),
        None,
        [("conform/uninitialised", "payments_total", 'no series with outcome="refused", outcome="other": start each')],
    ),
    "not started and without labels": (
        ("fraud_score_",),
        None,
        [("conform/uninitialised", "fraud_score", "it has no series yet: start it at 0")],
    ),
    "other buckets": (
        ('fraud_score_bucket{le="0.5"}',),
        'fraud_score_bucket{le="0.7"} 0',
        [("conform/buckets", "fraud_score", "its buckets end at 0.1, 0.7, 0.9: let them end at 0.1, 0.5, 0.9")],
    ),
    "other words": (
        ("# HELP payments_total",),
        "# HELP payments_total Money.",
        [("conform/help", "payments_total", "its help is 'Money.': write 'Payments tried.'")],
    ),
    "a metric of nobody's": (
        ("# TYPE payments_total counter",),
        "# TYPE cart_size gauge\ncart_size 3\n# TYPE payments_total counter",
        [("conform/undeclared", "cart_size", "nobody declares it: add it to the service's signals")],
    ),
    "a person": (
        ('payments_total{outcome="other"}',),
        'payments_total{outcome="other"} 0\npayments_total{outcome="jane.doe@example.com"} 0',
        [("conform/personal-data", "payments_total", "its label 'outcome' holds what is personal or secret")],
    ),
    "a line that is none": (
        ("# TYPE payments_total counter",),
        "# TYPE payments_total counter\npayments_total{outcome=taken} 1",
        [("file/refused", "", "Prometheus refuses the whole scrape")],
    ),
}

LET_THROUGH = """\
# TYPE nodejs_eventloop_lag_seconds gauge
nodejs_eventloop_lag_seconds 0.1
# TYPE go_goroutines gauge
go_goroutines 8
# TYPE target_info gauge
target_info{service_name="checkout"} 1
# TYPE tocsin_sdk_dropped_total counter
tocsin_sdk_dropped_total{reason="log"} 0
# TYPE payments_created gauge
payments_created{outcome="taken"} 1.7e9
"""


@pytest.fixture(scope="module")
def plan(catalog: Catalog) -> Plan:
    return derive(catalog)


def judged(plan: Plan, text: str, service: str = CHECKOUT.name, *libraries: str) -> tuple[Problem, ...]:
    families, refused = read_families(text, "metrics.txt")
    return conforming(plan, Observation(exposed=Exposed(service, families, libraries), refused=refused))


def spoilt(begins: tuple[str, ...], instead: str | None, text: str = CONFORMS) -> str:
    """Return an exposition with something else in the place of the lines that begin so."""
    lines, put = [], [] if instead is None else [instead]
    for line in text.splitlines():
        if line.startswith(begins):
            lines += put
            put = []
        else:
            lines.append(line)
    return "\n".join((*lines, ""))


def test_what_is_exposed_as_declared_conforms(plan: Plan) -> None:
    assert judged(plan, CONFORMS) == ()
    assert judged(plan, CONFORMS + LET_THROUGH) == ()


def test_help_may_end_without_a_full_stop(plan: Plan) -> None:
    assert judged(plan, CONFORMS.replace("Payments tried.", "Payments tried")) == ()


@pytest.mark.parametrize("how", SPOILT)
def test_what_differs_is_found_and_nothing_else(plan: Plan, how: str) -> None:
    begins, instead, expected = SPOILT[how]
    found = judged(plan, spoilt(begins, instead))
    assert [(problem.check, problem.subject.partition("/")[2]) for problem in found] == [
        (check, subject) for check, subject, _ in expected
    ]
    for problem, (_, _, said) in zip(found, expected, strict=True):
        assert said in problem.message


def test_no_line_of_what_is_declared_can_be_left_out(plan: Plan) -> None:
    lines = CONFORMS.splitlines()
    silent = [
        line
        for number, line in enumerate(lines)
        if not judged(plan, "\n".join((*lines[:number], *lines[number + 1 :])))
    ]
    gauges = [line.split()[2] for line in lines if line.startswith("# TYPE") and line.endswith(" gauge")]
    without_value = [line for line in lines if line.split()[0] in gauges]
    words_of_libraries = [line for line in lines if line.startswith("# HELP process_")]
    ends = [line for line in lines if line.startswith(ENDS)]
    assert sorted(silent) == sorted((*without_value, *words_of_libraries, *ends))


ENDS = ('fraud_score_bucket{le="+Inf"}', "fraud_score_sum", "fraud_score_count")
"""What every client writes that writes buckets."""

LINES = st.builds(
    "{}{{{}}} {}".format,
    st.sampled_from(["payments_total", "fraud_score_bucket", "http_requests_total", "up", "x"]),
    st.dictionaries(st.sampled_from(["outcome", "le", "route", "who"]), st.text(max_size=8)).map(
        lambda labels: ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    ),
    st.sampled_from(["0", "NaN", "+Inf", "x"]),
)


@given(lines=st.lists(LINES | st.sampled_from(CONFORMS.splitlines()), max_size=12))
def test_whatever_is_exposed_is_judged(plan: Plan, lines: list[str]) -> None:
    assert judged(plan, "\n".join(lines))


def test_a_library_can_be_named_whose_metrics_are_let_through(plan: Plan) -> None:
    text = f"{CONFORMS}# TYPE tomcat_threads gauge\ntomcat_threads 8\n"
    assert [problem.check for problem in judged(plan, text)] == ["conform/undeclared"]
    assert judged(plan, text, CHECKOUT.name, "tomcat_") == ()


PERSONAL = (
    "ada@lovelace.example",
    "+49 30 1234567",
    "4111 1111 1111 1111",
    "Bearer abcdef123456",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "http://a:secret@b/c",
)


@pytest.mark.parametrize("value", PERSONAL)
def test_what_is_personal_or_secret_is_found_and_not_said_again(plan: Plan, value: str) -> None:
    instead = f'payments_total{{outcome="{value}",who="{value}"}} 0'
    found = judged(plan, spoilt(('payments_total{outcome="other"}',), instead))
    checks = [problem.check for problem in found]
    assert checks == ["conform/labels", "conform/uninitialised", *2 * ["conform/personal-data"]]
    assert not any(value in problem.message for problem in found)


def test_the_line_that_holds_it_is_not_shown(tocsin: Tocsin, project: Path) -> None:
    series = "".join(f'payments_total{{outcome="{value}",who="{value}"}} 0\n' for value in PERSONAL)
    (project / "metrics.txt").write_text(OF_PROJECT + series)
    said = tocsin("conform", "checkout", "--metrics", "metrics.txt")
    assert said.returncode == 1
    assert said.stderr.count("[conform/personal-data]") == 2
    assert not any(value in said.stderr for value in PERSONAL)


@pytest.mark.parametrize("value", ["4111 1111 1111 1112", "/orders/{order_id}", "v1.2.3", "2024-01-31"])
def test_what_only_looks_personal_is_not_found(plan: Plan, value: str) -> None:
    text = f'{CONFORMS}http_requests_total{{method="GET",route="{value}",status_code="200"}} 1\n'
    assert judged(plan, text) == ()


SCRAPED = """\
import asyncio, importlib, json, sys
import httpx
from services.catalog import CATALOG

async def scraped(service):
    module, _, name = service.app.partition(":")
    app = getattr(importlib.import_module(module), name)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as client:
        before = (await client.get("/metrics")).text
        await client.get("/nowhere")
        openmetrics = await client.get("/metrics", headers={"accept": "application/openmetrics-text"})
        return before, openmetrics.text

async def everything():
    return {service.name: await scraped(service) for service in CATALOG.services}

with open(sys.argv[1], "w") as file:
    json.dump(asyncio.run(everything()), file)
"""


@pytest.fixture(scope="module")
def scrapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the services expose: before any request as text, and after one as OpenMetrics."""
    file = tmp_path_factory.mktemp("scrapes") / "scrapes.json"
    said = subprocess.run(
        [sys.executable, "-c", SCRAPED, str(file)],
        cwd=source.project_root(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found: dict[str, list[str]] = json.loads(file.read_text())
    return found


def test_the_services_of_the_shop_conform(scrapes: dict[str, list[str]]) -> None:
    shop = derive(source.load_catalog())
    assert set(scrapes) == {service.name for service in shop.catalog.services}
    for service, texts in scrapes.items():
        assert [text.rstrip().endswith("# EOF") for text in texts] == [False, True]
        for text in texts:
            assert judged(shop, text, service) == ()


def test_each_form_is_written_and_the_exit_tells(tocsin: Tocsin, project: Path) -> None:
    (project / "metrics.txt").write_text(OF_PROJECT)
    good = tocsin("conform", "checkout", "--metrics", "metrics.txt")
    assert (good.returncode, good.stdout, good.stderr) == (
        0,
        "checkout exposes 11 metrics as declared: nothing is wrong.\n",
        "",
    )
    (project / "metrics.txt").write_text(OF_PROJECT.replace('{outcome="refused"}', '{outcome="lost"}'))
    bad = tocsin("conform", "checkout", "--metrics", "metrics.txt")
    assert (bad.returncode, bad.stdout) == (1, "2 problems.\n")
    line = OF_PROJECT.splitlines().index('payments_total{outcome="refused"} 0') + 1
    assert bad.stderr == (
        "metrics.txt:1:8: error: checkout/payments_total: there is no series with "
        'outcome="refused": start each at 0 when the service starts [conform/uninitialised]\n'
        "    # HELP payments_total Payments tried.\n"
        "           ^^^^^^^^^^^^^^\n"
        f"metrics.txt:{line}:1: error: checkout/payments_total: its label 'outcome' never is 'lost': "
        "count that as 'other', or declare it [conform/values]\n"
        '    payments_total{outcome="lost"} 0\n'
        "    ^^^^^^^^^^^^^^\n"
    )
    said = json.loads(tocsin("conform", "checkout", "--metrics", "metrics.txt", "--format", "json").stdout)
    assert [(each["check"], each["file"], each["help"]) for each in said] == [
        ("conform/uninitialised", "metrics.txt", "tocsin explain conform/uninitialised"),
        ("conform/values", "metrics.txt", "tocsin explain conform/values"),
    ]


def test_what_is_missing_is_found_where_it_is_declared(tocsin: Tocsin, project: Path) -> None:
    (project / "metrics.txt").write_text(spoilt(("payments_total", "# TYPE payments", "# HELP payments"), None))
    said = tocsin("conform", "checkout", "--metrics", "metrics.txt", "--format", "github")
    assert (
        "::error file=shop/catalog.py,line=3,col=20,title=conform/missing%3A checkout/payments_total::" in said.stdout
    )


def test_a_service_that_nobody_knows_is_one_sentence(tocsin: Tocsin) -> None:
    said = tocsin("conform", "chekout", "--metrics", "metrics.txt")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "tocsin: There is no service 'chekout' in the catalog: choose one of checkout.\n"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing.txt", "nothing.txt does not exist: name a file, or the address of the service's /metrics."),
        ("page.html", "page.html is no exposition: give a text of metrics as Prometheus reads it."),
        ("http://127.0.0.1:1/metrics", "http://127.0.0.1:1/metrics does not answer"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.html").write_text("<html>Not Found</html>")
    with pytest.raises(TocsinError, match=re.escape(sentence)):
        live.look_at("checkout", name)
