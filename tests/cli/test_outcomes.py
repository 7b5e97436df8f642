"""What became of a drill, as text and as JUnit; JSON is read by the drill of the real thing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tocsin import source
from tocsin.cli.outcomes import Report, write
from tocsin.derive import derive, quicken
from tocsin.stack.cases import select
from tocsin.stack.drill import STEPS, Outcome


@pytest.fixture(scope="module")
def report() -> Report:
    selection = select(quicken(derive(source.load_catalog()), 60), ["ServiceDown", "voice-commerce"], speed=60)
    well, ill, *_ = selection.cases
    return Report(
        outcomes=[
            Outcome(well, {step: float(number) for number, step in enumerate(STEPS)}),
            Outcome(ill, {"fault in": 0.5}, "the <alert> did not come"),
        ],
        left=selection.left,
        opened=("shop",),
        speed=60,
        prometheus="2.42.0",
        took=12.5,
    )


def test_the_text_names_every_alert_in_full_and_what_was_left(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    write(report, "text")
    said = capsys.readouterr().out
    for outcome in report.outcomes:
        assert outcome.case.rule.subject in said
    assert all(step in said.splitlines()[1] for step in STEPS[1:])
    assert f"{report.outcomes[1].case.rule.subject}: the <alert> did not come.\n" in said
    assert "Hours were kept open for the drill: shop.\n" in said
    slow = ", ".join(left.rule.subject for left in report.left)
    assert f"not drilled: {slow}, because it looks back 1d, and a drill 1h at most.\n" in said
    assert said.endswith("1 of 2 alerts rang, were delivered, and were resolved, in 12 seconds.\n")


def test_junit_has_a_case_for_every_alert(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    write(report, "junit")
    (suite,) = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - we wrote it
    found = suite.findall("testcase")
    assert {f"{case.get('classname')}/{case.get('name')}" for case in found} == {
        *(outcome.case.rule.subject for outcome in report.outcomes),
        *(left.rule.subject for left in report.left),
    }
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
        str(len(found)),
        "1",
        str(len(report.left)),
    )
    (failure,) = suite.iterfind("testcase/failure")
    assert failure.get("message") == "the <alert> did not come."
    assert found[0].get("time") == "5.000"
    assert "resolved: 5.000 s" in (found[0].findtext("system-out") or "")
    properties = {each.get("name"): each.get("value") for each in suite.iterfind("properties/property")}
    assert properties == {"speed": "60", "prometheus": "2.42.0", "hours kept open": "shop"}
