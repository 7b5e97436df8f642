"""Jobs: what runs and ends, its duration, its outcome, and when it last succeeded."""

from __future__ import annotations

import asyncio
import functools
import inspect
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import Token
from types import FrameType, TracebackType
from typing import Any, NoReturn, TypeVar, cast

from structlog.contextvars import bind_contextvars, reset_contextvars, unbind_contextvars

from tocsin.model import JOB_DURATION, JOB_LAST_SUCCESS, JOB_RUNS, DeclarationError, Service
from tocsin.sdk import errors
from tocsin.sdk.observer import Observer, observed

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


class Job:
    """A run of a job: a context manager, and a decorator of functions and coroutine functions."""

    def __init__(self, service: Service, name: str) -> None:
        self._service = service
        self._name = name
        self._began = 0.0
        self._bound: Mapping[str, Token[Any]] = {}
        self._interrupted = False
        self._observer: Observer | None = None

    def __enter__(self) -> Observer:
        """Begin a run, and let SIGTERM end it like an exception where it would end the process without a word."""
        self._observer = observed(self._service)
        self._bound = bind_contextvars(job_name=self._name)
        self._interrupted = _catch_termination()
        self._began = time.perf_counter()
        return self._observer

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        """End the run, say how, and push what it recorded where TOCSIN_PUSH says so.

        The error tracker has two seconds for what it was told before that.
        """
        seconds = time.perf_counter() - self._began
        observer = self._observer or observed(self._service)
        succeeded = error is None or (isinstance(error, SystemExit) and not error.code)
        observer.record(JOB_DURATION, seconds, job_name=self._name)
        observer.count(JOB_RUNS, job_name=self._name, outcome="succeeded" if succeeded else "failed")
        if succeeded:
            observer.set(JOB_LAST_SUCCESS, time.time(), job_name=self._name)
            observer.log.info("Job %s succeeded", self._name, seconds=seconds)
        else:
            if observer.tracker is not None and error is not None:
                observer.tracker.ended(error, self._name)
            observer.log.error("Job %s failed", self._name, seconds=seconds, exc_info=error)
        if not _on_an_event_loop():
            errors.flush()
        observer.push(self._name, wait=not _on_an_event_loop())
        if self._interrupted:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            reset_contextvars(**self._bound)
        except ValueError:  # a generator, or a framework, that ends the run in another context
            unbind_contextvars("job_name")

    def __call__(self, function: FunctionT) -> FunctionT:
        """Make each call of *function* a run."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                with Job(self._service, self._name):
                    return await function(*args, **kwargs)

            return cast("FunctionT", awaited)

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with Job(self._service, self._name):
                return function(*args, **kwargs)

        return cast("FunctionT", called)


def job(service: Service, name: str, /) -> Job:
    """Run the block, or each call of the function, as the job *name* of *service*.

    Recorded are its duration, its outcome and the time of its success; an exception is recorded and goes on unchanged.
    Within a service that is observed the job's signals are among the service's; a process that runs jobs alone needs
    no application.

    Raises:
        DeclarationError: the service does not declare the job, or a variable of the environment means nothing.

    """
    if name not in service.jobs:
        raise DeclarationError(f"{service.name} declares no job {name!r}: add it to the service's jobs.")
    return Job(service, name)


def _on_an_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        return bool(trio and trio.lowlevel.in_trio_run())
    return True


def _catch_termination() -> bool:
    """Let SIGTERM raise SystemExit where it would end the process; tell whether it does now."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return False
    signal.signal(signal.SIGTERM, _terminated)
    return True


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Exit as a shell reports a process that a signal ended."""
    sys.exit(128 + number)
