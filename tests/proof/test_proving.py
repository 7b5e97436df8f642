"""Whole proofs of a small catalog, by the real promtool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.derive import derive
from tocsin.model import (
    LOG_RECORDS,
    Alert,
    Catalog,
    Counter,
    Errors,
    Events,
    Flow,
    Scale,
    Service,
    Severity,
    Silence,
    Team,
    TocsinError,
    Traffic,
)
from tocsin.proof.proving import Proof, book, prove, stages
from tocsin.proof.theatre import Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION

ORDERS = Counter("orders_total", "Orders.")
BASKETS = Counter("baskets_total", "Baskets.")
WARNING: Severity = "warning"

STOPPED = Alert(
    "OrdersStopped",
    when=f"sum(rate({ORDERS}[10m])) == 0 and on () (sum(rate({BASKETS}[10m])) > 0)",
    lasting="2m",
    within="15m",
    not_before="10m",
    severity=WARNING,
    because="Nobody can buy.",
    rings_on=Silence(ORDERS),
    quiet_on=Scale(ORDERS, 0.2),
    runbook="runbooks/orders-stopped.md",
)


def catalog(*alerts: Alert, **fields: Any) -> Catalog:
    shop = Service(
        name="shop",
        team="web",
        port=8000,
        because="Nobody buys.",
        signals=(ORDERS, BASKETS),
        alerts=alerts,
        traffic=Traffic(rps=5, errors=0.001),
        behaviour=(Flow(ORDERS, 1), Flow(BASKETS, 2)),
        **fields,
    )
    team = Team(name="web", slack="#web")
    return Catalog(services=(shop,), teams=(team,), runbooks="https://r.example", heartbeat="https://h.example")


def proof(theatre: Theatre, declared: Catalog, *names: str) -> Proof:
    plan = derive(declared)
    rules = book(plan, PRODUCTION)
    return prove(theatre, stages(plan, rules, names), stages(plan, rules), lambda _, __: None)


def problems(found: Proof) -> str:
    return "\n".join(f"{subject}: {problem}" for subject, problem in found.problems)


def test_what_is_right_is_proved(theatre: Theatre) -> None:
    found = proof(theatre, catalog(STOPPED))
    assert problems(found) == ""
    assert found.proved == ("shop/ServiceDown", "shop/HighErrorRate", "shop/HighLatency", "shop/OrdersStopped")


def test_an_alert_on_log_errors_is_proved_like_any_other(theatre: Theatre) -> None:
    errors = LOG_RECORDS.where(severity="ERROR")
    logged = Alert(
        "ErrorsLogged",
        when=f"sum(rate({errors}[5m])) > 0.05",
        lasting="2m",
        within="5m",
        not_before="2m",
        severity=WARNING,
        because="Something fails.",
        rings_on=(Errors(0.1, bad=errors, of=LOG_RECORDS), Errors(0.5)),
        quiet_on=Errors(0.005, bad=errors, of=LOG_RECORDS),
        also=("HighErrorRate",),
        runbook="runbooks/errors-logged.md",
    )
    declared = catalog(logged)
    assert problems(proof(theatre, declared, "ErrorsLogged")) == ""
    deaf = catalog(replace(logged, when=logged.when.replace("ERROR", "CRITICAL")))
    assert "it does not ring within 5 min" in problems(proof(theatre, deaf, "ErrorsLogged"))


def test_the_matrix_says_what_rings_on_a_fault_and_when(theatre: Theatre) -> None:
    cells = {(cell.fault, cell.alert): cell for cell in proof(theatre, catalog(STOPPED)).cells}
    stopped = cells[Silence(ORDERS), "shop/OrdersStopped"]
    assert stopped.meant
    assert stopped.after is not None
    assert 600 <= stopped.after <= 900
    assert cells[Errors(0.5), "shop/HighErrorRate"].after == 300


def test_a_fault_that_nobody_hears_is_named(theatre: Theatre) -> None:
    assert proof(theatre, catalog(STOPPED)).unheard == (("shop", Silence(BASKETS)),)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (
            replace(STOPPED, when=STOPPED.when.replace("orders_total", "orders_totals")),
            "its fault: it does not ring within 15 min",
        ),
        (replace(STOPPED, within="13m", lasting="10m"), "its fault: it does not ring within 13 min"),
        (replace(STOPPED, not_before="14m"), "its fault: it rings after 11 min, sooner than the 13 min"),
        (replace(STOPPED, quiet_on=Scale(ORDERS, 0)), "a milder fault: it rings"),
        (replace(STOPPED, when=f"sum(rate({ORDERS}[10m])) == 0"), "closed over night: it rings"),
        (replace(STOPPED, when=f"sum(rate({ORDERS}[10m])) < 3"), "its fault: it rings 9 min before anything is wrong"),
        (replace(STOPPED, summary="{{ $labels.nowhere }}"), "its fault: its annotation summary says ''"),
        (
            replace(STOPPED, when=f"sum by (instance) (rate({ORDERS}[10m])) == 0", at_least=None),
            "closed over night: it rings",
        ),
    ],
)
def test_what_is_wrong_is_said(theatre: Theatre, broken: Alert, problem: str) -> None:
    assert f"shop/OrdersStopped: {problem}" in problems(proof(theatre, catalog(broken), "OrdersStopped"))


def test_an_alert_that_rings_on_the_fault_of_another_must_be_declared(theatre: Theatre) -> None:
    eager = replace(
        STOPPED,
        name="FewOrders",
        when=f"sum(rate({ORDERS}[10m])) < 0.3",
        at_least=Events(BASKETS, 20, "10m"),
        rings_on=Scale(BASKETS, 0.001),
        quiet_on=(),
    )
    found = problems(proof(theatre, catalog(STOPPED, eager), "FewOrders"))
    assert "FewOrders: orders_total stands still: rings too, and is not declared in `also`" in found
    declared = problems(proof(theatre, catalog(replace(STOPPED, also=("FewOrders",)), eager), "FewOrders"))
    assert "rings too" not in declared


def test_a_service_that_may_idle_calls_nobody_when_it_is_scaled_to_zero(theatre: Theatre) -> None:
    found = proof(theatre, catalog(idles=True), "ServiceDown")
    assert problems(found) == ""
    assert "scaled to zero" in {verdict.rehearsal.day.name for verdict in found.verdicts}


@pytest.mark.parametrize("idles", [False, True])
def test_a_public_url_that_does_not_answer_is_told_unless_its_service_is_down(theatre: Theatre, *, idles: bool) -> None:
    found = proof(theatre, catalog(public_url="https://shop.example/", idles=idles), "PublicUrlDown")
    assert problems(found) == ""
    days = {verdict.rehearsal.day.name for verdict in found.verdicts}
    assert {"its fault", "scaled to zero"} <= days
    assert ("its service goes down" in days) is not idles


def test_what_was_rehearsed_once_needs_no_promtool(tmp_path: Path) -> None:
    memories = tmp_path / "readings.json"
    first = proof(Theatre(tools.find("promtool"), memories), catalog(STOPPED), "OrdersStopped")
    kept = memories.stat().st_mtime_ns
    again = proof(Theatre(tools.find("promtool"), memories), catalog(STOPPED), "OrdersStopped")
    assert again.cells == first.cells
    assert memories.stat().st_mtime_ns == kept
    changed = replace(STOPPED, when=STOPPED.when.replace("10m", "5m"))
    assert proof(Theatre(tools.find("promtool"), memories), catalog(changed), "OrdersStopped").cells != first.cells


def test_an_unknown_alert_is_refused_in_one_sentence(theatre: Theatre) -> None:
    with pytest.raises(TocsinError, match="No alert is called 'Nope': choose from ServiceDown, "):
        proof(theatre, catalog(), "Nope")
