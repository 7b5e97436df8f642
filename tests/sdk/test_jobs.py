from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

import tocsin
from tests.sdk.reading import Line, exposed, scrape
from tests.sdk.threads import THREADS, in_threads
from tocsin import JOB_LAST_SUCCESS, DeclarationError, Observer, Service
from tocsin.sdk.observer import observed

Said = Callable[[], list[Line]]

SYNC = Service(name="sync", team="shop", port=1, because="It matters.", jobs=("nightly", "hourly"))
LAST = 'job_last_success_timestamp_seconds{job_name="nightly"}'


def found() -> dict[str, float]:
    series = exposed(observed(SYNC))
    return {name: value for name, value in series.items() if name.startswith("job_") and "_bucket" not in name}


def runs(outcome: str, name: str = "nightly") -> float:
    return found()[f'job_runs_total{{job_name="{name}",outcome="{outcome}"}}']


def test_a_run_that_succeeds_has_a_duration_an_outcome_and_a_time() -> None:
    before = time.time()
    with tocsin.job(SYNC, "nightly") as obs:
        assert isinstance(obs, Observer)
        assert LAST not in found()
    assert (runs("succeeded"), runs("failed"), runs("succeeded", "hourly")) == (1, 0, 0)
    assert found()['job_duration_seconds_count{job_name="nightly"}'] == 1
    assert before <= found()[LAST] <= time.time()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(2), asyncio.CancelledError()])
def test_what_a_run_raises_is_recorded_and_goes_on_unchanged(error: BaseException, said: Said) -> None:
    with pytest.raises(type(error)) as raised, tocsin.job(SYNC, "nightly"):
        raise error
    assert raised.value is error
    assert (runs("succeeded"), runs("failed")) == (0, 1)
    assert LAST not in found()
    (line,) = said()
    assert (line["severity"], line["message"]) == ("ERROR", "Job nightly failed")
    assert type(error).__name__ in line["stack_trace"]
    assert line["fields"]["job_name"] == "nightly"


@pytest.mark.parametrize("code", [None, 0])
def test_an_exit_without_an_error_succeeds(code: int | None) -> None:
    with pytest.raises(SystemExit), tocsin.job(SYNC, "nightly"):
        sys.exit(code)
    assert runs("succeeded") == 1


def test_what_a_run_says_bears_its_name_and_what_comes_after_does_not(said: Said) -> None:
    with tocsin.job(SYNC, "nightly") as obs:
        obs.log.info("within")
    obs.log.info("after")
    names = {line["message"]: line.get("fields", {}).get("job_name") for line in said()}
    assert names == {"within": "nightly", "Job nightly succeeded": "nightly", "after": None}


def test_each_call_of_a_decorated_function_is_a_run() -> None:
    @tocsin.job(SYNC, "nightly")
    def add(one: int, *, two: int) -> int:
        """Add."""
        return one + two

    assert [add(1, two=2), add(2, two=2)] == [3, 4]
    assert (add.__name__, add.__doc__, runs("succeeded")) == ("add", "Add.", 2)


def test_each_call_of_a_decorated_coroutine_function_is_a_run() -> None:
    @tocsin.job(SYNC, "hourly")
    async def wait(*, fails: bool) -> str:
        await asyncio.sleep(0.01)
        if fails:
            raise ValueError
        return "done"

    async def both() -> tuple[str | BaseException, str | BaseException]:
        return await asyncio.gather(wait(fails=False), wait(fails=True), return_exceptions=True)

    done, error = asyncio.run(both())
    assert (done, type(error)) == ("done", ValueError)
    assert (runs("succeeded", "hourly"), runs("failed", "hourly")) == (1, 1)
    assert found()['job_duration_seconds_sum{job_name="hourly"}'] >= 0.02


@pytest.mark.usefixtures("_impatient")
def test_runs_that_begin_at_once_in_many_threads_are_all_counted() -> None:
    in_threads(*[tocsin.job(SYNC, "nightly")(lambda: None)] * THREADS)
    assert runs("succeeded") == THREADS


@pytest.mark.anyio
async def test_a_service_that_is_observed_exposes_its_jobs() -> None:
    app = Starlette()
    obs = tocsin.observe(app, SYNC)
    with tocsin.job(SYNC, "nightly") as its:
        assert its is obs
    assert (await scrape(app))['job_runs_total{job_name="nightly",outcome="succeeded"}'] == 1


def test_a_job_must_be_declared() -> None:
    with pytest.raises(DeclarationError, match="sync declares no job 'weekly': add it to the service's jobs"):
        tocsin.job(SYNC, "weekly")
    with pytest.raises(DeclarationError, match="the job 'a' twice"):
        Service(name="sync", team="shop", port=1, because="It matters.", jobs=("a", "a"))
    with pytest.raises(DeclarationError, match="not one text"):
        Service(name="sync", team="shop", port=1, because="It matters.", jobs="nightly")  # type: ignore[arg-type]  # wrong


def test_rules_and_checks_know_the_signals_of_jobs() -> None:
    assert {"job_duration_seconds", "job_runs_total", JOB_LAST_SUCCESS.name} <= {s.name for s in SYNC.exposed}
    assert not {s.name for s in Service(name="a", team="b", port=1, because="c").exposed} & {JOB_LAST_SUCCESS.name}
    assert str(JOB_LAST_SUCCESS.where(job_name="nightly")) == LAST


TERMINATED = """
import sys, tocsin
service = tocsin.Service(name="sync", team="shop", port=1, because="It matters.", jobs=("nightly",))
with tocsin.job(service, "nightly"):
    print("begun", flush=True)
    sys.stdin.readline()
"""


def test_a_run_that_is_terminated_says_so_before_the_process_ends() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", TERMINATED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOG_FORMAT": "json"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert '"message":"Job nightly failed"' in out
    assert process.returncode == 128 + signal.SIGTERM
