"""The short way of a log line, from the call to the output in one function.

It is for what most lines are: a message and plain fields under names that were seen before, which a glance tells
harmless. A call of Python's, or a look at an attribute, costs a tenth of what the rest does; hence the closure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import gmtime, strftime, time_ns
from typing import Any, Protocol

import orjson

from tocsin.sdk.context import RequestContext, current
from tocsin.sdk.records import OPTIONS, Record
from tocsin.sdk.redact import Redactor

_ENDED = OPTIONS | orjson.OPT_APPEND_NEWLINE

Line = Callable[[str, str, dict[str, Any]], None]
"""Writes a line of a severity, a message and fields."""


Written = Mapping[str, Callable[[], None]]
"""What counts a line of each severity."""


class Talker(Protocol):
    """Takes what needs the long way, and may have somebody who listens."""

    heard: Callable[[Record], None] | None

    def say(self, record: Record) -> None:
        """Write *record*."""


def clock() -> Callable[[], bytes]:
    """Return what spells the present time as a member of a line: `,"time":"2026-11-24T07:44:41.123456Z"`."""
    known = 0, b""

    def now() -> bytes:
        nonlocal known
        second, nanoseconds = divmod(time_ns(), 1_000_000_000)
        spelled, time = known
        if second != spelled:
            time = strftime(',"time":"%Y-%m-%dT%H:%M:%S.', gmtime(second)).encode()
            known = second, time
        return b'%b%06dZ"' % (time, nanoseconds // 1000)

    return now


def short_way(
    starts: Mapping[str, bytes],
    asked_for: Callable[[RequestContext], bytes],
    redactor: Redactor,
    *,
    write: Callable[[bytes], None],
    written: Written,
    talker: Talker,
) -> Line:
    """Return what writes a line that begins with one of the *starts*, and belongs to the request that is answered."""
    harmless, dumps, join, ended, now = redactor.harmless, orjson.dumps, b"".join, _ENDED, clock()

    def line(severity: str, message: str, fields: dict[str, Any]) -> None:
        asked = current()
        if type(message) is str and harmless(message, fields):
            try:
                told = dumps({"message": message, "fields": fields} if fields else {"message": message}, None, ended)
            except TypeError:
                told = b""
        else:
            told = b""
        if not told:
            talker.say(Record(severity, message, fields, asked))
            return
        context = b"}" if asked is None else asked.spelled or asked_for(asked)
        write(join((starts[severity], context, now(), b",", told[1:])))
        written[severity]()
        if talker.heard is not None:
            talker.heard(Record(severity, message, fields, asked))

    return line
