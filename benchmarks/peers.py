"""Other people's instrumentation, each set up as its manual says, with nothing sent anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sentry_sdk
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from sentry_sdk.transport import HttpTransport

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SAMPLED = 0.1
DSN = "https://key@localhost/1"


class Nowhere(SpanExporter):
    """Exports spans to nowhere."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002 - the interface
        return SpanExportResult.SUCCESS


def telemetry() -> dict[str, Any]:
    """Return OpenTelemetry's providers: metrics kept in memory, 10 % of traces."""
    traces = TracerProvider(sampler=ParentBased(TraceIdRatioBased(SAMPLED)))
    traces.add_span_processor(BatchSpanProcessor(Nowhere(), max_queue_size=8192))
    return {"tracer_provider": traces, "meter_provider": MeterProvider(metric_readers=[InMemoryMetricReader()])}


def silence() -> None:
    """Let sentry-sdk send nothing, whoever switches it on."""
    HttpTransport.capture_envelope = lambda _, __: None  # type: ignore[method-assign]  # for a whole process


def sentry() -> None:
    """Switch sentry-sdk on with its own integrations; it patches the frameworks of the whole process."""
    silence()
    sentry_sdk.init(dsn=DSN, traces_sample_rate=SAMPLED)
