"""Bugsink, the error tracker, as a part of the stack: it speaks Sentry's protocol, and keeps what the services tell it.

It runs in an environment of its own, which set-up makes: its licence is not an open one, so nothing of it is bundled.
"""

from __future__ import annotations

from pathlib import Path

from tocsin.source import project_root
from tocsin.stack.part import Part
from tocsin.stack.setup import BUGSINK, Setup

_INSIDE = Path(__file__).parent / "inside"

LOCK = Path(__file__).parent / "requirements.lock"
"""What its environment is made from."""

LACKING = "There is no error tracker in this run, for Bugsink is not there: `make setup` installs it."
FIRST = "The error tracker makes its databases, once: the services wait for it, about ten seconds."


def installed() -> bool:
    """Tell whether set-up made the environment of Bugsink, whole."""
    return (environment() / "locked").is_file()


def remark(setup: Setup) -> str:
    """Return the sentence that a person should read before the stack starts, if there is one."""
    if not setup.tracked:
        return LACKING
    return "" if token_file(setup).exists() else FIRST


def part(setup: Setup) -> Part:
    """Return the part, which has a project for each service of the stack."""
    url = setup.url(BUGSINK)
    return Part(
        name=BUGSINK,
        command=(
            str(environment() / "bin" / "python"),
            str(_INSIDE / "serve.py"),
            setup.address(BUGSINK),
            *(service.name for service in setup.hosted),
        ),
        folder=setup.data(BUGSINK),
        url=f"{url}/",
        ready=f"{url}/health/ready",
        environment={
            "BUGSINK_FOLDER": str(setup.data(BUGSINK)),
            "BUGSINK_URL": url,
            "DJANGO_SETTINGS_MODULE": "bugsink_conf",
            "PYTHONPATH": str(_INSIDE),  # and nothing of who runs the stack
            "PYTHONUNBUFFERED": "1",
        },
        deadline=180.0,  # a busy machine takes its time for the first databases
    )


def told(setup: Setup, service: str) -> dict[str, str]:
    """Return what *service* is told of Bugsink: where it is, and that it takes no transactions.

    It answers `X-Sentry-Rate-Limits: 86400:transaction`, after which each sampled request would be one that is lost.
    """
    return {"SENTRY_DSN_FILE": str(dsn_file(setup, service)), "SENTRY_TRACES_SAMPLE_RATE": "0"}


def dsn_file(setup: Setup, service: str) -> Path:
    """Return the file in which Bugsink writes where *service* is to send its errors."""
    return setup.data(BUGSINK) / "dsn" / service


def token_file(setup: Setup) -> Path:
    """Return the file of the token with which its API can be read."""
    return setup.data(BUGSINK) / "token"


def environment() -> Path:
    """Return the folder of its own environment."""
    return project_root() / ".tools" / "bugsink"
