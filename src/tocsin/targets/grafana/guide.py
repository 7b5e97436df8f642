"""What to do about each alert, as a panel of Markdown."""

from __future__ import annotations

from grafana_foundation_sdk.builders import text
from grafana_foundation_sdk.models.dashboard import Panel
from grafana_foundation_sdk.models.text import TextMode

from tocsin.derive import AlertRule, Board, Plan
from tocsin.targets.site import Site

TITLE = "What to do"
HEIGHT = 12

_HEAD = "| alert | severity | rings within | what it means |\n|---|---|---|---|"


def panel(board: Board, plan: Plan, site: Site) -> Panel:
    """Return the panel: a line for each alert about the board's service, or about any, with a link to its runbook."""
    rules = (rule for rule in plan.alerts if rule.service == board.service or not board.service)
    lines = (_line(rule, plan, site) for rule in rules)
    content = "\n".join((_HEAD, *lines))
    return text.Panel().title("Alerts and their runbooks").mode(TextMode.MARKDOWN).content(content).build()


def _line(rule: AlertRule, plan: Plan, site: Site) -> str:
    page = site.runbook(plan.catalog, rule.service, rule.page)
    cells = (f"[{rule.subject}]({page})", rule.severity, rule.within, rule.because)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
