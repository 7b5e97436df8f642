"""The six alerts of the specification as they stand there, over its own metrics: each is found for its real reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.checks.pages import rules
from tocsin.checks import judge
from tocsin.model import SeenMetric

ALERTS = """
- alert: ServiceDown
  expr: up{job="service"} == 0
  for: 2m
  labels:
    severity: critical
  annotations:
    summary: "Service {{ $labels.instance }} is down"
- alert: HighErrorRate
  expr: rate(http_requests_total{status_code=~"5.."}[5m]) > 0.05
  for: 5m
  labels:
    severity: critical
  annotations:
    summary: "High error rate on {{ $labels.service }}"
- alert: HighLatency
  expr: histogram_quantile(0.95, http_request_duration_seconds) > 10
  for: 10m
  labels:
    severity: warning
  annotations:
    summary: "High P95 latency on {{ $labels.service }}"
- alert: SalesSyncStalled
  expr: rate(sales_synced_total[10m]) == 0
  for: 15m
  labels:
    severity: warning
  annotations:
    summary: "No sales synced in 15 minutes"
- alert: LowRecommendationQuality
  expr: avg(recommendation_confidence) < 0.5
  for: 30m
  labels:
    severity: warning
  annotations:
    summary: "Average recommendation confidence below 0.5"
- alert: VoiceConversionDrop
  expr: rate(orders_created_total[1h]) / rate(voice_commands_total[1h]) < 0.1
  for: 1h
  labels:
    severity: warning
  annotations:
    summary: "Voice-to-order conversion below 10%"
"""

SERVICES = ("lightspeed-bigquery", "customer-profile", "si-recommendations", "voice-commerce", "video-commerce")
HTTP = {"method": ("GET", "POST"), "route": ("/", "/orders"), "status_code": ("200", "500")}


def metric(
    name: str, kind: str, bounds: tuple[float, ...] = (), labels: Mapping[str, tuple[str, ...]] | None = None
) -> SeenMetric:
    seen = {label: frozenset(values) for label, values in (labels or {}).items()}
    return SeenMetric(name=name, kind=kind, labels=seen, bounds=bounds, series=1)


METRICS = {
    found.name: found
    for found in (
        metric("up", "gauge", labels={"job": SERVICES}),
        metric("http_request_duration_seconds", "histogram", (0.1, 0.5, 1, 2, 5, 10), HTTP),
        metric("http_requests_total", "counter", labels=HTTP),
        metric("sales_synced_total", "counter"),
        metric("sync_latency_seconds", "histogram", (1, 5, 10, 30, 60, 120)),
        metric("sync_errors_total", "counter", labels={"error_type": ("timeout",)}),
        metric("profile_requests_total", "counter"),
        metric("profile_cache_hits_total", "counter"),
        metric("recommendations_served_total", "counter"),
        metric("recommendation_confidence", "histogram", (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)),
        metric("voice_commands_total", "counter", labels={"intent": ("order", "search")}),
        metric("orders_created_total", "counter"),
        metric("intent_confidence", "histogram", (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)),
    )
}


@pytest.mark.parametrize(
    ("alert", "check", "part", "says"),
    [
        ("ServiceDown", "promql/undeclared", 'job="service"', "up never has job='service'"),
        ("HighErrorRate", "objective/no-denominator", None, "divide by the rate of all events"),
        ("HighErrorRate", "alert/impossible-label", "$labels.service", "always empty"),
        ("HighLatency", "promql/histogram-base", "http_request_duration_seconds", "no series of that name"),
        ("HighLatency", "promql/threshold-above-buckets", "10", "never above 10"),
        ("SalesSyncStalled", "alert/blind", None, "silent when sales_synced_total is gone"),
        ("SalesSyncStalled", "alert/text-delay", "in 15 minutes", "it rings after 25m at the soonest"),
        (
            "LowRecommendationQuality",
            "promql/histogram-base",
            "recommendation_confidence",
            "recommendation_confidence_sum",
        ),
        ("VoiceConversionDrop", "promql/no-pair", "/", "only the right side has intent"),
    ],
)
def test_each_alert_of_the_specification_is_found_for_its_real_reason(
    alert: str, check: str, part: str | None, says: str
) -> None:
    (problem,) = [each for each in judge(rules(ALERTS, METRICS)) if (each.subject, each.check) == (alert, check)]
    assert says in problem.message
    assert problem.passage is not None
    if part is not None:
        assert problem.span is not None
        assert problem.passage.text[problem.span.start : problem.span.end] == part


MENDED = """
- alert: HighErrorRate
  expr: |-
    sum by (job) (rate(http_requests_total{status_code=~"5.."}[5m]))
    / sum by (job) (rate(http_requests_total[5m])) > 0.05
  for: 5m
  annotations:
    summary: "High error rate on {{ $labels.job }}"
- alert: HighLatency
  expr: histogram_quantile(0.95, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m]))) > 5
  for: 10m
- alert: LowRecommendationQuality
  expr: sum(rate(recommendation_confidence_sum[30m])) / sum(rate(recommendation_confidence_count[30m])) < 0.5
  for: 30m
- alert: VoiceConversionDrop
  expr: sum(rate(orders_created_total[1h])) / sum(rate(voice_commands_total{intent="order"}[1h])) < 0.1
  for: 1h
"""


def test_nothing_but_the_runbooks_is_missing_once_they_are_mended() -> None:
    assert {each.check for each in judge(rules(MENDED, METRICS))} == {"alert/no-runbook"}
