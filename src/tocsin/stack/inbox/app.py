"""The inbox as an ASGI application: the doors for senders, and what readers see."""

from __future__ import annotations

import re
import time
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.stack.inbox.doors import Doors
from tocsin.stack.inbox.heartbeats import Heartbeats
from tocsin.stack.inbox.ledger import Ledger
from tocsin.stack.inbox.page import MAX_SHOWN, page
from tocsin.stack.inbox.runbooks import Runbooks

OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")

MAX_WAIT = 60.0
"""Seconds that a reader may wait for the next event."""

MAX_EVENTS = 1_000
"""Events in one answer; ask again after the last of them."""

POLICY = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Puts the security headers on every answer, and refuses what a web page, not a program, sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's own signature
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        app = self._app
        if scope["type"] == "http" and scope["method"] == "POST" and any(k == b"origin" for k, _ in scope["headers"]):
            app = PlainTextResponse("The inbox takes messages from programs, not from web pages.", 403)
        await app(scope, receive, guarded)


class Views:
    """What readers see: the page, and everything on it as JSON."""

    def __init__(self, ledger: Ledger, heartbeats: Heartbeats) -> None:
        self._ledger = ledger
        self._heartbeats = heartbeats

    @property
    def routes(self) -> list[Route]:
        """Where the views are."""
        return [
            Route("/", self.show),
            Route("/incidents.json", self.incidents),
            Route("/messages.json", self.messages),
            Route("/heartbeats.json", self.heartbeats),
            Route("/events.json", self.events),
            Route("/healthz", self.health),
        ]

    async def show(self, _: Request) -> Response:
        """Answer with the page."""
        incidents, messages = self._ledger.incidents, self._ledger.messages
        return page(
            "inbox.html",
            incidents=incidents[:MAX_SHOWN],
            total=len(incidents),
            open=sum(incident.open for incident in incidents),
            messages=messages[:MAX_SHOWN],
            messages_total=len(messages),
            heartbeats=list(self._heartbeats),
            now=time.time(),
            last=self._ledger.last,
        )

    async def incidents(self, _: Request) -> Response:
        """Answer with all incidents: open ones, then resolved ones, each newest first."""
        return _json(incidents=self._ledger.incidents)

    async def messages(self, _: Request) -> Response:
        """Answer with all messages, newest first."""
        return _json(messages=self._ledger.messages)

    async def heartbeats(self, _: Request) -> Response:
        """Answer with the last beat of every heartbeat."""
        return _json(heartbeats=list(self._heartbeats))

    async def events(self, request: Request) -> Response:
        """Answer with the events after number `after`, oldest first; `wait` seconds for the first if there is none."""
        after = _number(request, "after", 0)
        wait = _number(request, "wait", 0)
        limit = max(0, min(MAX_EVENTS, int(_number(request, "limit", MAX_EVENTS))))
        await self._ledger.wait(int(after), min(MAX_WAIT, wait))
        return _json(events=self._ledger.events(int(after))[:limit], last=self._ledger.last)

    async def health(self, _: Request) -> Response:
        """Answer that the inbox is alive."""
        return _json(status="ok")


def build_app(ledger: Ledger, heartbeats: Heartbeats, doors: Doors, runbooks: Runbooks, name: str = "") -> Starlette:
    """Put the inbox together; it answers to *name* too, and else to those of its own machine alone."""
    views = Views(ledger, heartbeats)
    static = Mount("/static", StaticFiles(packages=[("tocsin.stack.inbox", "static")]))
    return Starlette(
        routes=[*doors.routes, *views.routes, *runbooks.routes, static],
        middleware=[
            Middleware(Guard),
            Middleware(TrustedHostMiddleware, allowed_hosts=[*OWN_NAMES, *filter(None, (name,))], www_redirect=False),
        ],
        exception_handlers={HTTPException: _refuse, ClientDisconnect: _hung_up, OSError: _disk_failed},
    )


def _number(request: Request, name: str, default: float) -> float:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text):
        raise HTTPException(400, f"The parameter {name} is a number, like {name}=10.")
    return float(text)


def _json(**content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


async def _refuse(request: Request, cause: Exception) -> Response:
    if not isinstance(cause, HTTPException):
        raise cause
    sentences = {
        404: f"There is nothing at {request.url.path}: the inbox's page is at /.",
        405: f"{request.url.path} does not take {request.method}.",
    }
    return PlainTextResponse(sentences.get(cause.status_code, cause.detail), cause.status_code, headers=cause.headers)


async def _hung_up(_: Request, __: Exception) -> Response:
    return PlainTextResponse("The sender went away.", 400)


async def _disk_failed(_: Request, cause: Exception) -> Response:
    return PlainTextResponse(f"The inbox could not keep this: {cause}.", 500)
