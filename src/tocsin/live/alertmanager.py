"""Asks a running Alertmanager where an alert goes, and how the notifications of an integration fare.

Sources: Alertmanager's OpenAPI specification of its API v2 (getAlerts); its own metrics, which it keeps for each
integration, such as pagerduty, and not for each receiver.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tocsin.model import TocsinError

PATIENCE = 10.0
"""Seconds in which Alertmanager has to answer."""

_ASKED = "alertmanager_notification_requests_total"
_REFUSED = "alertmanager_notification_requests_failed_total"
_GIVEN_UP = "alertmanager_notifications_failed_total"
_COUNT = re.compile(r'^(\w+)\{(?:[^}]*,)?integration="([^"]*)"[^}]*\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """An alert that Alertmanager has: the receivers to whom it goes, and what mutes it (silences, other alerts)."""

    receivers: tuple[str, ...]
    muted_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notifications:
    """What became of an integration's notifications.

    *delivered* and *refused* are requests, of which a notification may need several; *given_up* are notifications.
    """

    delivered: int = 0
    refused: int = 0
    given_up: int = 0

    def since(self, before: Notifications) -> Notifications:
        """Return what was added to *before*."""
        return Notifications(
            self.delivered - before.delivered, self.refused - before.refused, self.given_up - before.given_up
        )


def alerts(url: str, labels: Mapping[str, str]) -> tuple[SeenAlert, ...]:
    """Return the active alerts with these labels in the Alertmanager at *url*.

    Raises:
        TocsinError: it does not answer, or answers nothing that can be read.

    """
    matchers = tuple(("filter", f'{name}="{value}"') for name, value in labels.items())
    answer = _get(url, "/api/v2/alerts", matchers)
    try:
        return tuple(map(_alert, answer.json()))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TocsinError(f"{named(url)} is no Alertmanager: give the address of one to --alertmanager.") from None


def notifications(url: str, integration: str) -> Notifications:
    """Return what became of the notifications of *integration* since the Alertmanager at *url* started.

    Raises:
        TocsinError: it does not answer, or does not count them.

    """
    counts: dict[str, int] = {}
    for name, counted, value in _COUNT.findall(_get(url, "/metrics").text):
        if counted == integration:
            counts[name] = counts.get(name, 0) + int(float(value))
    if _ASKED not in counts:
        raise TocsinError(
            f"{named(url)} does not count notifications of {integration}: "
            "give the address of an Alertmanager, 0.22 or later, to --alertmanager."
        )
    refused = counts.get(_REFUSED, 0)
    return Notifications(counts[_ASKED] - refused, refused, counts.get(_GIVEN_UP, 0))


def named(url: str) -> str:
    """Return *url* as it may be shown: without its password."""
    return re.sub(r"//[^/@]*@", "//", url)


def _alert(told: Mapping[str, Any]) -> SeenAlert:
    status = told["status"]
    return SeenAlert(
        tuple(receiver["name"] for receiver in told["receivers"]), (*status["silencedBy"], *status["inhibitedBy"])
    )


def _get(url: str, path: str, parameters: tuple[tuple[str, str], ...] = ()) -> httpx.Response:
    try:
        answer = httpx.get(url.rstrip("/") + path, params=httpx.QueryParams(parameters), timeout=PATIENCE)
        return answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as cause:
        reason = f"it answers {cause.response.status_code}" if isinstance(cause, httpx.HTTPStatusError) else str(cause)
        reason = " ".join(reason.split()) or type(cause).__name__
        raise TocsinError(
            f"No Alertmanager answers at {named(url)}: {reason}; give its address to --alertmanager."
        ) from None
