"""Replays of what the matrix tells, judged by the real promtool."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import PAYMENTS
from tocsin.derive import derive
from tocsin.model import Catalog, Flow, TocsinError
from tocsin.proof.proving import book, choose, prove, stages
from tocsin.proof.replay import POINTS, replay, scene
from tocsin.proof.sides import compared
from tocsin.proof.stage import Stage
from tocsin.proof.theatre import Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION

PAIRS = (
    """max((errors:5m > 14.4 * 0.001 and errors:1h > 14.4 * 0.001) or (errors:30m > 0.006)) unless absent(up == 1)"""
)


@pytest.fixture
def everybody(catalog: Catalog) -> list[Stage]:
    """A shop that takes a payment each second."""
    (shop,) = catalog.services
    busy = replace(
        shop, behaviour=(Flow(PAYMENTS.where(outcome="taken"), 1), Flow(PAYMENTS.where(outcome="refused"), 0.03))
    )
    plan = derive(replace(catalog, services=(busy,)))
    return stages(plan, book(plan, PRODUCTION))


def test_the_moment_of_a_replay_is_that_of_the_matrix(everybody: list[Stage], theatre: Theatre) -> None:
    """Alerts on absence, a rate that is too low, a share with a count, a burn rate, each ringing and each silent."""
    names = ("ServiceDown", "PaymentsStall", "HighErrorRate", "checkout/ErrorBudgetBurnFast/availability")
    proof = prove(theatre, choose(everybody, names), everybody, lambda _, __: None)
    kinds = {(cell.alert, cell.after is None): cell for cell in proof.cells}
    for cell in kinds.values():
        found = replay(tools.find("promtool"), scene(everybody, cell.alert, str(cell.fault)))
        assert (found.alert, found.after) == (cell.alert, cell.after), cell
        if found.firing is not None:
            assert any(found.firing in side.held for side in found.sides if not side.against), cell
    assert len({alert for alert, silent in kinds if not silent}) == len(names)
    assert any(silent for _, silent in kinds)


def test_what_is_shown_lies_around_the_fault_and_crosses_the_threshold(everybody: list[Stage]) -> None:
    fault = "payments_total counts 0 times as fast"
    found = replay(tools.find("promtool"), scene(everybody, "checkout/PaymentsStall", fault))
    side, _ = found.sides
    times = [at for at, _ in side.points]
    assert times[0] < 0 < found.until < times[-1]
    assert len(times) <= POINTS
    assert {bound for _, bound in side.bounds} == {0.1}
    before = [value for at, value in side.points if at <= 0 and value is not None]
    assert min(before) > 0.1
    assert 0 < side.held[0] <= (found.pending or 0.0) < (found.firing or 0.0) < found.until
    assert (found.firing or 0.0) - (found.pending or 0.0) >= found.lasting == 60
    fed = next(each for each in found.inputs if each.name.startswith("payments_total"))
    assert fed.unit == "per second"
    assert max(value for at, value in fed.points if at < 0 and value is not None) > 0.1
    assert fed.points[-1][0] == times[-1]


def test_what_is_not_rehearsed_is_no_scene(everybody: list[Stage]) -> None:
    with pytest.raises(TocsinError, match="is not rehearsed when it rains: run `tocsin prove` again"):
        scene(everybody, "checkout/PaymentsStall", "it rains")
    with pytest.raises(TocsinError, match="No alert is called"):
        scene(everybody, "checkout/Nothing", "it rains")


def test_an_expression_is_told_in_its_comparisons() -> None:
    found = [(each.name, each.operator, each.value, each.bound, each.against) for each in compared(PAIRS)]
    assert found == [
        ("errors:5m", ">", "max(errors:5m)", "14.4 * 0.001", False),
        ("errors:1h", ">", "max(errors:1h)", "14.4 * 0.001", False),
        ("errors:30m", ">", "max(errors:30m)", "0.006", False),
        ("absent(up == 1)", ">", "count(absent(up == 1)) or vector(0)", "0", True),
    ]


def test_a_constant_on_the_left_is_the_threshold_too() -> None:
    (side,) = compared("0.5 >= rate(a_total[5m])")
    assert (side.value, side.operator, side.bound) == ("min(rate(a_total[5m]))", "<=", "0.5")


def test_two_vectors_are_compared_with_each_other() -> None:
    (side,) = compared("sum(a) > sum(b) / 2")
    assert (side.value, side.bound) == ("max(sum(a))", "max(sum(b) / 2)")
