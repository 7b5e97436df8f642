"""The page of errors: what the services told their error tracker, Bugsink.

Source: Sentry's documentation, "Event payloads" (exception, stack trace, contexts, tags), which Bugsink keeps as it is.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams

from tocsin.console import times
from tocsin.console.sources import Sources
from tocsin.live.bugsink import Bugsink, Issue, Project
from tocsin.model import TocsinError

MOST = 100
"""Issues that are shown."""

_TRACE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A call on the way to an error; *own* if it is the service's code."""

    place: str
    function: str
    line: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The last error of an issue; *trace* is under what its log records are found."""

    at: datetime
    tags: tuple[tuple[str, str], ...]
    frames: tuple[Frame, ...]
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What the page shows: *issues*, each with its service, the latest first, and the last event of the chosen one.

    *services* are all, with the errors that each ever told of, and *wanted* those whose issues are shown, all if none.
    *start* and *end* are the span of time as the address has it, and *ends* the moments that they mean, unless they
    move with the clock.
    """

    wanted: tuple[str, ...]
    start: str
    end: str
    ends: tuple[float, float] | None
    services: tuple[tuple[str, int], ...]
    issues: tuple[tuple[str, Issue], ...]
    chosen: str
    event: Event | None
    absent: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; *ends* are the moments of now."""

    issue: str
    services: tuple[str, ...]
    start: str
    end: str
    ends: tuple[float, float] | None

    def fits(self, service: str, issue: Issue) -> bool:
        """Return whether errors of an issue may be among what is asked for."""
        if self.services and service not in self.services:
            return False
        return self.ends is None or (
            issue.last_seen.timestamp() >= self.ends[0] and issue.first_seen.timestamp() <= self.ends[1]
        )

    def within(self, at: datetime) -> bool:
        return self.ends is None or self.ends[0] <= at.timestamp() <= self.ends[1]


async def look(sources: Sources, query: QueryParams) -> Errors:
    """Look at the issues of `service` that were seen between `from` and `to`, and at `issue`, or the latest."""
    asked = _asked(query)
    if not sources.tracker:
        why = "There is no error tracker in this run: `tocsin up` runs Bugsink once `make setup` installed it."
        return _none(asked, why)
    if asked.start and asked.ends is None:
        return _none(asked, times.refused(asked.start, asked.end))
    try:
        return await asyncio.to_thread(_errors, sources, asked)
    except OSError as error:
        why = f"The tracker's token cannot be read ({error.strerror}): {sources.tracker_token} has it once it runs."
        return _none(asked, why)
    except TocsinError as error:
        return _none(asked, str(error))


def _asked(query: QueryParams) -> _Asked:
    start, end = times.span_of(query)
    ends = times.between(start, end, time.time()) if start else None
    return _Asked(query.get("issue", ""), tuple(query.getlist("service")), start, end, ends)


def _none(asked: _Asked, why: str) -> Errors:
    still = asked.start.isdecimal() and asked.end.isdecimal()
    return Errors(
        wanted=asked.services,
        start=asked.start,
        end=asked.end,
        # What moves with the clock would differ in each look.
        ends=asked.ends if still else None,
        services=(),
        issues=(),
        chosen="",
        event=None,
        absent=why,
    )


def _errors(sources: Sources, asked: _Asked) -> Errors:
    bugsink = Bugsink(sources.tracker, sources.tracker_token.read_text().strip())
    projects = bugsink.projects()
    every = ((project.name, issue) for project in projects for issue in bugsink.issues(project.number))
    found = [each for each in every if asked.fits(*each)]
    found.sort(key=lambda each: each[1].last_seen, reverse=True)
    ids = [issue.id for _, issue in found[:MOST]]
    chosen = asked.issue if asked.issue in ids else next(iter(ids), "")
    return replace(
        _none(asked, ""),
        services=tuple(map(_counted, projects)),
        issues=tuple(found[:MOST]),
        chosen=chosen,
        event=_last(bugsink, chosen, asked) if chosen else None,
    )


def _counted(project: Project) -> tuple[str, int]:
    return project.name, project.events


def _last(bugsink: Bugsink, issue: str, asked: _Asked) -> Event | None:
    seen = [event for event in bugsink.events(issue) if asked.within(event.at)]
    if not seen:
        return None
    told = bugsink.event(seen[0].id)
    trace = _of(_of(told.data.get("contexts")).get("trace")).get("trace_id")
    return Event(
        at=told.at,
        tags=tuple(sorted(_tags(told.data))),
        frames=tuple(_frames(told.data)),
        trace=trace if isinstance(trace, str) and _TRACE.fullmatch(trace) else "",
    )


def _tags(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and values; tags are an object, or a list of pairs."""
    tags = data.get("tags")
    pairs = tags.items() if isinstance(tags, dict) else tags if isinstance(tags, list) else ()
    for pair in (*pairs, *((name, data.get(name)) for name in ("release", "environment", "transaction"))):
        if isinstance(pair, list | tuple) and len(pair) == 2 and pair[1]:  # noqa: PLR2004 - a name and a value
            yield str(pair[0]), str(pair[1])


def _frames(data: Mapping[str, Any]) -> Iterator[Frame]:
    """Yield the calls that led to the error, the last first."""
    values = _of(data.get("exception")).get("values")
    last = values[-1] if isinstance(values, list) and values else {}
    frames = _of(_of(last).get("stacktrace")).get("frames")
    for frame in reversed(frames if isinstance(frames, list) else []):
        known = _of(frame)
        yield Frame(
            place=f"{known.get('filename') or known.get('module') or '?'}:{known.get('lineno') or '?'}",
            function=str(known.get("function") or "?"),
            line=str(known.get("context_line") or "").strip(),
            own=bool(known.get("in_app")),
        )


def _of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
