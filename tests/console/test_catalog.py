"""The page of the catalog."""

from __future__ import annotations

from pathlib import Path

from tests.console.places import Places
from tocsin.console.catalog import view as catalog


def test_what_is_declared_stands_beside_what_was_generated(places: Places, tmp_path: Path) -> None:
    rules = tmp_path / "prometheus" / "rules" / "checkout.yaml"
    rules.parent.mkdir(parents=True)
    rules.write_text("groups: []\n")
    seen = places.look(catalog.look, "service=nobody")
    assert (seen.services, seen.text, seen.absent) == (("checkout",), "groups: []\n", "")
    assert seen.declared.signals[0] == ("payments_total", "counter", "outcome", "Payments tried.")
    assert [name for name, *_ in seen.declared.objectives] == ["availability", "latency", "payments", "quality"]
    assert [name for name, *_ in seen.declared.alerts] == ["PaymentsStall"]
    rung = [rule.name for rule in seen.rules if rule.severity]
    assert {"checkout/ServiceDown", "checkout/ErrorBudgetBurnFast/payments", "checkout/PaymentsStall"} <= set(rung)
    assert seen.receivers == ("shop-pagerduty", "shop-slack")


def test_rules_that_were_not_written_yet_are_said_to_be_so(places: Places) -> None:
    assert places.look(catalog.look).absent.endswith("checkout.yaml is not there: `tocsin build` writes it.")
