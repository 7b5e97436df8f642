"""What an exception was when it came: its causes, where each came from, and what the service's own functions held.

Source: Sentry's developer documentation, "Event Payloads: Exception Interface" (the last value is the exception itself,
exception_id and parent_id tie what it came of to it) and "Stack Trace Interface" (the last frame is the innermost).
"""

from __future__ import annotations

import linecache
import re
import sysconfig
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

from tocsin.model.forms import REDACTED
from tocsin.sdk.snapshots import Snapshot

RAISED = "tocsin.raised"
"""Where the scope of a request holds the exception that the framework turned into an answer."""

_MOST = 10
"""Exceptions that are described of all that one came of."""

_FRAMES = 50
"""Frames of each: of more, the first and the last half."""

_TEXT, _LINE, _AROUND, _VARIABLES = 8192, 200, 5, 50
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_PERSONAL = re.compile(r"(^|_)(addr|address|body|cookies|customer|email|form|ip|query|user|username)(_|$)")
"""Variables that say who the user is, or what they sent."""

_FOREIGN = ("site-packages", "dist-packages", "<frozen ")

Described = dict[str, Any]


def described(error: BaseException, snapshot: Snapshot, *, handled: bool) -> list[Described]:
    """Return *error* and what it came of, the innermost first."""
    values = []
    for number, (one, parent, source) in enumerate(_related(error)):
        kind = type(one)
        mechanism: Described = {"type": "tocsin", "handled": handled, "exception_id": number}
        if parent is not None:
            mechanism |= {"type": "chained", "parent_id": parent, "source": source}
        if isinstance(one, BaseExceptionGroup):
            mechanism["is_exception_group"] = True
        value: Described = {"type": kind.__name__, "module": kind.__module__, "mechanism": mechanism}
        value["value"] = snapshot.text(_said(one), _TEXT)
        frames = _frames(one, snapshot)
        if frames:
            value["stacktrace"] = {"frames": frames}
        values.append(value)
    return values[::-1]


def origin(error: BaseException) -> str:
    """Name the type of *error* and the line that raised it."""
    found = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    place = f"{found.tb_frame.f_code.co_filename}:{found.tb_lineno}" if found else ""
    return f"{type(error).__qualname__} {place}"


def left(error: BaseException | None) -> bool:
    """Tell whether the client went away, by the names that Starlette and uvicorn have for it."""
    for _ in range(_MOST):
        if error is None:
            break
        if any(kind.__name__ in ("ClientDisconnect", "ClientDisconnected") for kind in type(error).__mro__):
            return True
        error = error.__cause__ or error.__context__
    return False


def _related(error: BaseException) -> list[tuple[BaseException, int | None, str]]:
    """Return *error* and what it came of, each with the place of the one that came of it, and how."""
    found: list[tuple[BaseException, int | None, str]] = [(error, None, "")]
    known = {id(error)}
    number = 0
    while number < len(found):
        for other, source in _origins(found[number][0]):
            if id(other) not in known and len(found) < _MOST:
                known.add(id(other))
                found.append((other, number, source))
        number += 1
    return found


def _origins(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    if error.__cause__ is not None:
        yield error.__cause__, "__cause__"
    elif error.__context__ is not None and not error.__suppress_context__:
        yield error.__context__, "__context__"
    if isinstance(error, BaseExceptionGroup):
        for number, one in enumerate(error.exceptions):
            yield one, f"exceptions[{number}]"


def _said(error: BaseException) -> str:
    try:
        return "\n".join([str(error), *getattr(error, "__notes__", ())])
    except Exception as failure:  # noqa: BLE001 - a stranger's exception may raise anything when it is spelled
        return f"<{type(failure).__name__} when it was spelled>"


def _frames(error: BaseException, snapshot: Snapshot) -> list[Described]:
    """Describe the frames, the innermost first as long as there is room for what they hold."""
    found = [
        (frame, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not _module(frame).startswith("tocsin.sdk.")
    ]
    if len(found) > _FRAMES:
        found = found[: _FRAMES // 2] + found[-_FRAMES // 2 :]
    return [_frame(frame, line, snapshot) for frame, line in reversed(found)][::-1]


def _frame(frame: FrameType, line: int, snapshot: Snapshot) -> Described:
    """Describe a frame; a library's locals hold whole requests, and its source says nothing new."""
    code, module = frame.f_code, _module(frame)
    path = code.co_filename
    own = not path.startswith(_LIBRARIES) and not any(part in path for part in _FOREIGN)
    shown: Described = {
        "filename": _relative(path, module),
        "abs_path": path,
        "function": code.co_name,
        "module": module,
        "lineno": line,
        "in_app": own,
    }
    if own:
        shown |= _source(frame, line)
        if code.co_name != "<module>":
            shown["vars"] = snapshot.fields(_variables(frame), broadest=_VARIABLES)
    return shown


def _variables(frame: FrameType) -> Iterator[tuple[str, Any]]:
    for name, value in frame.f_locals.items():
        yield name, REDACTED if value is not None and _PERSONAL.search(name) else value


def _relative(path: str, module: str) -> str:
    """Return the path below where the module's package lies."""
    return "/".join(path.split("/")[-1 - module.count(".") - path.endswith("/__init__.py") :])


def _source(frame: FrameType, line: int) -> Described:
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    if not 0 < line <= len(lines):
        return {}
    first = max(line - 1 - _AROUND, 0)
    around = [text.rstrip("\n")[:_LINE] for text in lines[first : line + _AROUND]]
    at = line - 1 - first
    return {"pre_context": around[:at], "context_line": around[at], "post_context": around[at + 1 :]}


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__") or "")
