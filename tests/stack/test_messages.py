"""What a drill finds wrong with a message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

import pytest

from tocsin import source
from tocsin.derive import derive, quicken
from tocsin.stack.cases import Case, select
from tocsin.stack.inbox.records import Effect, Event
from tocsin.stack.messages import DrillFailed, belongs, judge, require_same


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    chosen = select(quicken(derive(source.load_catalog()), 60), speed=60).cases
    return {case.rule.subject: case for case in chosen}


def came(kind: Literal["pagerduty", "slack"], team: str, body: dict[str, Any], effect: Effect = "opened") -> Event:
    return Event(number=1, at=0.0, kind=kind, team=team, effect=effect, item=7, body=body)


def page(
    case: Case, effect: Effect = "opened", key: str = "k1", payload: Mapping[str, str] = MappingProxyType({})
) -> Event:
    slo = case.rule.labels.get("slo")
    said = {
        "class": f"{case.rule.name}/{slo}" if slo else case.rule.name,
        "component": case.rule.service,
        "severity": case.rule.severity,
        "summary": case.rule.summary,
        "group": case.rule.team,
        **payload,
    }
    return came("pagerduty", case.rule.team, {"payload": said, "dedup_key": key}, effect)


def post(case: Case, said: str = "Firing", **attachment: str) -> Event:
    told = {"title": f"{said}: {case.rule.name} on {case.rule.service}", "color": "warning", "fallback": "So it is."}
    return came("slack", case.rule.team, {"attachments": [{**told, **attachment}]}, "posted")


def test_two_burn_alerts_of_one_service_are_told_apart(cases: dict[str, Case]) -> None:
    one, other = (cases[f"voice-commerce/ErrorBudgetBurnFast/{slo}"] for slo in ("availability", "latency"))
    assert belongs(one, page(one), resolved=False)
    assert belongs(one, page(one, "resolved"), resolved=True)
    assert not belongs(one, page(one), resolved=True)
    assert not belongs(other, page(one), resolved=False)
    assert not belongs(one, replace(page(one), team="data"), resolved=False)


def test_a_message_in_slack_is_known_by_its_title(cases: dict[str, Case]) -> None:
    case = cases["voice-commerce/VoiceConversionDrop"]
    assert belongs(case, post(case), resolved=False)
    assert belongs(case, post(case, "Resolved"), resolved=True)
    assert not belongs(case, post(case, title="Firing: VoiceConversionDrop on voice-commerce (a)"), resolved=False)


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"severity": "info"}, "the message's severity is 'info', not 'critical'"),
        ({"group": "data"}, "the message's team is 'data', not 'commerce'"),
        ({"summary": "Something"}, "the message's summary is 'Something', not 'voice-commerce is down"),
    ],
)
def test_a_page_that_says_something_else_is_a_failure(
    cases: dict[str, Case], payload: dict[str, str], sentence: str
) -> None:
    case = cases["voice-commerce/ServiceDown"]
    with pytest.raises(DrillFailed, match=f"^{re.escape(sentence)}"):
        asyncio.run(judge(case, page(case, payload=payload)))


@pytest.mark.parametrize("summary", ["", " ", "<no value> of the requests fail", "{{ $value }} fail", "%!f(x) fail"])
def test_a_template_that_was_not_filled_is_a_failure(cases: dict[str, Case], summary: str) -> None:
    case = cases["voice-commerce/HighErrorRate"]
    assert "{{" in case.rule.summary
    with pytest.raises(DrillFailed, match="its template was not filled"):
        asyncio.run(judge(case, page(case, payload={"summary": summary})))


def test_the_colour_in_slack_is_that_of_the_severity(cases: dict[str, Case]) -> None:
    case = cases["voice-commerce/VoiceConversionDrop"]
    with pytest.raises(DrillFailed, match="the message's severity is 'danger', not 'warning'"):
        asyncio.run(judge(case, post(case, color="danger")))


def test_a_resolve_must_close_the_incident_that_was_opened(cases: dict[str, Case]) -> None:
    case = cases["voice-commerce/ServiceDown"]
    require_same(page(case), page(case, "resolved"))
    for resolved in (page(case, "resolved", key="k2"), replace(page(case, "resolved"), item=8)):
        with pytest.raises(DrillFailed, match="closed another incident"):
            require_same(page(case), resolved)
