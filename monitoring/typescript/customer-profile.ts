// Written by `tocsin build` from the catalog: change the declaration, not this file.

export const SERVICE = "customer-profile";
export const PORT = 8081;

/** A counter: Total number of profile requests. */
export const PROFILE_REQUESTS_TOTAL = {
  name: "profile_requests_total",
  help: "Total number of profile requests.",
  labelNames: [] as const,
};

/** A counter: Total number of cache hits. */
export const PROFILE_CACHE_HITS_TOTAL = {
  name: "profile_cache_hits_total",
  help: "Total number of cache hits.",
  labelNames: [] as const,
};

/** A histogram: Time taken to join a profile from its sources. */
export const PROFILE_ENRICHMENT_SECONDS = {
  name: "profile_enrichment_seconds",
  help: "Time taken to join a profile from its sources.",
  labelNames: [] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0],
};

export const PROFILE_DATA_SOURCE_UP_SOURCE_VALUES = ["lightspeed", "bigquery"] as const;
export type ProfileDataSourceUpSource = (typeof PROFILE_DATA_SOURCE_UP_SOURCE_VALUES)[number];
/** A gauge: Whether a data source answered when last asked: 1 or 0. */
export const PROFILE_DATA_SOURCE_UP = {
  name: "profile_data_source_up",
  help: "Whether a data source answered when last asked: 1 or 0.",
  labelNames: ["source"] as const,
};
export type ProfileDataSourceUpLabels = { source: ProfileDataSourceUpSource };

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
