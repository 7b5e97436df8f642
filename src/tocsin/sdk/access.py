"""The line of an answered request: the most frequent of all, and so with a way of its own.

What requests of one kind have in common, and what one agent says of itself, is spelled once; a line is put together of
that, the time, the path and the latency. Whatever needs more thought takes the long way.
Source: Cloud Logging's documentation, "LogEntry" (HttpRequest).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.sdk import context
from tocsin.sdk.context import RequestContext
from tocsin.sdk.cut import LONGEST
from tocsin.sdk.protocol import Scope
from tocsin.sdk.records import Record, spelled
from tocsin.sdk.redact import Redactor
from tocsin.sdk.requests import FAILED
from tocsin.sdk.short import Written, clock

_REMEMBERED = 1024
_LONG = LONGEST // 16
"""Letters of a path from which on the line may have to be cut."""

Kind = tuple[str, str, int, str]
"""Method, route, status and version of HTTP."""
Say = Callable[[Record], None]
Requested = Callable[[Scope, str, int, float], None]
"""Writes the line of a request: its scope, route, status, and duration in seconds."""


def long_way(say: Say) -> Requested:
    """Return what says a request as any record is said."""

    def request(scope: Scope, route: str, status: int, seconds: float) -> None:
        method, asked = scope["method"], context.of(scope)
        told = {
            "requestMethod": method,
            "requestUrl": scope["path"],
            "status": status,
            "latency": f"{seconds:.6f}s",
            "userAgent": asked.user_agent,
            "protocol": f"HTTP/{scope.get('http_version', '1.1')}",
        }
        say(Record(_severity(status), f"{method} {route} {status}", {"route": route}, asked=asked, request=told))

    return request


def short_way(
    starts: Mapping[str, bytes],
    asked_for: Callable[[RequestContext], bytes],
    redactor: Redactor,
    *,
    write: Callable[[bytes], None],
    written: Written,
    say: Say,
) -> Requested:
    """Return what puts the line of a request together; *starts* are the beginnings of lines, by severity."""
    otherwise, now, join = long_way(say), clock(), b"".join
    kinds: dict[Kind, tuple[bytes, bytes, bytes, str]] = {}
    texts: dict[str, bytes] = {}

    def request(scope: Scope, route: str, status: int, seconds: float) -> None:
        asked = context.of(scope)
        kind = scope["method"], route, status, scope.get("http_version", "1.1")
        path, agent = scope["path"], asked.user_agent
        try:
            start, about, end, severity = kinds[kind]
        except KeyError:
            start, about, end, severity = _remember(kinds, kind, _kind(starts, redactor, kind))
        try:
            by = texts[agent]
        except KeyError:
            by = _remember(texts, agent, spelled(redactor.text(agent)))
        if len(path) + len(agent) > _LONG:
            otherwise(scope, route, status, seconds)
            return
        url = spelled(redactor.text(path))
        said = asked.spelled or asked_for(asked)
        write(join((start, said, now(), about, url, b',"latency":"%.6fs","userAgent":' % seconds, by, end)))
        written[severity]()

    return request


def _kind(starts: Mapping[str, bytes], redactor: Redactor, kind: Kind) -> tuple[bytes, bytes, bytes, str]:
    """Return how lines of one kind begin, what they say before the path, how they end, and their severity."""
    method, route, status, version = kind
    message, shown = redactor.text(f"{method} {route} {status}"), redactor.text(route)
    said: dict[str, Any] = {"requestMethod": redactor.text(method), "status": status, "protocol": f"HTTP/{version}"}
    about = b',"message":%b,"httpRequest":%b,"requestUrl":' % (spelled(message), spelled(said)[:-1])
    end = b'},"fields":%b}\n' % spelled({"route": shown})
    severity = _severity(status)
    return starts[severity], about, end, severity


def _severity(status: int) -> str:
    return "ERROR" if status >= FAILED else "INFO"


def _remember(known: dict[Any, Any], key: object, value: Any) -> Any:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = value
    return value
