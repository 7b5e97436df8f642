"""What is written for BigQuery: read by HCL's grammar, by shellcheck, and by BigQuery's grammar in sqlglot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import hcl2
import pytest
import sqlglot
from sqlglot import exp

from tocsin import Catalog, source, targets
from tocsin.derive import derive
from tocsin.derive.questions import QUESTIONS
from tocsin.model import COLUMNS
from tocsin.targets.bigquery import filters

LINE = {
    "severity": "ERROR",
    "time": "2026-11-25T08:00:00.123456Z",
    "message": "POST /orders/{id} 500",
    "serviceContext": {"service": "voice-commerce", "version": "1.2.3"},
    "logging.googleapis.com/labels": {"environment": "production", "logger": "lib", "request_id": "r-1"},
    "logging.googleapis.com/trace": "projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736",
    "logging.googleapis.com/spanId": "00f067aa0ba902b7",
    "logging.googleapis.com/trace_sampled": True,
    "logging.googleapis.com/sourceLocation": {"file": "app.py", "line": "7", "function": "order"},
    "httpRequest": {
        "requestMethod": "POST",
        "requestUrl": "/orders/7",
        "status": 500,
        "latency": "0.250000s",
        "userAgent": "a browser",
        "protocol": "HTTP/1.1",
    },
    "stack_trace": "Traceback ...",
    "fields": {"route": "/orders/{id}", "sale_id": 7.0},
}
"""A line that has every member of docs/sdk.md."""

ROW: tuple[object, ...] = (
    *("2026-11-25 08:00:00.123456", "ERROR", "voice-commerce", "1.2.3", "production", "lib", "POST /orders/{id} 500"),
    *("r-1", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True, "app.py", 7, "order"),
    *("POST", "/orders/7", 500, 0.25, "a browser", "HTTP/1.1", "Traceback ..."),
)
"""Its record, but for `fields`."""

DUCK = {"STRING": "VARCHAR", "INT64": "BIGINT", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN", "TIMESTAMP": "TIMESTAMP"}


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    built = targets.build(derive(source.load_catalog()))
    return {each.path.removeprefix("bigquery/"): each.text for each in built if each.path.startswith("bigquery/")}


@pytest.fixture(scope="module")
def folder(written: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("bigquery")
    for path, text in written.items():
        (found / path).parent.mkdir(exist_ok=True)
        (found / path).write_text(text)
    return found


def resources(written: dict[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    found = hcl2.loads(written["main.tf"])["resource"]
    return {
        (kind.strip('"'), name.strip('"')): body
        for each in found
        for kind, named in each.items()
        for name, body in named.items()
    }


def test_terraform_makes_the_tables_by_day_the_sink_and_its_writers_role(written: dict[str, str]) -> None:
    made = resources(written)
    records = made["google_bigquery_table", "records"]
    assert [each.strip('"') for each in records["clustering"]] == ["service", "severity"]
    (days,) = records["time_partitioning"]
    assert (days["type"].strip('"'), days["field"].strip('"')) == ("DAY", "time")
    sink = made["google_logging_project_sink", "logs"]
    assert sink["unique_writer_identity"] is True
    assert sink["bigquery_options"][0]["use_partitioned_tables"] is True
    writer = made["google_bigquery_dataset_iam_member", "writer"]
    assert writer["role"].strip('"') == "roles/bigquery.dataEditor"
    assert "default_partition_expiration_ms" in made["google_bigquery_dataset", "logs"]


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not on PATH")
def test_terraform_would_not_write_it_otherwise(folder: Path) -> None:
    said = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(folder / "main.tf")], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_table_of_records_has_the_columns_of_the_model(written: dict[str, str]) -> None:
    columns = json.loads(written["schema.json"])
    assert [(each["name"], each["type"]) for each in columns] == [(each.name, each.type) for each in COLUMNS]


def test_the_view_of_logs_has_the_columns_of_the_model_from_every_table(written: dict[str, str]) -> None:
    view = sqlglot.parse_one(written["views/logs.sql"], read="bigquery")
    parts = list(view.find_all(exp.Select))
    assert len(parts) == 5
    assert {tuple(part.named_selects) for part in parts} == {tuple(column.name for column in COLUMNS)}
    tables = {table.name for table in view.find_all(exp.Table)}
    assert tables == {"run_googleapis_com_stdout", "run_googleapis_com_stderr", "stdout", "stderr", "records"}


def test_a_question_is_a_view_of_the_same_text(written: dict[str, str]) -> None:
    for question in QUESTIONS:
        text = written[f"views/{question.name}.sql"]
        assert {table.name for table in sqlglot.parse_one(text, read="bigquery").find_all(exp.Table)} == {"logs"}
        assert text.partition("\n")[2].replace("`${project}.${dataset}.logs`", "logs") == question.sql


def duck(columns: list[dict[str, Any]]) -> str:
    """Return columns of BigQuery as DuckDB declares them."""
    found = [
        f'"{each["name"]}" ' + (f"STRUCT({duck(each['fields'])})" if "fields" in each else DUCK[each["type"]])
        for each in columns
    ]
    return ", ".join(found)


def exported(line: dict[str, Any], log: str) -> dict[str, Any]:
    """Return what a sink writes of *line*, as Cloud Logging's "Structured logging" and "BigQuery schema" say."""
    google = "logging.googleapis.com"
    request = line["httpRequest"]
    return {
        "logName": f"projects/shop/logs/{log}",
        "timestamp": line["time"].removesuffix("Z"),
        "severity": line["severity"],
        "jsonPayload": {
            "message": line["message"],
            "servicecontext": line["serviceContext"],
            "stack_trace": line["stack_trace"],
            "fields": line["fields"],
        },
        "labels": line[f"{google}/labels"],
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "voice-commerce"}},
        "httpRequest": {**request, "latency": float(request["latency"].removesuffix("s"))},
        "trace": line[f"{google}/trace"],
        "spanId": line[f"{google}/spanId"],
        "traceSampled": line[f"{google}/trace_sampled"],
        "sourceLocation": {**line[f"{google}/sourceLocation"], "line": 7},
    }


