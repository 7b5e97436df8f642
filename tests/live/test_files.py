from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tocsin.live import look_into
from tocsin.live.files import LARGEST
from tocsin.model import Observation, TocsinError

RULES = "groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]\n"
BOARD = '{"title": "D", "panels": [{"targets": [{"expr": "up"}]}]}'


def look(*, rules: object = (), dashboards: object = (), metrics: object = ()) -> Observation:
    named = [[str(each) for each in (given if isinstance(given, tuple) else (given,))] for given in (rules, dashboards)]
    at = [str(each) for each in (metrics if isinstance(metrics, tuple) else (metrics,))]
    return look_into(named[0], named[1], at, (), 0.0)


@contextmanager
def served(answer: bytes, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/metrics"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    (tmp_path / "in/.hidden").mkdir(parents=True)
    (tmp_path / "in/a.yaml").write_text(RULES)
    (tmp_path / "in/b.yml").write_text(f"\ufeff{RULES}")
    (tmp_path / "in/c.json").write_text(BOARD)
    (tmp_path / "in/values.yaml").write_text("a: {{ x }}\n---\nb\n")
    (tmp_path / "in/.hidden/d.yaml").write_text(RULES)
    (tmp_path / "in/latin.yaml").write_bytes(b"a: \xe9")
    found = look(rules=tmp_path / "in", dashboards=tmp_path / "in")
    assert [Path(rule.place.file).name for rule in found.rules] == ["a.yaml", "b.yml"]
    assert len(found.boards) == 1
    assert any("no UTF-8" in each.why for each in found.skipped)
    assert not found.refused
    assert len(look(rules=(tmp_path / "in/[ab].y*ml", tmp_path / "in/a.yaml")).rules) == 2


def test_targets_have_more_labels_where_an_operator_gives_them(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(RULES)
    assert look(rules=file).target_labels == ("job", "instance")
    file.write_text("kind: PrometheusRule\nspec: {groups: []}\n")
    assert look(rules=file).target_labels == (
        "job",
        "instance",
        "namespace",
        "pod",
        "container",
        "endpoint",
        "service",
        "node",
    )
    assert look_into([str(file)], [], [], ["job"], 0.0).target_labels == ("job",)


def test_metrics_of_files_and_addresses_are_merged(tmp_path: Path) -> None:
    file = tmp_path / "a.prom"
    file.write_text("a 1\n")
    with served(b"b 1\n?\n") as address:
        found = look(metrics=(file, address))
    assert found.metrics is not None
    assert set(found.metrics) == {"a", "b"}
    assert [each.place.file for each in found.skipped] == [address]
    assert look().metrics is None


@pytest.mark.parametrize("name", ["missing.yaml", "missing*.yaml", "empty", "latin.yaml"])
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9")
    with pytest.raises(TocsinError) as raised:
        look(rules=tmp_path / name)
    assert name in str(raised.value)
    assert str(raised.value).count("\n") == 0


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as huge:
        huge.truncate(LARGEST + 1)
    with pytest.raises(TocsinError, match="is larger than 50 MB"):
        look(rules=tmp_path / "huge.yaml")


def test_an_address_that_does_not_answer_with_metrics_is_one_sentence() -> None:
    with served(b"no", 503) as address, pytest.raises(TocsinError, match="answers 503"):
        look(metrics=address)
    with pytest.raises(TocsinError, match="does not answer"):
        look(metrics=address)
    with served(b"<html>\n<body>") as page, pytest.raises(TocsinError, match="is no exposition"):
        look(metrics=page)
