"""Rule files as people and generators write them: the spec's alerts, Sloth's form, Pyrra's form, and one by hand."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

SPEC = """\
groups:
- name: spec
  rules:
  - alert: ServiceDown
    expr: up{job="service"} == 0
    for: 2m
    labels: {severity: critical}
    annotations: {summary: "Service {{ $labels.instance }} is down"}
  - alert: HighErrorRate
    expr: rate(http_requests_total{status_code=~"5.."}[5m]) > 0.05
    for: 5m
    labels: {severity: critical}
    annotations: {summary: "High error rate on {{ $labels.service }}"}
  - alert: HighLatency
    expr: histogram_quantile(0.95, http_request_duration_seconds) > 10
    for: 10m
    labels: {severity: warning}
    annotations: {summary: "High P95 latency on {{ $labels.service }}"}
  - alert: SalesSyncStalled
    expr: rate(sales_synced_total[10m]) == 0
    for: 15m
    labels: {severity: warning}
    annotations: {summary: "No sales synced in 15 minutes"}
  - alert: LowRecommendationQuality
    expr: avg(recommendation_confidence) < 0.5
    for: 30m
    labels: {severity: warning}
    annotations: {summary: "Average recommendation confidence below 0.5"}
  - alert: VoiceConversionDrop
    expr: rate(orders_created_total[1h]) / rate(voice_commands_total[1h]) < 0.1
    for: 1h
    labels: {severity: warning}
    annotations: {summary: "Voice-to-order conversion below 10%"}
"""

BY_HAND = """\
groups:
- name: checkout
  rules:
  - record: job:payments:rate5m
    expr: sum by (job) (rate(payments_total{job="checkout"}[5m]))
  - record: job:refused:ratio5m
    expr: |
      sum by (job) (rate(payments_total{job="checkout", outcome=~"refused|lost"}[5m]))
        / job:payments:rate5m
  - record: team:queue:max
    expr: max(letters_waiting)
    labels: {team: mail}
  - alert: payments_refused
    expr: job:refused:ratio5m > 0.2
    for: 10m
    labels: {severity: page, squad: money}
    annotations:
      summary: '{{ $value | humanizePercentage }} of the payments are refused'
      description: Customers "cannot" pay.
      runbook_url: https://wiki.example/payments
  - alert: SlowRendering
    expr: |
      1 - sum(rate(render_seconds_bucket{job="checkout", le="2.0"}[10m]))
        / sum(rate(render_seconds_count{job="checkout"}[10m])) > 0.05
    labels: {severity: urgent}
  - alert: SlowRendering
    expr: sum(rate(render_seconds_sum[10m])) / sum(rate(render_seconds_count[10m])) > 4
    labels: {severity: critical}
    annotations: {message: Pages come very late.}
  - alert: QueueGrows
    expr: letters_waiting > 100 and deriv(letters_waiting[15m]) > 0
    keep_firing_for: 5m
    annotations: {description: Letters come late.}
  - alert: MailQueue
    expr: team:queue:max > 10
  - alert: DiskFull
    expr: node_filesystem_avail_bytes < 1e9
  - alert: Elsewhere
    expr: rate(votes_total{job="polls"}[5m]) > 3
  - alert: EventsMany
    expr: rate(events[5m]) > 3
  - alert: Broken
    expr: sum(rate(
  - alert: InstanceGone
    expr: up{job="checkout"} == 0
"""

_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


def sloth(service: str, slo: str, objective: float, ratio: str, days: int = 30) -> str:
    """Return what Sloth generates for an objective; *ratio* has WINDOW where a window stands."""
    own = {"sloth_id": f"{service}-{slo}", "sloth_service": service, "sloth_slo": slo}
    mine = "{" + ", ".join(f'{name}="{value}"' for name, value in own.items()) + "}"

    def rules() -> Iterator[dict[str, object]]:
        for window in _WINDOWS:
            labels = {**own, "sloth_window": window}
            name = f"slo:sli_error:ratio_rate{window}"
            yield {"record": name, "expr": ratio.replace("WINDOW", window), "labels": labels}
        period = f"sum_over_time(slo:sli_error:ratio_rate5m{mine}[{days}d]) / ignoring (sloth_window) "
        period += f"count_over_time(slo:sli_error:ratio_rate5m{mine}[{days}d])"
        yield {"record": f"slo:sli_error:ratio_rate{days}d", "expr": period, "labels": {"sloth_window": f"{days}d"}}
        yield {"record": "slo:objective:ratio", "expr": f"vector({objective!r})", "labels": own}
        yield {"record": "slo:error_budget:ratio", "expr": f"vector(1-{objective!r})", "labels": own}
        yield {"record": "slo:time_period:days", "expr": f"vector({days})", "labels": own}
        yield {"record": "sloth_slo_info", "expr": "vector(1)", "labels": {**own, "sloth_version": "dev"}}
        for severity, short, long, factor in (("page", "5m", "1h", 14.4), ("ticket", "2h", "1d", 3)):
            bound = f"({factor} * {1 - objective!r})"
            yield {
                "alert": "TooManyFailures",
                "expr": f"(slo:sli_error:ratio_rate{short}{mine} > {bound}) and ignoring (sloth_window) "
                f"(slo:sli_error:ratio_rate{long}{mine} > {bound})",
                "labels": {"sloth_severity": severity},
                "annotations": {"summary": "Too much of what people ask fails"},
            }

    head = "# Code generated by Sloth.\n"
    return head + yaml.safe_dump({"groups": [{"name": f"sloth-{slo}", "rules": [*rules()]}]}, sort_keys=False)


def pyrra(slo: str, objective: float, metric: str, ratio: str) -> str:
    """Return what Pyrra generates for an objective; *ratio* has WINDOW where a window stands."""
    own = {"slo": slo}

    def rules() -> Iterator[dict[str, object]]:
        yield {"record": f"{metric}:increase4w", "expr": f"sum(increase({metric}_total[4w]))", "labels": own}
        for window in ("5m", "1h"):
            labels = {"record": f"{metric}:burnrate{window}", "expr": ratio.replace("WINDOW", window)}
            yield {**labels, "labels": own}
        burnt = f'{metric}:burnrate5m{{slo="{slo}"}} > (14 * (1-{objective})) and '
        burnt += f'{metric}:burnrate1h{{slo="{slo}"}} > (14 * (1-{objective}))'
        labels = {**own, "severity": "critical", "long": "1h", "short": "5m"}
        yield {"alert": "ErrorBudgetBurn", "expr": burnt, "for": "2m", "labels": labels}
        yield {"alert": "SLOMetricAbsent", "expr": f"absent({metric}_total) == 1", "for": "10m", "labels": own}

    return yaml.safe_dump({"groups": [{"name": slo, "rules": [*rules()]}]}, sort_keys=False)
