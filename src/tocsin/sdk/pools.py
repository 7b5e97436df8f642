"""What is said in a thread pool belongs to the request of who gave the work to it.

A thread of a ThreadPoolExecutor, which loop.run_in_executor uses too, has a context of its own. Of the submitter's
only the variables of Tocsin and of structlog are carried over: others, as decimal's precision or what the pool's
initializer set, change results.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Any

_PREFIXES = ("tocsin_", "structlog_")


def carry() -> None:
    """Let every pool of threads carry the context, from now on."""
    submit: Callable[..., Any] = ThreadPoolExecutor.submit
    if getattr(submit, "carries", False):
        return

    @functools.wraps(submit)
    def carrying(*args: Any, **kwargs: Any) -> Any:
        context = {known: value for known, value in copy_context().items() if known.name.startswith(_PREFIXES)}
        if context and len(args) > 1:
            pool, work, *rest = args
            return submit(pool, _within, context, work, *rest, **kwargs)
        return submit(*args, **kwargs)

    carrying.carries = True  # type: ignore[attr-defined]  # a mark for the next call
    ThreadPoolExecutor.submit = carrying  # type: ignore[method-assign]  # it takes and returns the same


def _within(context: Mapping[ContextVar[Any], Any], work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    tokens = [(known, known.set(value)) for known, value in context.items()]
    try:
        return work(*args, **kwargs)
    finally:
        for known, token in tokens:
            known.reset(token)
