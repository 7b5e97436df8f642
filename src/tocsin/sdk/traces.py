"""Traces: how callers spell them.

Sources: W3C Trace Context, "traceparent Header", "tracestate Header" and "Mutating the tracestate Field", and its Level
2 for the flag of a random trace id; Google Cloud's documentation, "Cloud Trace: Trace context" (X-Cloud-Trace-Context:
TRACE_ID/SPAN_ID;o=OPTIONS, the span in decimal). OpenTelemetry is looked at where a program has it, and never imported.
"""

from __future__ import annotations

import os
import random
import re
import sys
from typing import Any

_TRACEPARENT = re.compile(
    "(?:(00)|(?!00|ff)[0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]([0-9a-f])(?(1)|(?:-[^,]*)?)"
)
_CLOUD = re.compile("(?!0{32})([0-9a-fA-F]{32})(?:/([0-9]{0,20}))?(?:;o=([0-9]?))?")
_KEY = r"[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}"
_MEMBER = re.compile(rf"(?:{_KEY})=[ -+\--<>-~]{{0,255}}[!-+\--<>-~]")
SAMPLED, RANDOM = 1, 2
"""The flags that there are: whoever calls may have recorded the trace, and its id was drawn at random."""
_FLAGS = {f"{flags:x}": flags & (SAMPLED | RANDOM) for flags in range(16)}
_SPANS = 2**64
_MEMBERS = 32
_LARGE = 128
"""Characters from which on a member of a tracestate is the first to go."""
_LONGEST = 512

_DRAWN = random.Random()  # noqa: S311 - ids must differ from one another, not be kept secret; the system's are slow
os.register_at_fork(after_in_child=_DRAWN.seed)

Trace = tuple[str, str, int, bytes, bool]
"""Trace id and span id in hexadecimal, the latter empty where nobody named one; the flags; the tracestate as it came;
and whether the span is this program's own, and not its caller's."""


def begun() -> Trace:
    """Return a trace for a request that came without one; not sampled, as is the default of who begins one."""
    return _drawn(16), "", RANDOM, b"", False


def span_id() -> str:
    """Return the id of a new span."""
    return _drawn(8)


def _drawn(size: int) -> str:
    """Return an id of so many bytes in hexadecimal; none but zeros is not valid."""
    return (_DRAWN.getrandbits(8 * size) or 1).to_bytes(size, "big").hex()


def from_traceparent(value: bytes, state: bytes) -> Trace | None:
    """Read a traceparent header; None if it is not valid, when its tracestate means nothing either."""
    found = _TRACEPARENT.fullmatch(value.decode("latin-1"))
    if found is None:
        return None
    _, trace_id, span_id, flags = found.groups()
    return trace_id, span_id, _FLAGS[flags], state, False


def from_cloud(value: bytes) -> Trace | None:
    """Read an X-Cloud-Trace-Context header; None if it is not valid."""
    found = _CLOUD.fullmatch(value.decode("latin-1"))
    if found is None:
        return None
    trace_id, span, options = found.groups()
    number = int(span or 0)
    if number >= _SPANS:
        return None
    return trace_id.lower(), f"{number:016x}" if number else "", SAMPLED if options == "1" else 0, b"", False


def traced_here() -> bool:
    """Tell whether OpenTelemetry may have a current span: its SDK is loaded, or somebody's provider is set.

    Its API alone makes none, and is loaded by frameworks of which nobody asked for spans.
    """
    if "opentelemetry.sdk.trace" in sys.modules:
        return True
    api = sys.modules.get("opentelemetry.trace")
    return api is not None and getattr(api, "_TRACER_PROVIDER", api) is not None


def from_opentelemetry() -> Trace | None:
    """Return the trace of OpenTelemetry's current span, if there is one."""
    try:
        return _present(sys.modules["opentelemetry.trace"])
    except Exception:  # noqa: BLE001 - a module that is being imported, or somebody's own kind of span
        return None


def _present(api: Any) -> Trace | None:
    span = api.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    flags, state = span.trace_flags & (SAMPLED | RANDOM), span.trace_state.to_header().encode()
    return f"{span.trace_id:032x}", f"{span.span_id:016x}", flags, state, not span.is_remote


def handed(state: bytes) -> str:
    """Return a tracestate as it may be handed on: whole members, in their order; nothing of one that is not valid."""
    members = [member for part in state.decode("latin-1").split(",") if (member := part.strip(" \t"))]
    if len(members) > _MEMBERS or not all(map(_MEMBER.fullmatch, members)):
        return ""
    while len(",".join(members)) > _LONGEST:
        del members[max((at for at, member in enumerate(members) if len(member) > _LARGE), default=-1)]
    return ",".join(members)
