from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer.main

from tests.cli.conftest import CATALOG, Tocsin
from tocsin import cli, live


def test_a_right_catalog(tocsin: Tocsin) -> None:
    said = tocsin("check")
    assert (said.returncode, said.stdout) == (0, "1 services, 7 alerts, 22 recordings: nothing is wrong.\n")


def test_problems_as_json(tocsin: Tocsin, project: Path) -> None:
    misspelt = "{PAYMENTS}[5m])) + sum(rate(payment_total"
    (project / "shop/catalog.py").write_text(CATALOG.replace("{PAYMENTS.where(outcome='taken')}", misspelt))
    said = tocsin("check", "--format", "json")
    assert said.returncode == 1
    assert json.loads(said.stdout) == [
        {
            "check": "promql/undeclared",
            "severity": "error",
            "subject": "checkout/PaymentsStall",
            "file": "shop/catalog.py",
            "line": 16,
            "column": 21,
            "message": "nobody declares the metric 'payment_total'",
            "help": "tocsin explain promql/undeclared",
        }
    ]


def test_missing_secrets_are_found(tocsin: Tocsin, project: Path) -> None:
    (project / "secrets").mkdir()
    (project / "secrets/shop-slack-url").touch()
    said = tocsin("check", "--secrets", "secrets")
    assert said.returncode == 1
    assert said.stderr.count("delivery/missing-secret") == 2


def test_no_folder_of_secrets_is_one_sentence(tocsin: Tocsin) -> None:
    said = tocsin("check", "--secrets", "nowhere")
    assert (said.returncode, said.stderr) == (
        2,
        "tocsin: nowhere is no folder: give the folder that holds Alertmanager's keys.\n",
    )


def test_explain_prints_the_page(tocsin: Tocsin) -> None:
    said = tocsin("explain", "promql/syntax")
    assert said.returncode == 0
    assert said.stdout.startswith("# promql/syntax\n\nAn expression is no PromQL")


def test_explain_of_an_unknown_check_is_one_sentence(tocsin: Tocsin) -> None:
    said = tocsin("explain", "promql/nothing")
    assert said.returncode == 2
    assert said.stderr.startswith("tocsin: There is no check 'promql/nothing': choose one of promql/syntax")


def test_show_tells_what_rings_on_what(tocsin: Tocsin) -> None:
    said = tocsin("show", "checkout")
    assert said.returncode == 0
    assert "PaymentsStall" in said.stdout
    assert "99.9 %" in said.stdout


def test_show_of_an_unknown_service_is_one_sentence(tocsin: Tocsin) -> None:
    said = tocsin("show", "chekout")
    assert (said.returncode, said.stderr) == (
        2,
        "tocsin: There is no service 'chekout' in the catalog: choose one of checkout.\n",
    )


def test_a_clever_catalog_is_found_where_it_is_clever(tocsin: Tocsin, project: Path) -> None:
    (project / "shop/catalog.py").write_text(CATALOG + "\n\ndef more() -> None:\n    pass\n")
    said = tocsin("check")
    line = len(CATALOG.splitlines()) + 3
    assert said.stderr.startswith(f"shop/catalog.py:{line}:1: error: shop/catalog.py: the catalog defines a function")


@pytest.mark.parametrize(
    "arguments", [("--live", "http://127.0.0.1:1"), ("--live=http://127.0.0.1:1", "--format", "json")]
)
def test_a_prometheus_that_does_not_run_is_one_sentence(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    said = tocsin("check", *arguments)
    assert said.returncode == 2
    assert said.stderr.startswith("tocsin: No Prometheus answers at http://127.0.0.1:")


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["--live"], live.LOCAL),
        (["--live", "--format", "json"], live.LOCAL),
        (["--live", "http://prometheus:9090"], "http://prometheus:9090"),
        ([], None),
    ],
)
def test_the_address_of_a_running_prometheus_may_be_left_out(arguments: list[str], asked: str | None) -> None:
    command = typer.main.get_command(cli.app)
    check = command.get_command(typer.Context(command), "check")  # type: ignore[attr-defined]  # it is a group
    assert check.make_context("check", arguments).params["prometheus"] == asked
