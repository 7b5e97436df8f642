"""Records go to BigQuery by its own client, to a server that looks at what it is sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from tests.logs.warehouse import Warehouse, running
from tocsin import TocsinError
from tocsin.logs import loading
from tocsin.model import COLUMNS

DAY = date(2026, 3, 1)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with running() as found:
        yield found


@pytest.fixture
def client(warehouse: Warehouse) -> Iterator[bigquery.Client]:
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call] # google-auth's own constructor has no types
    with bigquery.Client("shop", nobody, client_options={"api_endpoint": warehouse.address}) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Path:
    keep(tmp_path, 1, line("2026-03-01T08:00:00.000001Z", fields={"sale_id": 7}), line("2026-03-02T00:00:00Z"))
    return tmp_path


def line(time: str, **members: Any) -> dict[str, Any]:
    return {"severity": "INFO", "time": time, "message": "said", "serviceContext": {"service": "till"}, **members}


def keep(store: Path, number: int, *lines: dict[str, Any]) -> None:
    folder = store / "segments" / "till"
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(each) + "\n" for each in lines)
    (folder / f"{number:08}.jsonl").write_text(text)


def outcomes(client: bigquery.Client, store: Path, *days: date, again: bool = False) -> list[tuple[date, int, bool]]:
    return [(each.day, each.lines, each.before) for each in loading.load(client, "tocsin", store, days, again=again)]


def test_each_day_of_a_service_is_a_job_with_the_columns_of_the_model(
    client: bigquery.Client, warehouse: Warehouse, store: Path
) -> None:
    assert outcomes(client, store) == [(DAY, 1, False), (date(2026, 3, 2), 1, False)]
    job = warehouse.jobs["tocsin_tocsin_2026-03-01_till_1"]
    assert job["jobReference"] == {
        "projectId": "shop",
        "jobId": "tocsin_tocsin_2026-03-01_till_1",
        "location": "EU",
    }
    asked = job["configuration"]["load"]
    assert asked["destinationTable"] == {"projectId": "shop", "datasetId": "tocsin", "tableId": "records"}
    assert (asked["sourceFormat"], asked["writeDisposition"]) == ("NEWLINE_DELIMITED_JSON", "WRITE_APPEND")
    assert asked["createDisposition"] == "CREATE_NEVER"
    assert [(each["name"], each["type"]) for each in asked["schema"]["fields"]] == [
        (column.name, column.type) for column in COLUMNS
    ]


def test_a_row_is_one_line_with_a_time_that_bigquery_reads_and_fields_as_they_stand(
    client: bigquery.Client, warehouse: Warehouse, store: Path
) -> None:
    outcomes(client, store, DAY)
    (body,) = warehouse.uploads.values()
    (row,) = map(json.loads, body.splitlines())
    assert list(row) == [column.name for column in COLUMNS]
    said = {name: value for name, value in row.items() if value is not None}
    assert said == {
        "time": "2026-03-01T08:00:00.000001Z",
        "severity": "INFO",
        "service": "till",
        "message": "said",
        "fields": {"sale_id": 7},
    }


def test_what_was_loaded_is_not_loaded_again(client: bigquery.Client, warehouse: Warehouse, store: Path) -> None:
    outcomes(client, store)
    assert outcomes(client, store) == [(DAY, 1, True), (date(2026, 3, 2), 1, True)]
    assert len(warehouse.jobs) == 2


def test_the_same_lines_in_other_files_are_the_same_content(client: bigquery.Client, tmp_path: Path) -> None:
    first, second = line("2026-03-01T08:00:00Z"), line("2026-03-01T09:00:00Z", fields={"a": [1]})
    keep(tmp_path / "one", 1, second, first)
    keep(tmp_path / "two", 1, first)
    keep(tmp_path / "two", 2, second)
    outcomes(client, tmp_path / "one")
    assert outcomes(client, tmp_path / "two") == [(DAY, 2, True)]


def test_a_day_that_has_other_lines_by_now_is_refused_unless_it_is_to_be_loaded_again(
    client: bigquery.Client, warehouse: Warehouse, store: Path
) -> None:
    outcomes(client, store)
    keep(store, 2, line("2026-03-01T10:00:00Z"))
    with pytest.raises(TocsinError, match=r"2026-03-01 of till already, but with other lines: .* --again"):
        outcomes(client, store)
    assert outcomes(client, store, DAY, again=True) == [(DAY, 2, False)]
    assert "tocsin_tocsin_2026-03-01_till_2" in warehouse.jobs


def test_a_job_that_failed_is_said_and_tried_again_the_next_time(
    client: bigquery.Client, warehouse: Warehouse, store: Path
) -> None:
    warehouse.fails = {"reason": "invalid", "message": "no such field: time"}
    with pytest.raises(TocsinError, match="no such field: time"):
        outcomes(client, store, DAY)
    assert outcomes(client, store, DAY) == [(DAY, 1, False)]


def test_today_is_loaded_only_when_it_is_named(client: bigquery.Client, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    keep(tmp_path, 1, line(now.isoformat()))
    assert outcomes(client, tmp_path) == []
    assert outcomes(client, tmp_path, now.date()) == [(now.date(), 1, False)]


def test_a_table_that_is_not_there_and_one_that_is_forbidden_are_sentences(
    client: bigquery.Client, warehouse: Warehouse, store: Path
) -> None:
    warehouse.tables.clear()
    with pytest.raises(TocsinError, match=r"BigQuery has no table shop\.tocsin\.records: make it with monitoring"):
        outcomes(client, store)
    warehouse.forbids = True
    with pytest.raises(TocsinError, match=r"Access Denied.*roles/bigquery\.dataEditor"):
        outcomes(client, store)


def tocsin(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("tocsin", path=str(Path(sys.executable).parent))
    assert program is not None
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "NO_GCE_CHECK": "true", **environment}
    return subprocess.run(
        [program, "logs", "load", *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )


def test_the_verb_loads_with_the_key_that_the_machine_has(warehouse: Warehouse, store: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    named = {
        "type": "service_account",
        "client_email": "loader@shop.iam.gserviceaccount.com",
        "private_key": key.decode(),
        "token_uri": f"{warehouse.address}/token",
    }
    (store / "key.json").write_text(json.dumps(named))
    places = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(store / "key.json"),
        "BIGQUERY_EMULATOR_HOST": warehouse.address,
    }
    said = tocsin(store, "--project", "shop", "--store", ".", "--day", "2026-03-01", **places)
    assert (said.returncode, said.stdout) == (0, "2026-03-01 till: 1 line loaded.\n"), said.stderr
    said = tocsin(store, "--project", "shop", "--store", ".", "--day", "2026-03-01", **places)
    assert said.stdout == "2026-03-01 till: 1 line there already.\n"


def test_without_credentials_or_a_store_the_verb_says_so_in_a_sentence(store: Path) -> None:
    said = tocsin(store, "--project", "shop", "--store", ".")
    assert said.returncode == 2
    assert said.stderr == (
        "tocsin: This machine has no credentials of Google Cloud: run `gcloud auth application-default login`, "
        "or name a key in GOOGLE_APPLICATION_CREDENTIALS.\n"
    )
    said = tocsin(store, "--project", "shop", "--store", "nowhere")
    assert said.stderr == "tocsin: There is no store in nowhere: name its folder with --store.\n"


def test_without_the_extra_the_verb_says_what_to_install(store: Path) -> None:
    hidden = "import sys; sys.modules['google.cloud.bigquery'] = None; from tocsin.cli import main; main()"
    command = [sys.executable, "-c", hidden, "logs", "load", "--project", "shop", "--store", str(store)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert said.stderr.endswith("which is not installed: pip install 'tocsin[bigquery]'.\n")
