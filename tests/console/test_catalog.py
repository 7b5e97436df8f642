"""The page of the catalog."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.console.places import ROOT, Places
from tocsin import source
from tocsin.console.catalog import view as catalog
from tocsin.console.catalog.coloured import parts
from tocsin.console.catalog.view import Catalog
from tocsin.derive import derive
from tocsin.model import Passage
from tocsin.targets import build


@pytest.fixture
def declaring(places: Places) -> Places:
    """Places whose catalog is declared in tests/conftest.py, and built."""
    module = source.passage(ROOT / "tests" / "conftest.py")
    return places.at(code=lambda: (module,), loaded=(module,))


def seen(places: Places, item: str) -> Catalog:
    return places.look(catalog.look, f"service=checkout&item={item}")


def written(places: Places) -> None:
    for artifact in build(derive(places.catalog)):
        path = places.folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)


def test_everything_of_a_service_can_be_chosen(declaring: Places) -> None:
    view = declaring.look(catalog.look, "service=nobody")
    assert (view.services, view.service) == (("checkout",), "checkout")
    assert [each.key for each in view.items][:7] == [
        "service/checkout",
        "signal/payments_total",
        "signal/fraud_score",
        "objective/availability",
        "objective/latency",
        "objective/payments",
        "objective/quality",
    ]
    assert {"alert/ServiceDown", "alert/ErrorBudgetBurnFast/payments", "alert/PaymentsStall"} <= {
        each.key for each in view.items
    }
    assert view.chosen == view.items[0]


@pytest.mark.parametrize(
    ("item", "first", "last"),
    [
        ("service/checkout", "CHECKOUT = Service(", ")"),
        ("signal/payments_total", "PAYMENTS = Counter(", ""),
        ("objective/availability", "Availability(0.999),", ""),
        ("objective/payments", "Ratio(", ")"),
        ("alert/PaymentsStall", "PAYMENTS_STALL = Alert(", ")"),
        ("alert/ErrorBudgetBurnFast/payments", "Ratio(", ")"),
        ("alert/ServiceDown", "CHECKOUT = Service(", ")"),
    ],
)
def test_the_lines_that_declare_it_are_shown(declaring: Places, item: str, first: str, last: str) -> None:
    declared = seen(declaring, item).declared
    lines = declared.text.splitlines()
    assert (declared.file, declared.absent, declared.changed) == ("tests/conftest.py", "", False)
    assert lines[0].startswith(first)
    assert lines[-1].startswith(last)
    assert (ROOT / declared.file).read_text().splitlines()[declared.line - 1].strip() == lines[0]


def test_rules_stand_beside_it_as_they_are_written(declaring: Places) -> None:
    written(declaring)
    rule, told, runbook = seen(declaring, "alert/PaymentsStall").generated[:3]
    file, _, line = rule.place.rpartition(":")
    assert (declaring.folder.parent / file).read_text().splitlines()[int(line) - 1].strip() == "- alert: PaymentsStall"
    assert rule.text.splitlines()[0] == "- alert: PaymentsStall"
    assert told.note == "shop-slack"
    assert runbook.note.startswith("https://runbooks.example/checkout/")


def test_a_signal_leads_to_its_rules_and_panels(declaring: Places) -> None:
    written(declaring)
    made = seen(declaring, "signal/payments_total").generated
    assert any(each.title == "Alert checkout/PaymentsStall" for each in made)
    assert all("payments_total" in each.text for each in made if each.text)


def test_a_service_leads_to_its_scrape_logs_and_boards(declaring: Places) -> None:
    written(declaring)
    scrape, logs, *boards = seen(declaring, "service/checkout").generated
    assert "checkout:8000" in scrape.text
    assert logs.address == "/logs?service=checkout"
    assert [each.address for each in boards][:1] == ["/boards?uid=tocsin-checkout-health"]


def test_what_is_not_built_or_not_found_is_said(places: Places) -> None:
    view = seen(places, "alert/PaymentsStall")
    assert view.generated[0].note == "It is not written yet: `tocsin build` writes it."
    assert view.declared.absent == "No Alert that is called PaymentsStall is found in the catalog's modules."


def test_a_stale_file_and_a_changed_declaration_are_said(declaring: Places) -> None:
    written(declaring)
    rules = declaring.folder / "prometheus" / "rules" / "checkout.yaml"
    rules.write_text(rules.read_text().replace("PaymentsStall", "Stalled"))
    view = seen(declaring.at(loaded=(Passage("", "tests/conftest.py"),)), "alert/PaymentsStall")
    assert view.generated[0].note == "The file says something else: `tocsin build` writes it anew."
    assert view.declared.changed


def test_what_is_looked_for_is_found_in_names_and_reasons(declaring: Places) -> None:
    view = declaring.look(catalog.look, "find=payments")
    assert all("payments" in f"{each.key} {each.help}".lower() for each in view.items)
    assert declaring.look(catalog.look, "find=nothing of the kind").chosen is None


@given(st.text(), st.sampled_from(["python", "yaml"]))
def test_colouring_keeps_every_character(text: str, language: str) -> None:
    assert "".join(piece for _, piece in parts(text, language)) == text  # type: ignore[arg-type]  # both are languages
