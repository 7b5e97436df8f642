"""What arrives in the inbox, held against the alert of which it should tell."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from tocsin.model import TocsinError
from tocsin.stack.cases import Case
from tocsin.stack.inbox.records import Event

COLORS = {"critical": "danger", "warning": "warning"}
"""The colour of an alert's message in Slack, by its severity."""

_UNFILLED = ("<no value>", "{{", "%!", "<error")
"""What a template leaves behind that was not filled."""


class DrillFailed(TocsinError):  # noqa: N818 - said of a drill, as in "the drill failed"
    """A step did not come, or what came was not what it should be."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a message says; *key* names the incident that it opens or closes."""

    severity: str
    team: str
    summary: str
    runbook: str
    key: str


def belongs(case: Case, event: Event, *, resolved: bool) -> bool:
    """Tell whether a message is this alert's, on its route."""
    if event.kind != case.route.channel or event.team != case.rule.team:
        return False
    objective = case.rule.labels.get("slo", "")
    if event.kind == "pagerduty":
        payload = event.body.get("payload") or {}
        named = "/".join(filter(None, (case.rule.name, objective)))
        effect = "resolved" if resolved else "opened"
        return event.effect == effect and (payload.get("class"), payload.get("component")) == (named, case.rule.service)
    title = f"{'Resolved' if resolved else 'Firing'}: {case.rule.name} on {case.rule.service}"
    return _attachment(event).get("title") == title + (f" ({objective})" if objective else "")


async def judge(case: Case, event: Event) -> None:
    """Check what the message of an alert says, and that its runbook opens.

    Raises:
        DrillFailed: it says something else than the rule.

    """
    rule, said = case.rule, _said(event)
    expected = {"severity": rule.severity if event.kind == "pagerduty" else COLORS[rule.severity], "team": rule.team}
    if "{{" not in rule.summary:
        expected["summary"] = rule.summary
    for name, value in expected.items():
        if (found := getattr(said, name)) != value:
            raise DrillFailed(f"the message's {name} is {found!r}, not {value!r}")
    if not said.summary.strip() or any(trace in said.summary for trace in _UNFILLED):
        raise DrillFailed(f"the message's summary is {said.summary!r}: its template was not filled")
    await _open(said.runbook)


def require_same(opened: Event, resolved: Event) -> None:
    """Check that a resolve closes what was opened.

    Raises:
        DrillFailed: it closes something else.

    """
    if opened.kind == "pagerduty" and (opened.item, _said(opened).key) != (resolved.item, _said(resolved).key):
        raise DrillFailed("the resolve closed another incident than the one that was opened")


async def _open(runbook: str) -> None:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        page = await client.get(runbook)
    if not page.is_success:
        raise DrillFailed(f"the runbook {runbook} answers {page.status_code}")


def _said(event: Event) -> _Said:
    if event.kind == "pagerduty":
        payload = event.body.get("payload") or {}
        links = event.body.get("links") or [{}]
        return _Said(
            severity=payload.get("severity", ""),
            team=payload.get("group", ""),
            summary=payload.get("summary", ""),
            runbook=links[0].get("href", ""),
            key=event.body.get("dedup_key", ""),
        )
    attachment = _attachment(event)
    return _Said(
        severity=attachment.get("color", ""),
        team=event.team,
        summary=attachment.get("fallback", ""),
        runbook=attachment.get("title_link", ""),
        key="",
    )


def _attachment(event: Event) -> dict[str, str]:
    attachments = event.body.get("attachments") or [{}]
    return dict(attachments[0])
