"""`tocsin show --cost`, and what docs/cost.md says of it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Tocsin
from tocsin.cli.costs.prices import OURS, prices
from tocsin.cli.show import show
from tocsin.derive.cost import MONTH, REQUEST_LINE
from tocsin.model import TocsinError

PAGE = (Path(__file__).parents[2] / "docs" / "cost.md").read_text(encoding="utf-8")
SAID = OURS.read_text(encoding="utf-8")


def test_the_text_names_series_labels_and_dollars(tocsin: Tocsin) -> None:
    said = tocsin("show", "--cost")
    assert said.returncode == 0, said.stderr
    assert re.search(r"payments_total +│ +3 │ +3 │ +518,400 │", said.stdout)
    assert re.search(r"outcome +│ payments_total +│ +2 │ +2 │ read by PaymentsStall", said.stdout)
    assert "Requests: 2,592,000 a month, 1.74 GiB of log lines" in said.stdout
    assert "Prices of 2026-11-25: https://cloud.google.com/bigquery/pricing" in said.stdout


def test_the_json_has_the_same_figures_and_the_fields_of_the_page(tocsin: Tocsin) -> None:
    said = json.loads(tocsin("show", "checkout", "--cost", "--format", "json", "--instances", "2").stdout)
    (service,) = said["services"]
    (paid,) = (metric for metric in service["metrics"] if metric["metric"] == "payments_total")
    assert paid["series"] == {"worst": 6, "typical": 6}
    assert service["log_bytes"] == MONTH * REQUEST_LINE
    assert sum(metric["series"]["typical"] for metric in service["metrics"]) == service["series"]["typical"]
    keys = {key for part in (said, service, paid, service["labels"][0], said["bill"][0]) for key in part}
    named = set(re.findall(r"`(\w+)`", PAGE.partition("\nJSON has ")[2].partition("\n\n")[0]))
    assert keys <= named
    assert [line["key"] for line in said["bill"]] == list(tomllib.loads(SAID))


def test_a_project_may_have_prices_of_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "own.toml").write_text(SAID.replace("[[0, 0.06],", "[[0, 600],"))
    (project / "pyproject.toml").write_text('[tool.tocsin]\ncatalog = "shop.catalog:CATALOG"\nprices = "own.toml"\n')
    monkeypatch.chdir(project)
    assert prices(None)[0].dollars(1_000_000) == pytest.approx(600)
    assert prices(OURS)[0].dollars(1_000_000) == pytest.approx(0.06)


def test_each_tier_costs_what_it_says() -> None:
    samples, logs, *_ = prices(OURS)
    assert samples.dollars(1_000_000) == pytest.approx(0.06)
    assert samples.dollars(60e9) == pytest.approx(50_000 * 0.06 + 10_000 * 0.048)
    assert samples.dollars(600e9) == pytest.approx(50_000 * 0.06 + 200_000 * 0.048 + 250_000 * 0.036 + 100_000 * 0.024)
    assert logs.dollars(50 * 2**30) == 0
    assert logs.dollars(52 * 2**30) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a", "is no TOML"),
        ("a = 1\n", "[a] lacks name, of, unit, tiers, date, source"),
        (SAID.replace('of = "samples"', 'of = "tears"'), "is a price of 'tears': choose samples, log bytes"),
        (SAID.replace("unit = 1_000_000\n", "unit = 0\n"), "needs a unit above 0"),
        (SAID.replace("tiers = [[0, 0.06],", "tiers = [[5, 0.06],"), "tiers that begin at 0"),
        (SAID.replace("tiers = [[0, 0.06],", "tiers = [0.06,"), "a number as unit and tiers like"),
        (SAID.replace("date = 2026-11-25", 'date = "today"', 1), "needs a date without quotes"),
    ],
)
def test_a_wrong_table_of_prices_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(TocsinError, match=re.escape(sentence)):
        prices(tmp_path / "prices.toml")


def test_prices_that_are_not_there_and_a_format_without_cost_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match=r"cannot be read \(No such file or directory\): name a file of prices"):
        prices(tmp_path / "no.toml")
    with pytest.raises(TocsinError, match="--format says how to write costs: add --cost"):
        show(form="json", catalog="services.catalog:CATALOG")


def test_the_page_holds_the_prices_and_the_bytes_that_are_reckoned_with() -> None:
    for key, table in tomllib.loads(SAID).items():
        (row,) = re.findall(rf"^\| `{key}` \|.*$", PAGE, re.MULTILINE)
        assert table["source"] in row
        assert table["date"].isoformat() in row
        assert all(f"{dollars:g}" in row for _, dollars in table["tiers"])
    assert f"{REQUEST_LINE} bytes" in PAGE
