"""Asks a running Bugsink which errors it was told of.

Source: Bugsink's own description of its API, "Bugsink API Documentation" (/api/canonical/0/schema/: projects, issues,
events; lists have `results` and the address of the `next` page).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from tocsin.model import TocsinError

PATIENCE = 10.0
"""Seconds in which Bugsink has to answer."""

MOST = 1000
"""Entries that are read of a list at most."""


@dataclass(frozen=True, slots=True)
class Project:
    """What one service tells of; *events* counts all that it ever told."""

    number: int
    name: str
    events: int


@dataclass(frozen=True, slots=True)
class Issue:
    """Errors of one kind, from one place; *events* counts them."""

    id: str
    project: int
    kind: str
    message: str
    transaction: str
    first_seen: datetime
    last_seen: datetime
    events: int
    resolved: bool
    muted: bool


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One error that was told of: its *id* in Bugsink, and when it was, in UTC."""

    id: str
    issue: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """All that was told of one error, in the form of Sentry's events."""

    id: str
    issue: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bugsink:
    """The Bugsink at *url*, read with a *token*; each question raises TocsinError if it does not answer it."""

    url: str
    token: str

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by name."""
        with self._understood():
            return tuple(map(_project, self._list("projects/")))

    def issues(self, project: int) -> tuple[Issue, ...]:
        """Return the issues of a project, the latest first."""
        with self._understood():
            return tuple(map(_issue, self._list("issues/", project=str(project), sort="last_seen", order="desc")))

    def events(self, issue: str) -> tuple[SeenEvent, ...]:
        """Return the events of an issue, the latest first."""
        with self._understood():
            return tuple(map(_seen, self._list("events/", issue=issue)))

    def event(self, id_: str) -> ToldEvent:
        """Return all that is known of an event."""
        with self._understood():
            return _told(self._get(f"events/{id_}/", {}))

    def _list(self, path: str, **query: str) -> Iterator[Any]:
        """Yield the entries of a list, page by page."""
        left = MOST
        while left > 0:
            page = self._get(path, query)
            yield from page["results"][:left]
            left -= len(page["results"])
            if not page["next"] or not page["results"]:
                return
            query = dict(httpx.URL(page["next"]).params)

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError):
            raise TocsinError(f"What answers at {self.url} is no Bugsink of version 2: check its address.") from None

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        place = f"{self.url.rstrip('/')}/api/canonical/0/{path}"
        try:
            answer = httpx.get(
                place,
                params=query,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=PATIENCE,
                trust_env=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            reason = " ".join(str(cause).split()) or type(cause).__name__
            raise TocsinError(f"No Bugsink answers at {self.url}: {reason}; start it with `tocsin up`.") from None
        match answer.status_code:
            case 200:
                return answer.json()
            case 401 | 403:
                raise TocsinError(f"Bugsink at {self.url} does not know the token: read it anew from its folder.")
            case 404:
                raise TocsinError(f"Bugsink at {self.url} has no {path.strip('/')} (any more).")
            case status:
                raise TocsinError(f"Bugsink at {self.url} answers {status} to {path}: see its log.")


def _project(told: Mapping[str, Any]) -> Project:
    return Project(told["id"], told["name"], told["digested_event_count"])


def _issue(told: Mapping[str, Any]) -> Issue:
    return Issue(
        id=told["id"],
        project=told["project"],
        kind=told["calculated_type"],
        message=told["calculated_value"],
        transaction=told["transaction"],
        first_seen=datetime.fromisoformat(told["first_seen"]),
        last_seen=datetime.fromisoformat(told["last_seen"]),
        events=told["digested_event_count"],
        resolved=told["is_resolved"],
        muted=told["is_muted"],
    )


def _seen(told: Mapping[str, Any]) -> SeenEvent:
    return SeenEvent(told["id"], told["issue"], datetime.fromisoformat(told["timestamp"]))


def _told(told: Mapping[str, Any]) -> ToldEvent:
    return ToldEvent(told["id"], told["issue"], datetime.fromisoformat(told["timestamp"]), told["data"])
