"""What reaches the error tracker when jobs and processes end, fork and are terminated."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tocsin
from tests.sdk.reading import Line, exposed
from tests.sdk.sink import Sink, sink
from tests.waiting import until
from tocsin import Service
from tocsin.sdk.observer import observed

JOB = Service(name="sync", team="shop", port=1, because="It matters.", jobs=("nightly",))
BEGINNING = """
import os, signal, sys, threading, time
import tocsin
from tocsin.sdk.observer import observed
JOB = tocsin.Service(name="sync", team="shop", port=1, because="It matters.", jobs=("nightly",))
"""


@pytest.fixture
def server() -> Iterator[Sink]:
    """An error tracker."""
    with sink() as running:
        yield running


def program(code: str, server: Sink | None) -> subprocess.Popen[str]:
    """Run a program whose error tracker is *server*."""
    return subprocess.Popen(
        [sys.executable, "-c", BEGINNING + textwrap.dedent(code)],
        env={**os.environ, "SENTRY_DSN": server.dsn if server else ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(running: subprocess.Popen[str]) -> str:
    out, err = running.communicate(timeout=60)
    assert not err, err
    return out


def values(server: Sink) -> list[str]:
    return [event["exception"]["values"][-1]["value"] for event in server.of("event")]


def test_the_end_of_a_process_sends_what_it_captured(server: Sink) -> None:
    ended(program("observed(JOB).capture(ValueError('last words'), operation='end', sale_id=7)", server))
    assert values(server) == ["last words"]
    (event,) = server.of("event")
    assert event["tags"] == {"service": "sync", "operation": "end"}
    assert event["extra"] == {"sale_id": 7}


def test_a_process_ends_though_the_tracker_does_not_answer(server: Sink) -> None:
    server.answers.clear()
    running = program("observed(JOB).capture(ValueError())", server)
    ended(running)
    assert running.returncode == 0
    assert server.asked == 1


def test_sentry_is_not_loaded_where_no_tracker_is_named() -> None:
    out = ended(program("observed(JOB).capture(ValueError()); print('sentry_sdk' in sys.modules)", None))
    assert out == "False\n"


def test_sigterm_sends_what_was_captured(server: Sink) -> None:
    running = program(
        """
        from tocsin.sdk.drain import DRAIN
        DRAIN.install()
        observed(JOB).capture(ValueError("terminated"))
        print("ready", flush=True)
        time.sleep(60)
        """,
        server,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.terminate()
    assert running.wait(60) == -signal.SIGTERM
    running.communicate()
    assert values(server) == ["terminated"]


def test_a_fork_tells_of_its_own_errors_and_not_of_its_parents_again(server: Sink) -> None:
    out = ended(
        program(
            """
            obs = observed(JOB)
            obs.log.info("of the parent")
            obs.capture(ValueError("parent"), operation="x")
            if os.fork() == 0:
                obs.capture(ValueError("child"), operation="x")
                obs.tracker.flush(30)
                os._exit(0)
            os.wait()
            """,
            server,
        )
    )
    assert "of the parent" in out
    assert sorted(values(server)) == ["child", "parent"]
    crumbs = {event["exception"]["values"][0]["value"]: event["breadcrumbs"]["values"] for event in server.of("event")}
    assert [crumb["message"] for crumb in crumbs["parent"]] == ["of the parent"]
    assert crumbs["child"] == []


def test_what_nobody_caught_is_told_of_once(server: Sink) -> None:
    running = program(
        """
        obs = observed(JOB)
        thread = threading.Thread(target=lambda: {}["thread"])
        thread.start()
        thread.join()
        with tocsin.job(JOB, "nightly"):
            raise ValueError("job")
        """,
        server,
    )
    running.communicate(timeout=60)
    assert running.returncode == 1
    told = {event["exception"]["values"][-1]["value"]: event for event in server.of("event")}
    assert {said: event["tags"]["operation"] for said, event in told.items()} == {
        "'thread'": "uncaught",
        "job": "nightly",
    }
    assert len(server.of("event")) == 2
    assert {event["exception"]["values"][-1]["mechanism"]["handled"] for event in told.values()} == {False}


def test_no_thread_is_started_before_the_first_error(server: Sink) -> None:
    out = ended(
        program(
            """
            obs = observed(JOB)
            print(threading.active_count())
            obs.capture(ValueError())
            print(threading.active_count())
            """,
            server,
        )
    )
    assert out == "1\n2\n"


def test_a_job_that_fails_is_told_of_with_what_it_said(
    server: Sink, monkeypatch: pytest.MonkeyPatch, said: Callable[[], list[Line]]
) -> None:
    monkeypatch.setenv("SENTRY_DSN", server.dsn)
    observed(JOB).log.info("before")
    with pytest.raises(ValueError, match="no till"), tocsin.job(JOB, "nightly") as obs:  # noqa: PT012 - a run
        obs.log.info("Fetched", sales=3)
        raise ValueError("no till")
    (event,) = server.of("event")  # the end of the job has waited for it
    assert event["transaction"] == "nightly"
    assert event["tags"] == {"service": "sync", "operation": "nightly"}
    assert event["exception"]["values"][0]["mechanism"]["handled"] is False
    crumbs = {crumb["message"]: crumb["data"] for crumb in event["breadcrumbs"]["values"]}
    assert crumbs["Fetched"] == {"sales": 3, "job_name": "nightly"}
    assert [line["message"] for line in said()] == ["before", "Fetched", "Job nightly failed"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(2)])
def test_a_job_that_is_stopped_is_no_error(server: Sink, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    monkeypatch.setenv("SENTRY_DSN", server.dsn)
    with pytest.raises(type(error)), tocsin.job(JOB, "nightly"):
        raise error
    observed(JOB).capture(ValueError("last"))
    tracked().flush(30)
    assert values(server) == ["last"]


def tracked() -> Any:
    tracker = observed(JOB).tracker
    assert tracker is not None
    return tracker


def test_what_is_captured_in_a_job_bears_its_name_and_is_not_told_again(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTRY_DSN", server.dsn)

    @tocsin.job(JOB, "nightly")
    def run() -> None:
        try:
            raise ValueError("again")  # noqa: TRY301 - as it may be
        except ValueError as error:
            observed(JOB).capture(error, retry_count=3)
            observed(JOB).log.exception("Could not")
            raise

    with pytest.raises(ValueError, match="again"):
        run()
    (event,) = server.of("event")
    assert event["tags"]["operation"] == "nightly"
    assert event["extra"] == {"retry_count": 3}


def test_what_is_lost_is_counted_and_said_once(monkeypatch: pytest.MonkeyPatch, said: Callable[[], list[Line]]) -> None:
    with sink() as gone:
        monkeypatch.setenv("SENTRY_DSN", gone.dsn)
    obs = observed(JOB)
    for number in range(3):
        obs.capture(ValueError(number), operation=f"operation {number}")
    name = 'tocsin_sdk_dropped_total{reason="error"}'
    until(lambda: exposed(obs)[name] == 3, "all are counted")
    (line,) = said()
    assert line["severity"] == "WARNING"
    assert line["message"].startswith("The error tracker did not get every error: it cannot be reached")


def test_logging_an_exception_tells_of_it(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", server.dsn)
    obs = observed(JOB)
    for log in (obs.log.exception, logging.getLogger("shop").exception):
        try:
            raise ValueError("logged")  # noqa: TRY301 - as it may be
        except ValueError:
            log("It broke")
    tracked().flush(30)
    first, second = server.wait("event", 2)
    assert first["logentry"] == second["logentry"] == {"formatted": "It broke"}
    assert first["tags"]["operation"] == second["tags"]["operation"] == "test_logging_an_exception_tells_of_it"
    assert [crumb["message"] for crumb in second["breadcrumbs"]["values"]] == ["It broke"]