@pytest.fixture
def exports(written: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the tables of the sink, to whose `fields` it has added another, and those of records."""
    database = duckdb.connect()
    columns = json.loads(written["sink.json"])
    (payload,) = (each for each in columns if each["name"] == "jsonPayload")
    (fields,) = (each for each in payload["fields"] if each["name"] == "fields")
    fields["fields"] += [{"name": "sale_id", "type": "FLOAT64"}, {"name": "never", "type": "STRING"}]
    for table in ("run_googleapis_com_stdout", "run_googleapis_com_stderr", "stdout", "stderr"):
        database.execute(f"CREATE TABLE {table} ({duck(columns)})")
    kept = ", ".join(f'"{each.name}" {DUCK.get(each.type, each.type)}' for each in COLUMNS)
    database.execute(f"CREATE TABLE records ({kept})")
    database.execute("CREATE MACRO json_strip_nulls(it) AS json_merge_patch('{}', it)")
    view = written["views/logs.sql"].replace("${project}.${dataset}.", "")
    database.execute(f"CREATE VIEW logs AS {sqlglot.transpile(view, read='bigquery', write='duckdb')[0]}")
    return database


def insert(database: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any], folder: Path) -> None:
    path = folder / "row.json"
    path.write_text(json.dumps(row))
    names = ", ".join(f'"{name}"' for name in row)
    kinds = {name: kind for name, kind, *_ in database.execute(f"DESCRIBE {table}").fetchall()}
    shape = ", ".join(f"'{name}': '{kinds[name]}'" for name in row)
    database.execute(f"INSERT INTO {table} ({names}) SELECT * FROM read_json('{path}', columns={{{shape}}})")  # noqa: S608 - our names


@pytest.mark.parametrize("table", ["run_googleapis_com_stdout", "stdout"])
def test_a_line_that_was_exported_is_the_record_that_it_is_at_home(
    exports: duckdb.DuckDBPyConnection, table: str, tmp_path: Path
) -> None:
    insert(exports, table, exported(LINE, table), tmp_path)
    found = exports.execute("SELECT * FROM logs")
    assert [column[0] for column in found.description or ()] == [column.name for column in COLUMNS]
    (row,) = found.fetchall()
    assert (str(row[0]), *row[1:-1]) == ROW
    assert json.loads(row[-1]) == LINE["fields"]


def test_a_text_that_was_exported_is_a_record_of_its_service(
    exports: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    said = {
        "timestamp": "2026-11-25T08:00:00",
        "textPayload": "Killed",
        "trace": "",
        "resource": {"type": "cloud_run_job", "labels": {"job_name": "nightly"}},
    }
    insert(exports, "run_googleapis_com_stderr", said, tmp_path)
    (row,) = exports.execute("SELECT severity, service, message, trace, sampled, fields FROM logs").fetchall()
    assert row == ("DEFAULT", "nightly", "Killed", None, None, None)


def test_a_sinks_filter_takes_the_services_of_the_catalog_and_no_others(catalog: Catalog) -> None:
    (text,) = filters.sinks(service.name for service in catalog.services).values()
    for label in ("service_name", "job_name", "container_name"):
        assert f'resource.labels.{label}=("checkout"))' in text


def test_more_services_than_one_filter_holds_have_sinks_of_their_own() -> None:
    names = [f"service-number-{number}" for number in range(1000)]
    found = filters.sinks(names)
    assert all(len(text) <= filters.LONGEST for text in found.values())
    assert [sum(f'"{name}"' in text for text in found.values()) for name in names] == [1] * 1000
    assert list(found)[:2] == ["tocsin-logs", "tocsin-logs-1"]


def test_shellcheck_finds_nothing_in_the_script(folder: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    said = subprocess.run([str(shellcheck), str(folder / "setup.sh")], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


TOLD = """\
#!/usr/bin/env bash
python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$(basename "$0")" "$@" >>"$TOLD"
case "$*" in
*describe*--format*) echo "serviceAccount:writer@example.iam.gserviceaccount.com" ;;
*show*|*describe*) exit "$THERE" ;;
esac
"""


def run_script(folder: Path, home: Path, *arguments: str, there: bool) -> list[list[str]]:
    """Run setup.sh with a gcloud and a bq that write down what they are told."""
    for name in ("gcloud", "bq"):
        (home / name).write_text(TOLD)
        (home / name).chmod(0o755)
    environment = {"PATH": f"{home}:/usr/local/bin:/usr/bin:/bin", "TOLD": str(home / "told")}
    environment["THERE"] = "0" if there else "1"
    command = ["bash", str(folder / "setup.sh"), *arguments]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in (home / "told").read_text().splitlines()]


def test_the_script_makes_what_is_not_there(folder: Path, tmp_path: Path) -> None:
    told = run_script(folder, tmp_path, "my-shop", "logs", "EU", "30", there=False)
    made = [each for each in told if "mk" in each]
    assert [each[-1] for each in made] == [
        "my-shop:logs",
        "my-shop:logs.records",
        "my-shop:logs.run_googleapis_com_stdout",
        "my-shop:logs.run_googleapis_com_stderr",
        "my-shop:logs.stdout",
        "my-shop:logs.stderr",
    ]
    assert all(str(30 * 24 * 60 * 60) in each for each in made)
    assert made[1][made[1].index("--clustering_fields") + 1] == "service,severity"
    (sink,) = (each for each in told if each[1:4] == ["logging", "sinks", "create"])
    assert "--use-partitioned-tables" in sink
    (text,) = (each.removeprefix("--log-filter=") for each in sink if each.startswith("--log-filter="))
    assert text == next(iter(filters.sinks(each.name for each in source.load_catalog().services).values()))
    asked = [each[-1] for each in told if "query" in each]
    writer = "'serviceAccount:writer@example.iam.gserviceaccount.com'"
    assert asked[0] == f"GRANT `roles/bigquery.dataEditor` ON SCHEMA `my-shop.logs` TO {writer}"
    assert [each.split("`")[1] for each in asked[1:]] == [
        "my-shop.logs.logs",
        *(f"my-shop.logs.{question.name}" for question in QUESTIONS),
    ]
    for text in asked[1:]:
        assert "${" not in text
        sqlglot.parse_one(text, read="bigquery")


def test_the_script_may_be_run_again(folder: Path, tmp_path: Path) -> None:
    told = run_script(folder, tmp_path, "my-shop", there=True)
    assert not [each for each in told if "mk" in each or "create" in each]
    assert [each for each in told if each[1:4] == ["logging", "sinks", "update"]]
