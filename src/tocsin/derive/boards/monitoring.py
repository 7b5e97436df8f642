"""The monitoring of the monitoring: whether Prometheus, Alertmanager and the SDK do what all else relies on."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.board import Board, Bounds, Pane, Row, uid
from tocsin.model import SDK_DROPPED, Catalog, Panel, Query

_OWNER = "tocsin"
_RUNBOOK = "watchdog"

_IN_USE = "and sum by (integration) (increase(alertmanager_notifications_total[1h])) > 0"
"""Alertmanager counts for each integration that it knows, used or not."""


def boards(_: Catalog) -> Iterator[Board]:
    """Yield the board."""
    yield Board(
        uid=uid("monitoring"),
        title="Monitoring",
        folder="operations",
        file="monitoring",
        help="When this board is sick, believe no other one.",
        rows=(
            Row("Prometheus", tuple(_prometheus())),
            Row("From Prometheus to Alertmanager", tuple(_handed_over())),
            Row("From Alertmanager to people", tuple(_notified())),
            Row("What the SDK lost", tuple(_lost())),
        ),
    )


def _prometheus() -> Iterator[Pane]:
    yield Pane(
        panel=Panel(
            "Targets that answer",
            (Query("avg(up)", "answer"),),
            unit="percentunit",
            kind="gauge",
            help="All of them should. Below 100 %, look at the health of the services, and at what answers late.",
        ),
        bounds=Bounds(critical=1, below=True),
    )
    yield Pane(
        panel=Panel(
            "Configuration",
            (
                Query("min(prometheus_config_last_reload_successful)", "Prometheus"),
                Query("min(alertmanager_config_last_reload_successful)", "Alertmanager"),
            ),
            unit="bool",
            kind="stat",
            help="0 means that the last change was refused, and that the one before it still holds: read their logs.",
        ),
        bounds=Bounds(critical=1, below=True),
        service=_OWNER,
        runbook=_RUNBOOK,
    )
    yield Pane(
        panel=Panel(
            "Rules that fail",
            (
                Query("sum(increase(prometheus_rule_evaluation_failures_total[5m]))", "failed"),
                Query("sum(increase(prometheus_rule_group_iterations_missed_total[5m]))", "left out"),
            ),
            unit="short",
            help="A rule that fails cannot ring. Prometheus's page of rules names it; look for series that clash.",
        ),
        bounds=Bounds(critical=1),
        service=_OWNER,
        runbook=_RUNBOOK,
    )
    yield Pane(
        panel=Panel(
            "Slowest groups of rules",
            (
                Query(
                    "topk(5, label_replace(max_over_time(prometheus_rule_group_last_duration_seconds[5m]), "
                    '"group", "$1", "rule_group", ".*;(.*)"))',
                    "{{group}}",
                ),
            ),
            unit="s",
            help="Near the evaluation interval, rings come late: look for the window or the label that grew.",
        ),
    )
    yield Pane(
        panel=Panel(
            "Series in memory",
            (Query("sum(prometheus_tsdb_head_series)", "series"),),
            unit="short",
            help="A line that climbs day by day is a label without bounds: see the samples of a scrape by service.",
        ),
    )
    yield Pane(
        panel=Panel(
            "Samples taken in",
            (Query("sum(rate(prometheus_tsdb_head_samples_appended_total[5m]))", "samples"),),
            unit="ops",
            help="A fall means that targets are gone, or that Prometheus cannot write: look at its disk.",
        ),
    )


def _handed_over() -> Iterator[Pane]:
    yield Pane(
        panel=Panel(
            "Alerts sent",
            (Query("sum(rate(prometheus_notifications_sent_total[5m]))", "sent"),),
            unit="ops",
            help="Never 0 for long: the Watchdog always rings. At 0, nothing reaches anybody.",
        ),
        service=_OWNER,
        runbook=_RUNBOOK,
    )
    yield Pane(
        panel=Panel(
            "Alerts lost on the way",
            (
                Query("sum(increase(prometheus_notifications_errors_total[5m]))", "failed"),
                Query("sum(increase(prometheus_notifications_dropped_total[5m]))", "dropped"),
            ),
            unit="short",
            help="Alertmanager is away or full. Is it up, and does its address in prometheus.yml still hold?",
        ),
        bounds=Bounds(critical=1),
        service=_OWNER,
        runbook=_RUNBOOK,
    )
    yield Pane(
        panel=Panel(
            "Alerts that wait",
            (Query("sum(prometheus_notifications_queue_length)", "waiting"),),
            unit="short",
            help="A queue that grows is an Alertmanager that answers late.",
        ),
    )


def _notified() -> Iterator[Pane]:
    tried = "sum by (integration) (increase(alertmanager_notifications_total[5m]))"
    yield Pane(
        panel=Panel(
            "Notifications",
            (Query(f"{tried} > 0", "{{integration}}"),),
            unit="short",
            help="In five minutes. The heartbeat (webhook) alone is five; the rest is what people were told.",
        ),
        empty="Nobody was told anything.",
    )
    yield Pane(
        panel=Panel(
            "Notifications failed",
            (
                Query(
                    f"sum by (integration) (increase(alertmanager_notifications_failed_total[5m])) {_IN_USE}",
                    "{{integration}}",
                ),
            ),
            unit="short",
            help="A key or an address that rotted: try it with `tocsin drill --receivers`.",
        ),
        bounds=Bounds(critical=1),
        service=_OWNER,
        runbook=_RUNBOOK,
        empty="Nobody was told anything.",
    )
    yield Pane(
        panel=Panel(
            "Time until told, P95",
            (
                Query(
                    "histogram_quantile(0.95, sum by (le, integration) "
                    f"(rate(alertmanager_notification_latency_seconds_bucket[5m]))) {_IN_USE}",
                    "{{integration}}",
                ),
            ),
            unit="s",
            help="PagerDuty's or Slack's own slowness counts in: see their status pages.",
        ),
        empty="Nobody was told anything.",
    )
    yield Pane(
        panel=Panel(
            "Alerts held",
            (
                Query("sum by (state) (alertmanager_alerts)", "alerts {{state}}"),
                Query('sum(alertmanager_silences{state="active"})', "silences"),
            ),
            unit="short",
            help="More silences than usual hide something: end those that nobody needs any more.",
        ),
    )


def _lost() -> Iterator[Pane]:
    yield Pane(
        panel=Panel(
            "Lost by service",
            (Query(f"sum by (service) (increase({SDK_DROPPED}[5m]))", "{{service}}"),),
            unit="short",
            help="What the SDK could not keep, in five minutes: the service's log says each cause once.",
        ),
        bounds=Bounds(warning=1),
    )
    yield Pane(
        panel=Panel(
            "Lost by reason",
            (Query(f"sum by (reason) (increase({SDK_DROPPED}[5m]))", "{{reason}}"),),
            unit="short",
            help="label and value are mistakes in the code; log and error are an output or a tracker that is away.",
        ),
        bounds=Bounds(warning=1),
    )
