"""The pages: templates that escape everything, styles and script of our own, nothing from elsewhere."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from tocsin.stack.inbox.incident_view import drawing
from tocsin.stack.inbox.slack_view import panels

MAX_SHOWN = 100
"""Incidents, and messages, on the page; the JSON has them all."""


def page(name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer with the template *name*."""
    return HTMLResponse(_ENVIRONMENT.get_template(name).render(context), status)


def clock(at: float, since: float | None = None) -> str:
    """Spell a time on this machine's clock, to the second; without the day when it is that of *since*."""
    here = time.localtime(at)
    if since is not None and time.localtime(since)[:3] == here[:3]:
        return time.strftime("%H:%M:%S", here)
    return time.strftime("%d %b %H:%M:%S", here).lstrip("0")


def iso(at: float) -> str:
    """Spell a time for a machine."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def lasting(seconds: float) -> str:
    """Spell a length of time in at most two units: 4 s, 2 min 5 s, 3 h 10 min, 2 d 4 h."""
    whole = max(0, round(seconds))
    for unit, size, below, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{whole} s" if seconds >= 1 or not seconds else "under 1 s"


_ENVIRONMENT = Environment(
    loader=PackageLoader("tocsin.stack.inbox"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_ENVIRONMENT.filters.update(clock=clock, iso=iso, lasting=lasting, drawing=drawing, panels=panels)
