"""Other people's instrumentation, each set up as its manual says, with nothing sent anywhere."""

from __future__ import annotations

import sentry_sdk
from sentry_sdk.transport import HttpTransport

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SAMPLED = 0.1
DSN = "https://key@localhost/1"


def silence() -> None:
    """Let sentry-sdk send nothing, whoever switches it on."""
    HttpTransport.capture_envelope = lambda _, __: None  # type: ignore[method-assign]  # for a whole process


def sentry() -> None:
    """Switch sentry-sdk on with its own integrations; it patches the frameworks of the whole process."""
    silence()
    sentry_sdk.init(dsn=DSN, traces_sample_rate=SAMPLED)
