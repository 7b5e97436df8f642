"""Exceptions that nobody caught end in a line: of the main thread, of other threads, and where Python can raise none.

Python's own way is a traceback of many lines on standard error, which a log service takes for many records; the line
stands in its place. A hook that somebody else has put there is still called.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from tocsin.sdk import context
from tocsin.sdk.logger import stack
from tocsin.sdk.records import Record, as_text

Say = Callable[[Record], None]

_LOGGER = "tocsin.sdk"


class _Hooks:
    """The three hooks; they are put in place once, and speak to whom they were told of last."""

    say: Say | None = None

    def install(self) -> None:
        self._main, sys.excepthook = sys.excepthook, self.main
        self._thread, threading.excepthook = threading.excepthook, self.thread
        self._ignored, sys.unraisablehook = sys.unraisablehook, self.ignored

    def main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Say what ends the program; Ctrl-C is no failure, and stays what it is."""
        said = issubclass(kind, Exception) and self._said("CRITICAL", "The program ends by an exception.", error)
        if not said or self._main is not sys.__excepthook__:
            self._main(kind, error, trace)

    def thread(self, args: Any) -> None:
        """Say what ends a thread; SystemExit is a way to end it."""
        name = args.thread.name if args.thread is not None else "unknown"
        said = args.exc_type is not SystemExit and self._said(
            "ERROR", f"Thread {name} ends by an exception.", args.exc_value
        )
        if not said or self._thread is not threading.__excepthook__:
            self._thread(args)

    def ignored(self, args: Any) -> None:
        """Say what was raised where nobody can catch it, as in __del__."""
        where = f"{args.err_msg or 'Exception ignored in'}: {as_text(args.object)}"
        said = self._said("ERROR", where, args.exc_value)
        if not said or self._ignored is not sys.__unraisablehook__:
            self._ignored(args)

    def _said(self, severity: str, sentence: str, error: BaseException | None) -> bool:
        """Say it; where that fails, as it may while Python itself ends, the former hook has to."""
        try:
            if self.say is None:
                return False
            asked = context.current() or context.of_exception(error)
            self.say(Record(severity, sentence, logger=_LOGGER, stack=stack(error), error=error, asked=asked))
        except Exception:  # noqa: BLE001 - a hook that raises hides the exception that it is about
            return False
        return True


_HOOKS = _Hooks()


def tell(say: Say) -> None:
    """Let *say* hear of uncaught exceptions."""
    if _HOOKS.say is None:
        _HOOKS.install()
    _HOOKS.say = say
