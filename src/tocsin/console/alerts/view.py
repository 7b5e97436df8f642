"""The page of alerts: what waits, rings and is silenced, as Prometheus and Alertmanager have it, and what was.

Sources: Prometheus's documentation, "HTTP API" (rules); Alertmanager's OpenAPI specification of its API v2 (getAlerts,
getSilences, postSilences, deleteSilence).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from starlette.datastructures import QueryParams

from tocsin.console.alerts import history
from tocsin.console.alerts.history import Episode, History
from tocsin.console.alerts.runbook import runbook
from tocsin.console.asking import Part, sentences
from tocsin.console.markdown import Block, address
from tocsin.console.metrics import Away
from tocsin.console.sources import Sources

State = Literal["firing", "pending", "silenced", "inhibited"]

ORDER: tuple[State, ...] = ("firing", "pending", "silenced", "inhibited")
"""The states, that of the most worth first."""

_SEVERITIES = ("critical", "warning")
_COMMON = {"alertname", "service", "severity", "team"}

_ALWAYS = "none"
"""The severity of what always rings, and goes to the heartbeat."""

_REASON = "Silenced in the console."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """An alert that waits, rings or is kept from telling anybody.

    *value* is that of *expression* when it was last evaluated; *receivers* are told of it, or would be were it not for
    *silences*. An alert that rings and of which Alertmanager does not know (yet) has no receivers.
    """

    name: str
    service: str
    severity: str
    state: State
    since: datetime
    value: float | None
    expression: str
    lasting: float
    summary: str
    because: str
    runbook: str
    labels: Mapping[str, str]
    receivers: tuple[str, ...] = ()
    silences: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells this alert from all others in the address of the page."""
        own = (value for name, value in sorted(self.labels.items()) if name not in _COMMON)
        return "/".join((self.service, self.name, *own))


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A silence that holds, or will: of the alerts with these labels, as *matchers* has them."""

    id: str
    matchers: str
    begins: datetime
    ends: datetime
    by: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What the page shows; *broken* are rules that cannot be evaluated, each with why.

    *quiet* counts the rules of which nothing is to be told, None where Prometheus is away; *away* says what is.
    *watched* tells whether the alert rings that always must, and whose silence says that no other would be heard.
    *chosen* is the key of the alert beside which its page is shown, *runbook*. *history* is what was.
    """

    ringing: tuple[Ringing, ...]
    silences: tuple[Silence, ...]
    quiet: int | None
    watched: bool
    broken: tuple[tuple[str, str], ...]
    away: tuple[str, ...]
    history: History
    chosen: str = ""
    runbook: tuple[Block, ...] | Away = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What Alertmanager knows of an alert."""

    receivers: tuple[str, ...]
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]


async def look(sources: Sources, query: QueryParams) -> Alerts:
    """Look at both, either of which may be away, and at the page of the alert that the address names, or the first."""
    prometheus = Part("Prometheus", sources.prometheus, sources.http)
    alertmanager = _alertmanager(sources)
    rules, known, silences, past = await asyncio.gather(
        prometheus.ask("/api/v1/rules", [("type", "alert")]),
        alertmanager.ask("/api/v2/alerts"),
        alertmanager.ask("/api/v2/silences"),
        history.look(sources, query),
    )
    told = prometheus.understood(rules, _rules)
    of_alerts = alertmanager.understood(known, _known)
    of_silences = alertmanager.understood(silences, lambda all_: tuple(_silences(all_)))
    states = {} if isinstance(of_alerts, Away) else of_alerts
    found = () if isinstance(told, Away) else told
    active = [_ringing(rule, alert, states) for rule in found for alert in rule["alerts"]]
    ringing = sorted((alert for alert in active if alert.severity != _ALWAYS), key=_worth)
    chosen = next((alert for alert in ringing if alert.key == query.get("alert")), ringing[0] if ringing else None)
    return Alerts(
        ringing=tuple(ringing),
        silences=() if isinstance(of_silences, Away) else of_silences,
        quiet=None if isinstance(told, Away) else sum(not rule["alerts"] for rule in found),
        watched=len(active) > len(ringing),
        broken=tuple((rule["name"], rule["lastError"]) for rule in found if rule.get("health") == "err"),
        away=sentences(told, of_alerts, of_silences),
        history=replace(past, episodes=tuple(_paged(each, found) for each in past.episodes)),
        chosen=chosen.key if chosen else "",
        runbook=await runbook(sources, chosen.runbook) if chosen else (),
    )


def _paged(episode: Episode, rules: Iterable[Mapping[str, Any]]) -> Episode:
    """Return the episode with the page of its rule, if that is still there."""
    rule = next((rule for rule in rules if rule["name"] == episode.name and _of(rule, episode.labels)), {})
    return replace(episode, runbook=address(rule.get("annotations", {}).get("runbook_url")))


def _of(rule: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether an alert with these labels may be of this rule; a template may have made of a label what it is."""
    return all(labels.get(name) == value or "{{" in value for name, value in rule.get("labels", {}).items())


