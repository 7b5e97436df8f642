"""A page in Markdown: the sections that somebody wrote, each with the facts that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from tocsin.derive import Page, Plan, Proved, Route
from tocsin.derive.prose import CAUSES, ESCALATION, LOOKS, MEANING, MITIGATION
from tocsin.model import seconds
from tocsin.targets.runbooks.proof import proof
from tocsin.targets.runbooks.words import escaped
from tocsin.targets.site import Site

_LINK = re.compile(r"(?<=\]\()([\w-]+\.md)(#[\w-]*)?(?=\))")
_SPANS = {"1h": "hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}


def markdown(
    page: Page, plan: Plan, site: Site, proved: Proved | None = None, *, before: str = "", suffix: str = ""
) -> str:
    """Return a page; its links to others of its service are their names between *before* and *suffix*.

    With *proved* it tells what was seen, not only what is promised.
    """
    parts = {
        MEANING: f"**{escaped(page.rule.because)}**",
        LOOKS: "\n".join(_looks(page, site)),
        CAUSES: "",
        MITIGATION: "",
        ESCALATION: _told(page, plan),
    }
    told = [f"# {escaped(page.title)}", _facts(page), page.prose.lead]
    for heading, facts in parts.items():
        written = page.prose.below(heading)
        if facts or written:
            told += [f"## {heading}", facts, written]
    told += ["## How it was proved", proof(page.rule, proved), "## The rule", f"```promql\n{page.rule.expr}\n```"]
    text = "\n\n".join(part.strip() for part in told if part.strip())
    return _LINK.sub(lambda found: _linked(found, page, before, suffix), text) + "\n"


def _linked(found: re.Match[str], page: Page, before: str, suffix: str) -> str:
    name = page.links.get(found[1])
    return f"{before}{name}{suffix}{found[2] or ''}" if name else found[0]


def _facts(page: Page) -> str:
    rule = page.rule
    lasting = f"once its condition has held for {rule.lasting}" if seconds(rule.lasting) else "at once"
    cells = [
        ("Severity", rule.severity),
        ("Service", f"{rule.service}, of team {rule.team}"),
        ("Rings", f"{lasting}, at most {rule.within} after the fault began"),
    ]
    if rule.during:
        cells.append(("Only during", f"the hours `{rule.during.name}`"))
    if rule.evidence:
        cells.append(("Judges", f"once there were {rule.evidence.count} events within {rule.evidence.window}"))
    return "\n".join(f"- **{name}**: {told}" for name, told in cells)


def _looks(page: Page, site: Site) -> Iterator[str]:
    """Yield where to look first, each with the span of time in which an alert like this begins."""
    span = {"from": f"now-{page.since}", "to": "now"}
    last = f"the last {_SPANS[page.since]}"
    if page.board:
        chosen = {f"var-{name}": value for name, value in page.chosen.items()}
        grafana = f"/d/{page.board.uid}?{urlencode(span | chosen)}"
        address = f"{site.console}/boards?{urlencode({'uid': page.board.uid} | span | chosen)}"
        yield f"- **Board**: [{escaped(page.board.title)}]({address}), {last}; in Grafana `{grafana}`."
    if page.query:
        of_service = {"service": page.rule.service}
        logs = f"{site.console}/logs?{urlencode(of_service | {'severity': 'WARNING'} | span)}"
        errors = f"{site.console}/errors?{urlencode(of_service | span)}"
        yield f"- **Logs**: [warnings and errors of {page.rule.service}]({logs}), {last}; counted by what they say:"
        yield "\n".join(("", "  ```sql", *(f"  {line}" for line in page.query.splitlines()), "  ```", ""))
        yield (
            f"- **Errors**: [of {page.rule.service}]({errors}), {last}; "
            f"in Sentry, in its project, `is:unresolved lastSeen:-{page.since}`."
        )
    if page.prose.below(LOOKS):
        yield "\nThen:"


def _told(page: Page, plan: Plan) -> str:
    channels = (_channel(route, plan) for route in page.routes)
    first = " and ".join(channels) or "nobody: no route takes it"
    return f"It is told to {first}."


def _channel(route: Route, plan: Plan) -> str:
    match route.channel:
        case "pagerduty":
            return f"whom PagerDuty has on call in team {route.team}"
        case "slack":
            slack = next(team.slack for team in plan.catalog.teams if team.name == route.team)
            return f"team {route.team} in Slack's {slack}"
        case "heartbeat":
            return "the dead man's switch, which raises the alarm when the beats stop"
