from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tocsin
from tests.sdk.reading import Line, exposed, samples
from tests.sdk.receivers import Told, ask, prometheus, receiver
from tests.waiting import until
from tocsin import Counter, DeclarationError, Gauge, Histogram, Label, Service
from tocsin.sdk.letters import snappy
from tocsin.sdk.observer import observed
from tocsin.sdk.push import Destination

Said = Callable[[], list[Line]]
Setenv = Callable[[str, str], None]

ROWS = Counter("rows_total", "Rows.", (Label("table"),))
SIZE = Histogram("size_bytes", "Sizes.", buckets=(1.0, 10.0))
LEVEL = Gauge("level_celsius", "Warmth.", (Label("where", ("in", "out")),))
SYNC = Service(
    name="sync", team="shop", port=1, because="It matters.", signals=(ROWS, SIZE, LEVEL), jobs=("nightly", "hourly")
)
STRANGE = 'a"b\\n\n Köln'


@pytest.fixture
def setenv(monkeypatch: pytest.MonkeyPatch) -> Setenv:
    return monkeypatch.setenv


def run(*, fails: bool = False) -> None:
    try:
        with tocsin.job(SYNC, "nightly") as obs:
            obs.count(ROWS, 3, table=STRANGE)
            for value in (0.5, 5, 50):
                obs.record(SIZE, value)
            obs.set(LEVEL, -2, where="in")
            if fails:
                raise ValueError  # noqa: TRY301 - the job must see it
    except ValueError:
        assert fails


def dropped() -> float:
    return exposed(observed(SYNC))['tocsin_sdk_dropped_total{reason="push"}']


def test_a_pushgateway_gets_the_text_under_its_grouping_key(setenv: Setenv) -> None:
    with receiver() as gateway:
        setenv("TOCSIN_PUSH", gateway.url.replace("http://", "pushgateway+http://us%40er:pass@"))
        run()
    (told,) = gateway.told
    assert (told.method, told.path) == ("POST", "/metrics/job/sync/service/sync/team/shop/instance/nightly")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert told.headers["authorization"] == "Basic dXNAZXI6cGFzcw=="
    found = samples(told.body.decode())
    assert found[f'rows_total{{table="{STRANGE}"}}'] == 3
    assert found['job_runs_total{job_name="nightly",outcome="succeeded"}'] == 1
    assert found["size_bytes_count"] == 3
    assert not any(name.startswith(("http_", "process_")) for name in found)


def test_a_run_that_fails_leaves_the_last_success_standing(setenv: Setenv) -> None:
    with receiver() as gateway:
        setenv("TOCSIN_PUSH", f"pushgateway+{gateway.url}")
        run(fails=True)
    (told,) = gateway.told
    assert told.method == "POST"
    assert b"job_last_success" not in told.body
    assert samples(told.body.decode())['job_runs_total{job_name="nightly",outcome="failed"}'] == 1


def test_prometheus_takes_the_remote_write_and_sees_what_grew(setenv: Setenv, tmp_path: Path) -> None:
    with prometheus(tmp_path / "prometheus", "{}", "--web.enable-remote-write-receiver") as api:
        setenv("TOCSIN_PUSH", f"remotewrite+{api.base_url}/api/v1/write".replace("//api", "/api"))
        observed(SYNC)
        time.sleep(0.01)  # what grew has two times, a millisecond apart at least
        run()
        (rows,) = ask(api, 'rows_total{service="sync"}')
        assert rows["value"][1] == "3"
        del rows["metric"]["__name__"]
        assert rows["metric"] == {
            "table": STRANGE,
            "job": "sync",
            "service": "sync",
            "team": "shop",
            "instance": "nightly",
        }
        assert (
            float(ask(api, "increase(job_runs_total{outcome='succeeded',job_name='nightly'}[1m])")[0]["value"][1]) > 0
        )
        buckets = {one["metric"]["le"]: one["value"][1] for one in ask(api, "size_bytes_bucket")}
        assert buckets == {"1.0": "1", "10.0": "2", "+Inf": "3"}
        assert ask(api, "level_celsius{where='in'}")[0]["value"][1] == "-2"
        assert ask(api, "time() - job_last_success_timestamp_seconds < 60")
        assert not ask(api, "job_last_success_timestamp_seconds{job_name!='nightly'}")
        run()
        assert ask(api, "rows_total")[0]["value"][1] == "6"