async def silence(
    sources: Sources, labels: Mapping[str, str], lasting: timedelta, by: str = "", comment: str = ""
) -> str | Away:
    """Silence the alerts with these labels from now on; return the silence's id."""
    now = datetime.now(UTC)
    asked = {
        "matchers": [
            {"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in labels.items()
        ],
        "startsAt": now.isoformat(),
        "endsAt": (now + lasting).isoformat(),
        "createdBy": by.strip() or "console",
        "comment": comment.strip() or _REASON,
    }
    alertmanager = _alertmanager(sources)
    made = await alertmanager.order("POST", "/api/v2/silences", asked)
    return alertmanager.understood(made, lambda told: str(told["silenceID"]))


async def lift(sources: Sources, id_: str) -> Away | None:
    """End a silence now."""
    done = await _alertmanager(sources).order("DELETE", f"/api/v2/silence/{id_}")
    return done if isinstance(done, Away) else None


def _alertmanager(sources: Sources) -> Part:
    return Part("Alertmanager", sources.alertmanager, sources.http)


def _rules(told: Any) -> tuple[Mapping[str, Any], ...]:
    rules = tuple(rule for group in told["data"]["groups"] for rule in group["rules"])
    for rule in rules:
        for alert in rule["alerts"]:
            _at(alert["activeAt"])
            alert["labels"]["alertname"], alert["annotations"], rule["query"], float(rule["duration"])
    return rules


def _known(told: Any) -> dict[frozenset[tuple[str, str]], _Known]:
    return {
        frozenset(each["labels"].items()): _Known(
            tuple(receiver["name"] for receiver in each["receivers"]),
            tuple(each["status"]["silencedBy"]),
            tuple(each["status"]["inhibitedBy"]),
        )
        for each in told
    }


def _silences(told: Any) -> Iterator[Silence]:
    for each in sorted(told, key=lambda one: str(one["endsAt"])):
        if each["status"]["state"] != "expired":
            yield Silence(
                id=each["id"],
                matchers=", ".join(map(_matcher, each["matchers"])),
                begins=_at(each["startsAt"]),
                ends=_at(each["endsAt"]),
                by=each["createdBy"],
                comment=each["comment"],
            )


def _matcher(told: Mapping[str, Any]) -> str:
    sign = ("=~" if told["isRegex"] else "=") if told.get("isEqual", True) else ("!~" if told["isRegex"] else "!=")
    return f'{told["name"]}{sign}"{told["value"]}"'


def _ringing(
    rule: Mapping[str, Any], alert: Mapping[str, Any], states: Mapping[frozenset[tuple[str, str]], _Known]
) -> Ringing:
    labels, notes = alert["labels"], alert["annotations"]
    known = states.get(frozenset(labels.items()), _Known((), (), ()))
    return Ringing(
        name=labels["alertname"],
        service=labels.get("service", ""),
        severity=labels.get("severity", ""),
        state=_state(alert["state"], known),
        since=_at(alert["activeAt"]),
        value=_number(alert.get("value")),
        expression=rule["query"],
        lasting=float(rule["duration"]),
        summary=notes.get("summary", ""),
        because=notes.get("because", ""),
        runbook=notes.get("runbook_url", ""),
        labels=labels,
        receivers=known.receivers,
        silences=known.silenced_by,
    )


def _state(said: str, known: _Known) -> State:
    if said != "firing":
        return "pending"
    return "silenced" if known.silenced_by else "inhibited" if known.inhibited_by else "firing"


def _worth(alert: Ringing) -> tuple[int, int, datetime, str]:
    """Sort by what is to be looked at first."""
    grave = _SEVERITIES.index(alert.severity) if alert.severity in _SEVERITIES else len(_SEVERITIES)
    return ORDER.index(alert.state), grave, alert.since, alert.name


def _number(said: object) -> float | None:
    """Return a value; JSON has none for NaN and infinities."""
    try:
        value = float(str(said))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _at(said: str) -> datetime:
    return datetime.fromisoformat(said)
