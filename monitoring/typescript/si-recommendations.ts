// Written by `tocsin build` from the catalog: change the declaration, not this file.

export const SERVICE = "si-recommendations";
export const PORT = 8082;

/** A counter: Total number of recommendations served. */
export const RECOMMENDATIONS_SERVED_TOTAL = {
  name: "recommendations_served_total",
  help: "Total number of recommendations served.",
  labelNames: [] as const,
};

/** A histogram: Confidence score of recommendations, from 0 to 1. */
export const RECOMMENDATION_CONFIDENCE = {
  name: "recommendation_confidence",
  help: "Confidence score of recommendations, from 0 to 1.",
  labelNames: [] as const,
  buckets: [0.1, 0.3, 0.5, 0.6, 0.7, 0.9, 1.0],
};

/** A counter: Recommendations that came from collaborative filtering. */
export const RECOMMENDATIONS_COLLABORATIVE_TOTAL = {
  name: "recommendations_collaborative_total",
  help: "Recommendations that came from collaborative filtering.",
  labelNames: [] as const,
};

/** A counter: Recommendations that came from the popular products. */
export const RECOMMENDATIONS_FALLBACK_TOTAL = {
  name: "recommendations_fallback_total",
  help: "Recommendations that came from the popular products.",
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
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0],
};
export type HttpRequestDurationSecondsLabels = { method: HttpRequestDurationSecondsMethod, route: string, status_code: string };

/** A gauge: HTTP requests being answered now. */
export const HTTP_REQUESTS_IN_FLIGHT = {
  name: "http_requests_in_flight",
  help: "HTTP requests being answered now.",
  labelNames: [] as const,
};