def test_an_opentelemetry_collector_gets_the_export_request(setenv: Setenv) -> None:
    with receiver() as collector:
        setenv("TOCSIN_PUSH", f"otlp+{collector.url}/")
        setenv("SERVICE_VERSION", "1.2")
        run()
    (told,) = collector.told
    assert (told.method, told.path, told.headers["content-type"]) == ("POST", "/v1/metrics", "application/json")
    (resource,) = json.loads(told.body)["resourceMetrics"]
    assert attributes(resource["resource"]) == {
        "service.name": "sync",
        "service.version": "1.2",
        "service.instance.id": "nightly",
        "deployment.environment.name": "development",
    }
    metrics = {metric["name"]: metric for metric in resource["scopeMetrics"][0]["metrics"]}
    (rows,) = metrics["rows_total"]["sum"]["dataPoints"]
    assert metrics["rows_total"]["sum"]["isMonotonic"] is True
    assert metrics["rows_total"]["sum"]["aggregationTemporality"] == 2
    assert rows["asDouble"] == 3
    assert attributes(rows) == {"table": STRANGE, "service": "sync", "team": "shop"}
    assert int(rows["startTimeUnixNano"]) <= int(rows["timeUnixNano"])
    (size,) = metrics["size_bytes"]["histogram"]["dataPoints"]
    assert (size["count"], size["sum"], size["bucketCounts"], size["explicitBounds"]) == (
        "3",
        55.5,
        ["1", "1", "1"],
        [1.0, 10.0],
    )
    levels = {attributes(p)["where"]: p["asDouble"] for p in metrics["level_celsius"]["gauge"]["dataPoints"]}
    assert levels == {"in": -2, "out": 0}


def attributes(owner: dict[str, Any]) -> dict[str, str]:
    return {pair["key"]: pair["value"]["stringValue"] for pair in owner["attributes"]}


def test_a_receiver_that_is_not_well_is_asked_again(setenv: Setenv) -> None:
    with receiver(503, 429) as gateway:
        setenv("TOCSIN_PUSH", f"pushgateway+{gateway.url}")
        setenv("TOCSIN_PUSH_TIMEOUT", "60")
        run()
        assert len(gateway.told) == 3
    assert dropped() == 0


@pytest.mark.parametrize("answer", [400, 401, (302, {"Location": "/elsewhere"})])
def test_a_refusal_is_counted_and_told_and_not_repeated(
    answer: int | tuple[int, dict[str, str]], setenv: Setenv, said: Said
) -> None:
    with receiver(answer) as gateway:
        setenv("TOCSIN_PUSH", gateway.url.replace("http://", "pushgateway+http://user:verysecret@"))
        run()
        assert len(gateway.told) == 1
    assert dropped() == 1
    text = json.dumps(said())
    assert "Metrics could not be pushed to the pushgateway at http://127.0.0.1" in text
    assert "verysecret" not in text


def test_nobody_there_is_counted_and_told(setenv: Setenv, said: Said) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        setenv("TOCSIN_PUSH", f"otlp+http://127.0.0.1:{free.getsockname()[1]}")
        setenv("TOCSIN_PUSH_TIMEOUT", "0.5")
        run()
    assert dropped() == 1
    assert any("refused" in line["message"] for line in said())


def test_a_receiver_that_says_nothing_holds_nobody_up_longer_than_stated(setenv: Setenv, said: Said) -> None:
    with receiver(silent=True) as gateway:
        setenv("TOCSIN_PUSH", f"pushgateway+{gateway.url}")
        setenv("TOCSIN_PUSH_TIMEOUT", "0.3")
        run()
        assert not gateway.speaks.is_set()
    assert dropped() == 1
    assert sum("could not be pushed" in line["message"] for line in said()) == 1


ON_A_LOOP = """
import asyncio, tocsin
service = tocsin.Service(name="sync", team="shop", port=1, because="It matters.", jobs=("nightly",))
async def main():
    with tocsin.job(service, "nightly"):
        pass
    print("over")
asyncio.run(main())
"""


