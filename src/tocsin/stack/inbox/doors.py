"""The doors at which senders knock: PagerDuty's, Slack's, and the heartbeats'."""

from __future__ import annotations

import math
import time
import uuid

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tocsin.stack.inbox import pagerduty, slack
from tocsin.stack.inbox.body import MAX_BODY, BodyError, json_object
from tocsin.stack.inbox.heartbeats import Heartbeats
from tocsin.stack.inbox.keys import InvalidTokenError, Keys, UnknownServiceError
from tocsin.stack.inbox.ledger import Ledger
from tocsin.stack.inbox.throttle import Throttle

PAGERDUTY_PER_MINUTE = 120
"""Events a minute of a routing key, as PagerDuty's staff say in its forum; its documents leave the number open."""

SLACK_PER_MINUTE = 60
"""Messages a minute of a webhook: Slack's documentation, "Rate limits", allows one a second and short bursts."""


class Doors:
    """Answers senders as the real services do, and writes what it accepts into the *ledger*."""

    def __init__(
        self, ledger: Ledger, heartbeats: Heartbeats, keys: Keys, *, pagerduty_limit: int, slack_limit: int
    ) -> None:
        self._ledger = ledger
        self._heartbeats = heartbeats
        self._keys = keys
        self._pagerduty_throttle = Throttle(pagerduty_limit)
        self._slack_throttle = Throttle(slack_limit)

    @property
    def routes(self) -> list[Route]:
        """Where the doors are."""
        return [
            Route("/v2/enqueue", self.enqueue, methods=["POST"], max_body_size=MAX_BODY),
            Route("/services/{path:path}", self.post_message, methods=["POST"], max_body_size=MAX_BODY),
            Route("/heartbeat/{name}", self.beat, methods=["POST"], max_body_size=MAX_BODY),
        ]

    async def enqueue(self, request: Request) -> Response:
        """Answer as PagerDuty's `POST /v2/enqueue`."""
        try:
            event = json_object(await request.body())
        except BodyError as cause:
            return _answer(400, "Unrecognized object", "Event object format is unrecognized", errors=[str(cause)])
        problems = pagerduty.problems(event)
        team = None if problems else self._keys.of_routing_key(event["routing_key"])
        if team is None:
            unknown = ["'routing_key' belongs to no integration"]
            return _answer(400, "invalid event", "Event object is invalid", errors=problems or unknown)
        if wait := self._pagerduty_throttle.take(team, time.monotonic()):
            response = _answer(429, "throttle exceeded", "Too many API calls at a time; retry later.")
            response.headers["Retry-After"] = str(math.ceil(wait))
            return response
        dedup_key = event.get("dedup_key") or uuid.uuid4().hex
        body = {name: value for name, value in event.items() if name != "routing_key"} | {"dedup_key": dedup_key}
        self._ledger.add("pagerduty", team, body, time.time())
        return _answer(202, "success", "Event processed", dedup_key=dedup_key)

    async def post_message(self, request: Request) -> Response:
        """Answer as Slack's incoming webhook."""
        try:
            team = self._keys.of_webhook(request.url.path)
        except UnknownServiceError:
            return PlainTextResponse("no_service", 404)
        except InvalidTokenError:
            return PlainTextResponse("invalid_token", 403)
        if wait := self._slack_throttle.take(team, time.monotonic()):
            return PlainTextResponse("rate_limited", 429, headers={"Retry-After": str(math.ceil(wait))})
        try:
            message = slack.read(await request.body(), request.headers.get("content-type", ""))
        except BodyError:
            return PlainTextResponse("invalid_payload", 400)
        if refusal := slack.refusal(message):
            return PlainTextResponse(refusal, 400)
        self._ledger.add("slack", team, message, time.time())
        return PlainTextResponse("ok")

    async def beat(self, request: Request) -> Response:
        """Take a heartbeat: Alertmanager's webhook notification of an alert that always fires."""
        name = request.path_params["name"]
        try:
            notification = json_object(await request.body())
        except BodyError as cause:
            return PlainTextResponse(f"A heartbeat is a JSON object: {cause}.", 400)
        if refusal := self._heartbeats.refusal(name, notification):
            return PlainTextResponse(refusal, 400)
        self._heartbeats.beat(name, notification, time.time())
        return PlainTextResponse("ok")


def _answer(code: int, status: str, message: str, **more: object) -> Response:
    content = orjson.dumps({"status": status, "message": message, **more})
    return Response(content, code, media_type="application/json")
