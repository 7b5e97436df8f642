"""Alertmanager: who is told what, and where.

Sources: Alertmanager's documentation, "Configuration" and "Notification template reference".
Alertmanager 0.25 knows no `url_file` for webhooks: the heartbeat's address is no secret, its token lies in a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import Plan, Route
from tocsin.targets.artifact import Artifact
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml

GROUP_BY = ("alertname", "service", "slo")
"""One incident for each alert of each service, so that its resolve finds it again."""

_FIRST = "(index .Alerts 0)"
_SUMMARY = f"{{{{ {_FIRST}.Annotations.summary }}}}"
_BECAUSE = f"{{{{ {_FIRST}.Annotations.because }}}}"
_RUNBOOK = f"{{{{ {_FIRST}.Annotations.runbook_url }}}}"
_STATUS = '{{ if eq .Status "firing" }}Firing{{ else }}Resolved{{ end }}'
_SLACK_TITLE = (
    f"{_STATUS}: {{{{ .CommonLabels.alertname }}}} on {{{{ .CommonLabels.service }}}}"
    "{{ with .CommonLabels.slo }} ({{ . }}){{ end }}"
)
_SLACK_COLOR = """\
{{ if ne .Status "firing" }}good{{ else if eq .CommonLabels.severity "critical" }}danger{{ else }}warning{{ end }}"""
_SLACK_TEXT = """\
{{ range .Alerts -}}
*{{ .Annotations.summary }}*
{{ .Annotations.because }}
<{{ .Annotations.runbook_url }}|Runbook>
{{ end }}"""


def render(plan: Plan, site: Site) -> Iterator[Artifact]:
    """Yield alertmanager.yml."""
    yield Artifact("alertmanager/alertmanager.yml", to_yaml(_configuration(plan, site)))


def _configuration(plan: Plan, site: Site) -> dict[str, object]:
    fallback = next(route for route in plan.routes if route.channel == "slack")
    return {
        "global": {"pagerduty_url": site.pagerduty_url},
        "route": {
            "receiver": fallback.receiver,
            "group_by": list(GROUP_BY),
            **_timing(fallback),
            "routes": [_route(route) for route in plan.routes],
        },
        "receivers": [_receiver(plan, site, route) for route in plan.routes],
    }


def _timing(route: Route) -> dict[str, object]:
    return {
        "group_wait": route.timing.wait,
        "group_interval": route.timing.interval,
        "repeat_interval": route.timing.repeat,
    }


def _route(route: Route) -> dict[str, object]:
    return {
        "matchers": [f'{name}="{value}"' for name, value in route.labels.items()],
        "receiver": route.receiver,
        **_timing(route),
    }


def _receiver(plan: Plan, site: Site, route: Route) -> dict[str, object]:
    secret = f"{site.secrets}/{route.secret}"
    match route.channel:
        case "pagerduty":
            return {"name": route.receiver, "pagerduty_configs": [_pagerduty(secret)]}
        case "slack":
            return {"name": route.receiver, "slack_configs": [_slack(plan, route, secret)]}
        case "heartbeat":
            return {"name": route.receiver, "webhook_configs": [_heartbeat(plan, site, secret)]}


def _pagerduty(secret: str) -> dict[str, object]:
    return {
        "routing_key_file": secret,
        "send_resolved": True,
        "severity": "{{ .CommonLabels.severity }}",
        "description": _SUMMARY,
        "class": "{{ .CommonLabels.alertname }}{{ with .CommonLabels.slo }}/{{ . }}{{ end }}",
        "component": "{{ .CommonLabels.service }}",
        "group": "{{ .CommonLabels.team }}",
        "client": "Tocsin",
        "details": {"because": _BECAUSE, "runbook": _RUNBOOK},
        "links": [{"href": _RUNBOOK, "text": "Runbook"}],
    }


def _slack(plan: Plan, route: Route, secret: str) -> dict[str, object]:
    channel = next(team.slack for team in plan.catalog.teams if team.name == route.team)
    return {
        "api_url_file": secret,
        "channel": channel,
        "send_resolved": True,
        "color": _SLACK_COLOR,
        "title": _SLACK_TITLE,
        "title_link": _RUNBOOK,
        "text": _SLACK_TEXT,
        "fallback": _SUMMARY,
    }


def _heartbeat(plan: Plan, site: Site, secret: str) -> dict[str, object]:
    return {
        "url": site.heartbeat or plan.catalog.heartbeat,
        "send_resolved": False,  # a dead man's switch takes whatever comes for a beat
        "http_config": {"authorization": {"credentials_file": secret}},
    }