def test_a_push_does_not_block_an_event_loop_and_the_end_of_the_process_waits_for_it(setenv: Setenv) -> None:
    with receiver(silent=True) as gateway:
        setenv("TOCSIN_PUSH", f"pushgateway+{gateway.url}")
        setenv("TOCSIN_PUSH_TIMEOUT", "60")
        setenv("LOG_LEVEL", "ERROR")
        process = subprocess.Popen([sys.executable, "-c", ON_A_LOOP], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "over\n"
        until(lambda: len(gateway.told) == 1, "the push")
        assert process.poll() is None
        gateway.speaks.set()
        assert process.wait(60) == 0
        process.stdout.close()


@pytest.mark.parametrize(
    "text", ["http://host", "statsd+http://host", "otlp+ftp://host", "otlp+http://", "otlp+http://h:x", "otlp"]
)
def test_an_address_that_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(DeclarationError, match="TOCSIN_PUSH is no address to push to: set"):
        Destination.read(text)


@pytest.mark.parametrize(("name", "value"), [("TOCSIN_PUSH_TIMEOUT", "soon"), ("TOCSIN_PUSH_TIMEOUT", "-1")])
def test_a_time_that_is_none_is_refused_in_a_sentence(name: str, value: str, setenv: Setenv) -> None:
    setenv(name, value)
    with pytest.raises(DeclarationError, match=f"{name}='{value}' is no time"):
        observed(SYNC)


def unsnapped(data: bytes) -> bytes:
    """Decode the literals of snappy's block format."""
    length = shift = at = 0
    while True:
        byte, at = data[at], at + 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    parts = []
    while at < len(data):
        tag = data[at]
        assert tag & 3 == 0
        extra = max(0, (tag >> 2) - 59)
        size = int.from_bytes(data[at + 1 : at + 1 + extra], "little") + 1 if extra else (tag >> 2) + 1
        at += 1 + extra
        parts.append(data[at : at + size])
        at += size
    whole = b"".join(parts)
    assert len(whole) == length
    return whole


@given(st.binary(max_size=300) | st.integers(65_530, 140_000).map(bytes))
def test_snappy_gives_back_what_it_was_given(data: bytes) -> None:
    assert unsnapped(snappy(data)) == data


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Decode a protocol buffer's fields: varints, doubles and what has a length."""
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 1:
            yield key >> 3, struct.unpack("<d", data[at : at + 8])[0]
            at += 8
        else:
            size = varint()
            yield key >> 3, data[at : at + size]
            at += size


def written(told: Told) -> dict[tuple[tuple[str, str], ...], list[tuple[float, int]]]:
    found = {}
    for _, series in fields(unsnapped(told.body)):
        labels, values = [], []
        for number, content in fields(series):
            pair = dict(fields(content))
            if number == 1:
                labels.append((pair[1].decode(), pair[2].decode()))
            else:
                values.append((pair[1], pair[2]))
        found[tuple(labels)] = values
    return found


def test_a_remote_write_has_sorted_labels_and_begins_what_grows_with_a_zero(setenv: Setenv) -> None:
    with receiver() as target:
        setenv("TOCSIN_PUSH", f"remotewrite+{target.url}/write?tenant=1")
        observed(SYNC)
        time.sleep(0.01)
        run()
        run()
    first, second = (written(told) for told in target.told)
    assert target.told[0].path == "/write?tenant=1"
    assert target.told[0].headers["content-encoding"] == "snappy"
    assert target.told[0].headers["x-prometheus-remote-write-version"] == "0.1.0"
    assert all(list(labels) == sorted(labels) and all(value for _, value in labels) for labels in first)
    values = {dict(labels)["__name__"]: values for labels, values in first.items()}
    assert [value for value, _ in values["rows_total"]] == [0, 3]
    assert values["rows_total"][0][1] < values["rows_total"][1][1]
    assert len(values["level_celsius"]) == 1
    assert [[v for v, _ in vs] for labels, vs in second.items() if ("__name__", "rows_total") in labels] == [[6]]
