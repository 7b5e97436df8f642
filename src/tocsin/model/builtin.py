"""Signals that nobody declares: every HTTP service, process and scrape has them."""

from __future__ import annotations

from tocsin.model.signal import Counter, Gauge, Histogram, Label

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
UNMATCHED = "unmatched"
"""The route of every request that no route matches."""

HTTP_LABELS = (Label("method", METHODS), Label("route", limit=200), Label("status_code", limit=60))
HTTP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds; the bounds of a service's own latency objectives are added."""

HTTP_REQUESTS = Counter("http_requests_total", "Total number of HTTP requests.", HTTP_LABELS)
HTTP_DURATION = Histogram(
    "http_request_duration_seconds", "Duration of HTTP requests in seconds.", HTTP_LABELS, buckets=HTTP_BUCKETS
)
HTTP_IN_FLIGHT = Gauge("http_requests_in_flight", "HTTP requests being answered now.")

LOG_SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
"""Those of Cloud Logging's that Python has levels for."""

LOG_RECORDS = Counter(
    "log_records_total", "Log records that were written, by severity.", (Label("severity", LOG_SEVERITIES),)
)
"""Counted wherever a line is written, the lines of answered requests among them."""

PROCESS = (
    Counter("process_cpu_seconds_total", "User and system CPU time spent in seconds."),
    Gauge("process_resident_memory_bytes", "Resident memory size in bytes."),
    Gauge("process_virtual_memory_bytes", "Virtual memory size in bytes."),
    Gauge("process_start_time_seconds", "Start time of the process since the Unix epoch in seconds.", across="min"),
    Gauge("process_open_fds", "Number of open file descriptors."),
    Gauge("process_max_fds", "Maximum number of open file descriptors."),
)
"""Exposed by the SDK under the names that every Prometheus client library uses."""

JOB_NAME = Label("job_name")
JOB_DURATION = Histogram(
    "job_duration_seconds",
    "Duration of runs of a job in seconds.",
    (JOB_NAME,),
    buckets=(0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 10_800.0, 21_600.0),
)
JOB_RUNS = Counter(
    "job_runs_total",
    "Runs of a job, by how they ended.",
    (JOB_NAME, Label("outcome", ("succeeded", "failed"))),
)
JOB_LAST_SUCCESS = Gauge(
    "job_last_success_timestamp_seconds",
    "When a job last succeeded, in seconds since the Unix epoch.",
    (JOB_NAME,),
    across="latest",
)
"""Recorded by `tocsin.job`. The time of a last success is there only after one: no 0 says that it was in 1970."""

SCRAPE = (
    Gauge("up", "Whether the last scrape of the target succeeded."),
    Gauge("scrape_duration_seconds", "Duration of the scrape in seconds."),
    Gauge("scrape_samples_scraped", "Number of samples that the target exposed."),
)
"""Written by Prometheus itself for every target."""

PROBE = Gauge("probe_success", "Whether the last probe of a public URL succeeded.")
"""Written by the prober, blackbox exporter, and not by the service."""

SDK_DROPPED = Counter(
    "tocsin_sdk_dropped_total",
    "What the SDK could not keep, or bring where it belongs.",
    (Label("reason", ("signal", "label", "value", "log", "push", "registry", "port", "room", "error", "transaction")),),
)

_INTEGRATION = Label("integration")

PROMETHEUS_OWN = (
    Gauge("prometheus_config_last_reload_successful", "Whether the last configuration was taken."),
    Gauge("prometheus_tsdb_head_series", "Series in memory."),
    Counter("prometheus_tsdb_head_samples_appended_total", "Samples taken in."),
    Counter("prometheus_rule_evaluation_failures_total", "Rules that failed.", (Label("rule_group"),)),
    Counter("prometheus_rule_group_iterations_missed_total", "Evaluations left out.", (Label("rule_group"),)),
    Gauge("prometheus_rule_group_last_duration_seconds", "How long a group's rules took.", (Label("rule_group"),)),
    Counter("prometheus_notifications_sent_total", "Alerts sent.", (Label("alertmanager"),)),
    Counter("prometheus_notifications_errors_total", "Alerts that failed.", (Label("alertmanager"),)),
    Counter("prometheus_notifications_dropped_total", "Alerts that no Alertmanager took."),
    Gauge("prometheus_notifications_queue_length", "Alerts that wait to be sent."),
)
ALERTMANAGER_OWN = (
    Gauge("alertmanager_config_last_reload_successful", "Whether the last configuration was taken."),
    Gauge("alertmanager_alerts", "Alerts that it holds.", (Label("state"),)),
    Gauge("alertmanager_silences", "Silences that it holds.", (Label("state"),)),
    Counter("alertmanager_notifications_total", "Notifications tried.", (_INTEGRATION,)),
    Counter("alertmanager_notifications_failed_total", "Notifications that failed.", (_INTEGRATION,)),
    Histogram(
        "alertmanager_notification_latency_seconds",
        "How long a notification took.",
        (_INTEGRATION,),
        buckets=(1.0, 5.0, 10.0, 15.0, 20.0),
    ),
)
"""What Prometheus and Alertmanager say of themselves, as far as a board shows it."""
