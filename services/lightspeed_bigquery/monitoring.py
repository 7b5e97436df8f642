"""What the pipeline from Lightspeed to BigQuery promises."""

from services.hours import SHOP
from services.teams import DATA
from tocsin import (
    HTTP_REQUESTS,
    LOG_RECORDS,
    Alert,
    Availability,
    Beats,
    Counter,
    Errors,
    Flow,
    Gauge,
    Histogram,
    Label,
    Latency,
    Panel,
    Query,
    Ratio,
    Service,
    Silence,
    Spread,
    Traffic,
    matching,
)

SUCCEEDED, FAILED = "succeeded", "failed"
OUTCOMES = (SUCCEEDED, FAILED)
RATE_LIMITED, UNAUTHORIZED, UNAVAILABLE, MALFORMED, WAREHOUSE = ERROR_TYPES = (
    "rate_limited",
    "unauthorized",
    "unavailable",
    "malformed",
    "warehouse",
)
TABLES = ("sales", "sale_lines")

SALES_SYNCED = Counter("sales_synced_total", "Total number of sales synced to BigQuery.")
SYNC_LATENCY = Histogram(
    "sync_latency_seconds",
    "Time taken to sync sales.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
SYNC_ERRORS = Counter("sync_errors_total", "Total number of sync errors.", (Label("error_type", ERROR_TYPES),))
SYNC_RUNS = Counter("sync_runs_total", "Sync runs, by how they ended.", (Label("outcome", OUTCOMES),))
ROWS_INSERTED = Counter(
    "bigquery_rows_inserted_total", "Rows that were new to a table of the warehouse.", (Label("table", TABLES),)
)
LAST_SUCCESS = Gauge(
    "sync_last_success_timestamp_seconds",
    "When a sync last succeeded, in seconds since the Unix epoch.",
    across="latest",
)

NAME = "lightspeed-bigquery"

STALLED = Alert(
    "SalesSyncStalled",
    when=f"time() - max({LAST_SUCCESS}) > 900 or absent({LAST_SUCCESS})",
    lasting="1m",
    within="17m",
    not_before="16m",
    during=SHOP,
    severity="warning",
    summary="No sync of sales has succeeded for 15 minutes",
    because="Stock and revenue figures fall behind the till, and the shop reorders by old numbers.",
    rings_on=Silence(LAST_SUCCESS),
    runbook="runbooks/sales-sync-stalled.md",
)

LOGGED_ERRORS = LOG_RECORDS.where(severity=matching("ERROR|CRITICAL"), service=NAME)
FAILED_REQUESTS = HTTP_REQUESTS.where(status_code=matching("5.."), service=NAME)

# A request that fails has a line of its own, and its exception another one.
LOGGED = Alert(
    "ErrorsLoggedOutsideRequests",
    when=f"sum(rate({LOGGED_ERRORS}[10m])) - 2 * sum(rate({FAILED_REQUESTS}[10m])) > 1 / 60",
    lasting="5m",
    within="10m",
    not_before="5m",
    severity="warning",
    summary="More than one error a minute is logged that no request failed for",
    because="What the pipeline does by itself, such as its syncs, goes wrong while every request is answered.",
    rings_on=Errors(0.2, bad=LOG_RECORDS.where(severity="ERROR"), of=LOG_RECORDS),
    quiet_on=(Errors(0.5), Errors(0.005, bad=LOG_RECORDS.where(severity="ERROR"), of=LOG_RECORDS)),
    runbook="runbooks/errors-logged-outside-requests.md",
)

OBJECTIVES = (
    Availability(0.999, because="The back office cannot read the day's sales."),
    Latency(0.95, below=5, of=SYNC_LATENCY, name="sync-latency", because="Sales reach the warehouse late."),
    Ratio(
        name="sync-success",
        ratio=0.99,
        bad=SYNC_RUNS.where(outcome=FAILED),
        total=SYNC_RUNS,
        because="Syncs fail, so the warehouse lacks sales that were made.",
    ),
)

PANELS = (
    Panel(
        "Sales synced per minute",
        (Query(f"sum(rate({SALES_SYNCED}[5m])) * 60", "sales"),),
        unit="cpm",
        help="Follows the till. Zero while the shop is open: look at the time since the last sync first.",
    ),
    Panel(
        "Sync latency",
        tuple(
            Query(f"histogram_quantile({quantile}, sum by (le) (rate({SYNC_LATENCY.bucket}[5m])))", legend)
            for quantile, legend in ((0.5, "P50"), (0.95, "P95"), (0.99, "P99"))
        ),
        unit="s",
        objective="sync-latency",
        help="The promise is P95 below 5 s. Slow syncs mostly wait for Lightspeed's rate limit or catch up a backlog.",
    ),
    Panel(
        "Error rate by error type",
        (Query(f"sum by (error_type) (rate({SYNC_ERRORS}[5m])) * 60", "{{error_type}}"),),
        unit="cpm",
        help="malformed sales are set aside one by one; every other type fails the whole run.",
    ),
    Panel(
        "BigQuery insertion rate",
        (Query(f"sum by (table) (rate({ROWS_INSERTED}[5m])) * 60", "{{table}}"),),
        unit="cpm",
        help="Rows a minute. Sales synced without rows inserted are sales that the warehouse knew already.",
    ),
    Panel(
        "Sync runs by outcome",
        (Query(f"sum by (outcome) (rate({SYNC_RUNS}[5m])) * 60", "{{outcome}}"),),
        unit="cpm",
        help="At most one in a hundred may fail. The errors by type say why.",
    ),
    Panel(
        "Time since the last sync",
        (Query(f"time() - max({LAST_SUCCESS})", "since"),),
        unit="s",
        kind="stat",
        help="SalesSyncStalled rings above 15 minutes while the shop is open.",
    ),
)

LIGHTSPEED_BIGQUERY = Service(
    name=NAME,
    team=DATA.name,
    port=8080,
    because="Sales stop reaching the warehouse: reports, stock and reordering run on old figures.",
    signals=(SALES_SYNCED, SYNC_LATENCY, SYNC_ERRORS, SYNC_RUNS, ROWS_INSERTED, LAST_SUCCESS),
    objectives=OBJECTIVES,
    alerts=(STALLED, LOGGED),
    panels=PANELS,
    traffic=Traffic(rps=2, errors=0.0002, p50=0.01, p95=0.05),
    behaviour=(
        Flow(SALES_SYNCED, 0.5),
        Spread(SYNC_LATENCY, 1 / 15, p50=0.3, p95=1.5, steady=True),
        Flow(SYNC_ERRORS.where(error_type=RATE_LIMITED), 0.0001, steady=True),
        Flow(SYNC_RUNS.where(outcome=SUCCEEDED), 1 / 15, steady=True),
        Flow(SYNC_RUNS.where(outcome=FAILED), 0.0001, steady=True),
        Flow(ROWS_INSERTED.where(table="sales"), 0.5),
        Flow(ROWS_INSERTED.where(table="sale_lines"), 1.5),
        Beats(LAST_SUCCESS, every="15s"),
    ),
    app="services.lightspeed_bigquery.app:app",
    visitor="services.lightspeed_bigquery.visitor:visit",
)
