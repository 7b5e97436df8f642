"""The page of each alert: what is known of it, around what somebody wrote by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tocsin.derive.board import Board, uid
from tocsin.derive.plan import AlertRule, Plan, Route
from tocsin.derive.prose import Prose
from tocsin.model import seconds

SPANS = {"1h": "HOUR", "6h": "HOUR", "24h": "HOUR", "7d": "DAY", "30d": "DAY"}
"""The spans of time that the console offers, each with BigQuery's name of its unit."""

LOOKED = 2.0
"""Times the longest time that an alert may take to ring, for which one looks back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What somebody who is woken by *rule* needs first.

    *routes* are where it goes. *board* shows what it judges, with the variables *chosen*; *since* is how far to look
    back. *query* asks the logs, in BigQuery's SQL, where it is about a service. *links* are the pages of the same
    service by the name of the file that was written by hand, and *prose* is what stands in that of this alert.
    """

    rule: AlertRule
    routes: tuple[Route, ...]
    board: Board | None
    chosen: Mapping[str, str]
    since: str
    query: str
    links: Mapping[str, str]
    prose: Prose

    @property
    def title(self) -> str:
        """The alert, its objective if it has one, and its service."""
        slo = self.rule.labels.get("slo", "")
        return f"{self.rule.name}{f' ({slo})' if slo else ''} on {self.rule.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rehearsal: *what* happened, whether the alert must ring, and after how many seconds it did and was silent."""

    what: str
    must: bool
    rang: float | None = None
    silent: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What was seen of an alert when it was last proved, *made* at a time in words.

    It rings also on the faults *beside*, which are for others, and not on those that it was *deaf* to.
    """

    made: str
    trials: tuple[Trial, ...] = ()
    beside: tuple[tuple[str, float], ...] = ()
    deaf: tuple[str, ...] = field(default=())


def pages(plan: Plan) -> Iterator[Page]:
    """Yield the page of each alert, in the order of the plan."""
    links: dict[str, dict[str, str]] = {}
    for rule in plan.alerts:
        links.setdefault(rule.service, {}).setdefault(rule.runbook.rpartition("/")[2], rule.page)
    for rule in plan.alerts:
        yield _page(plan, rule, links[rule.service])


def _page(plan: Plan, rule: AlertRule, links: Mapping[str, str]) -> Page:
    board, chosen = _board(plan, rule)
    known = any(service.name == rule.service for service in plan.catalog.services)
    since = _since(rule)
    written = plan.prose.get(f"{rule.service}/{rule.runbook}", plan.prose.get(rule.runbook, ""))
    return Page(
        rule=rule,
        routes=tuple(route for route in plan.routes if _takes(route, rule)),
        board=board,
        chosen=chosen,
        since=since,
        query=_query(rule.service, since) if known else "",
        links=links,
        prose=Prose.of(_about(written, rule)),
    )


def _about(written: str, rule: AlertRule) -> str:
    """Return a page that serves many alerts as one about this: `<service>` and `<slo>` stand for its own."""
    return written.replace("<service>", rule.service).replace("<slo>", rule.labels.get("slo", ""))


def _takes(route: Route, rule: AlertRule) -> bool:
    labels = {"alertname": rule.name, "severity": rule.severity, "team": rule.team, **rule.labels}
    return all(labels.get(name) == value for name, value in route.labels.items())


def _board(plan: Plan, rule: AlertRule) -> tuple[Board | None, Mapping[str, str]]:
    """Return the board to look at first, and what to choose on it."""
    boards = {board.uid: board for board in plan.boards}
    slo = rule.labels.get("slo")
    if slo:
        return boards.get(uid("objectives")), {"service": rule.service, "slo": slo}
    services = {service.name: service for service in plan.catalog.services}
    if rule.service not in services:
        return boards.get(uid("monitoring")), {}
    declared = any(alert.name == rule.name for alert in services[rule.service].alerts)
    own = boards.get(uid(rule.service, "business")) if declared else None
    return own or boards.get(uid(rule.service, "health")), {}


def _since(rule: AlertRule) -> str:
    longest = max(map(seconds, (rule.within, *(ring.within for ring in rule.rings))))
    return next((span for span in SPANS if seconds(span) >= LOOKED * longest), [*SPANS][-1])


def _query(service: str, since: str) -> str:
    return (
        "SELECT severity, message, COUNT(*) AS records, MIN(time) AS first, MAX(time) AS last, MAX(trace) AS trace\n"
        "FROM logs\n"
        f"WHERE service = '{service}' AND severity IN ('WARNING', 'ERROR', 'CRITICAL')\n"
        f"  AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {since[:-1]} {SPANS[since]})\n"
        "GROUP BY severity, message\n"
        "ORDER BY records DESC\n"
        "LIMIT 20"
    )
