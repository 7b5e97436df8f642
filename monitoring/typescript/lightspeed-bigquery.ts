// Written by `tocsin build` from the catalog: change the declaration, not this file.

export const SERVICE = "lightspeed-bigquery";
export const PORT = 8080;

/** A counter: Total number of sales synced to BigQuery. */
export const SALES_SYNCED_TOTAL = {
  name: "sales_synced_total",
  help: "Total number of sales synced to BigQuery.",
  labelNames: [] as const,
};

/** A histogram: Time taken to sync sales. */
export const SYNC_LATENCY_SECONDS = {
  name: "sync_latency_seconds",
  help: "Time taken to sync sales.",
  labelNames: [] as const,
  buckets: [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0],
};

export const SYNC_ERRORS_TOTAL_ERROR_TYPE_VALUES = ["rate_limited", "unauthorized", "unavailable", "malformed", "warehouse", "other"] as const;
export type SyncErrorsTotalErrorType = (typeof SYNC_ERRORS_TOTAL_ERROR_TYPE_VALUES)[number];
/** A counter: Total number of sync errors. */
export const SYNC_ERRORS_TOTAL = {
  name: "sync_errors_total",
  help: "Total number of sync errors.",
  labelNames: ["error_type"] as const,
};
export type SyncErrorsTotalLabels = { error_type: SyncErrorsTotalErrorType };
/** The labels of every series, to be started at 0. */
export const SYNC_ERRORS_TOTAL_SERIES: readonly SyncErrorsTotalLabels[] =
  SYNC_ERRORS_TOTAL_ERROR_TYPE_VALUES.map((error_type) => ({ error_type }));

export const SYNC_RUNS_TOTAL_OUTCOME_VALUES = ["succeeded", "failed", "other"] as const;
export type SyncRunsTotalOutcome = (typeof SYNC_RUNS_TOTAL_OUTCOME_VALUES)[number];
/** A counter: Sync runs, by how they ended. */
export const SYNC_RUNS_TOTAL = {
  name: "sync_runs_total",
  help: "Sync runs, by how they ended.",
  labelNames: ["outcome"] as const,
};
export type SyncRunsTotalLabels = { outcome: SyncRunsTotalOutcome };
/** The labels of every series, to be started at 0. */
export const SYNC_RUNS_TOTAL_SERIES: readonly SyncRunsTotalLabels[] =
  SYNC_RUNS_TOTAL_OUTCOME_VALUES.map((outcome) => ({ outcome }));

export const BIGQUERY_ROWS_INSERTED_TOTAL_TABLE_VALUES = ["sales", "sale_lines", "other"] as const;
export type BigqueryRowsInsertedTotalTable = (typeof BIGQUERY_ROWS_INSERTED_TOTAL_TABLE_VALUES)[number];
/** A counter: Rows that were new to a table of the warehouse. */
export const BIGQUERY_ROWS_INSERTED_TOTAL = {
  name: "bigquery_rows_inserted_total",
  help: "Rows that were new to a table of the warehouse.",
  labelNames: ["table"] as const,
};
export type BigqueryRowsInsertedTotalLabels = { table: BigqueryRowsInsertedTotalTable };
/** The labels of every series, to be started at 0. */
export const BIGQUERY_ROWS_INSERTED_TOTAL_SERIES: readonly BigqueryRowsInsertedTotalLabels[] =
  BIGQUERY_ROWS_INSERTED_TOTAL_TABLE_VALUES.map((table) => ({ table }));

/** A gauge: When a sync last succeeded, in seconds since the Unix epoch. */
export const SYNC_LAST_SUCCESS_TIMESTAMP_SECONDS = {
  name: "sync_last_success_timestamp_seconds",
  help: "When a sync last succeeded, in seconds since the Unix epoch.",
  labelNames: [] as const,
};

export const LOG_RECORDS_TOTAL_SEVERITY_VALUES = ["DEFAULT", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "other"] as const;
export type LogRecordsTotalSeverity = (typeof LOG_RECORDS_TOTAL_SEVERITY_VALUES)[number];
/** A counter: Log records that were written, by severity. */
export const LOG_RECORDS_TOTAL = {
  name: "log_records_total",
  help: "Log records that were written, by severity.",
  labelNames: ["severity"] as const,
};
export type LogRecordsTotalLabels = { severity: LogRecordsTotalSeverity };
/** The labels of every series, to be started at 0. */
export const LOG_RECORDS_TOTAL_SERIES: readonly LogRecordsTotalLabels[] =
  LOG_RECORDS_TOTAL_SEVERITY_VALUES.map((severity) => ({ severity }));

export const HTTP_REQUESTS_TOTAL_METHOD_VALUES = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "other"] as const;
export type HttpRequestsTotalMethod = (typeof HTTP_REQUESTS_TOTAL_METHOD_VALUES)[number];
/** A counter: Total number of HTTP requests. */
export const HTTP_REQUESTS_TOTAL = {
  name: "http_requests_total",
  help: "Total number of HTTP requests.",
  labelNames: ["method", "route", "status_code"] as const,
};
export type HttpRequestsTotalLabels = { method: HttpRequestsTotalMethod, route: string, status_code: string };

export const HTTP_REQUEST_DURATION_SECONDS_METHOD_VALUES = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "other"] as const;
export type HttpRequestDurationSecondsMethod = (typeof HTTP_REQUEST_DURATION_SECONDS_METHOD_VALUES)[number];
/** A histogram: Duration of HTTP requests in seconds. */
export const HTTP_REQUEST_DURATION_SECONDS = {
  name: "http_request_duration_seconds",
  help: "Duration of HTTP requests in seconds.",
  labelNames: ["method", "route", "status_code"] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0],
};
export type HttpRequestDurationSecondsLabels = { method: HttpRequestDurationSecondsMethod, route: string, status_code: string };

/** A gauge: HTTP requests being answered now. */
export const HTTP_REQUESTS_IN_FLIGHT = {
  name: "http_requests_in_flight",
  help: "HTTP requests being answered now.",
  labelNames: [] as const,
};
