"""Asks a running Prometheus what it scrapes, which series it has, and whether anything comes of a question.

Source: Prometheus's documentation, "HTTP API" (targets, expression queries).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpx

from tocsin.model import Live, SeenTarget, TocsinError

MOST = 2000
"""Questions that are asked at most."""

PATIENCE = 10.0
"""Seconds in which Prometheus has to answer one question."""

LONGEST = 60.0
"""Seconds after which no further question is asked."""

LOCAL = "http://127.0.0.1:9090"
"""Where Prometheus listens, unless it is told otherwise."""


def ask(url: str, questions: Iterable[str], jobs: Sequence[str] = (), most: int = MOST) -> Live:
    """Return what the Prometheus at *url* says of *jobs*, or of all that it scrapes, and to at most so many questions.

    Raises:
        TocsinError: it does not answer, or answers nothing that can be read.

    """
    with httpx.Client(base_url=url.rstrip("/"), timeout=PATIENCE) as api:
        targets = tuple(map(_target, _data(api, "/api/v1/targets", {"state": "active"})["activeTargets"]))
        series = _series(api, jobs)
        answers: dict[str, int] = {}
        enough = time.monotonic() + LONGEST
        for question, _ in zip(dict.fromkeys(questions), range(most), strict=False):
            if time.monotonic() > enough:
                break
            found = _count(api, question)
            if found is not None:
                answers[question] = found
    return Live(targets=targets, series=series, answers=answers)


def _target(told: Mapping[str, Any]) -> SeenTarget:
    labels = told["labels"]
    why = "" if told["health"] != "down" else told.get("lastError") or "the target is down"
    return SeenTarget(labels.get("job", ""), labels.get("instance", ""), why)


def _series(api: httpx.Client, jobs: Sequence[str]) -> dict[tuple[str, str], int] | None:
    """Return how many series there are by job and name, None if that is too much for Prometheus."""
    named = "|".join(map(re.escape, jobs)).replace("\\", "\\\\")
    query = f'count by (job, __name__) ({{job=~"{named or ".+"}"}})'
    found = _vector(api, query)
    if found is None:
        return None
    return {(each["metric"]["job"], each["metric"]["__name__"]): int(float(each["value"][1])) for each in found}


def _count(api: httpx.Client, expr: str) -> int | None:
    """Return how many series come of an expression, None if Prometheus refuses it."""
    found = _vector(api, f"count({expr}\n)")
    return None if found is None else int(float(found[0]["value"][1])) if found else 0


def _vector(api: httpx.Client, query: str) -> list[Any] | None:
    try:
        found = _data(api, "/api/v1/query", {"query": query, "timeout": f"{PATIENCE:g}s"})
    except _Refused:
        return None
    result = found["result"]
    return result if isinstance(result, list) else None


class _Refused(Exception):  # noqa: N818 - what a question was, never seen by a user
    """Prometheus is there, but does not answer this."""


def _data(api: httpx.Client, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = api.post(path, data=parameters) if path.endswith("query") else api.get(path, params=parameters)
        told = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as cause:
        reason = " ".join(str(cause).split()) or type(cause).__name__
        raise TocsinError(f"No Prometheus answers at {api.base_url}: {reason}; give its address to --live.") from None
    if not isinstance(told, dict) or "status" not in told:
        raise TocsinError(f"{api.base_url} is no Prometheus: give the address of one to --live.")
    if told["status"] != "success":
        raise _Refused(str(told.get("error", "")))
    data: dict[str, Any] = told["data"]
    return data
