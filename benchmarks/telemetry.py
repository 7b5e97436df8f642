"""OpenTelemetry's providers. Loading its SDK slows whoever asks for its current span, Tocsin too: load it last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from peers import SAMPLED


class Nowhere(SpanExporter):
    """Exports spans to nowhere."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002 - the interface
        return SpanExportResult.SUCCESS


def telemetry() -> dict[str, Any]:
    """Return OpenTelemetry's providers: metrics kept in memory, 10 % of traces."""
    traces = TracerProvider(sampler=ParentBased(TraceIdRatioBased(SAMPLED)))
    traces.add_span_processor(BatchSpanProcessor(Nowhere(), max_queue_size=8192))
    return {"tracer_provider": traces, "meter_provider": MeterProvider(metric_readers=[InMemoryMetricReader()])}
