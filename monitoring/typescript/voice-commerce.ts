// Written by `tocsin build` from the catalog: change the declaration, not this file.

export const SERVICE = "voice-commerce";
export const PORT = 8083;

export const VOICE_COMMANDS_TOTAL_INTENT_VALUES = ["order", "search", "order_status", "cancel", "help", "unknown", "other"] as const;
export type VoiceCommandsTotalIntent = (typeof VOICE_COMMANDS_TOTAL_INTENT_VALUES)[number];
/** A counter: Total number of voice commands processed. */
export const VOICE_COMMANDS_TOTAL = {
  name: "voice_commands_total",
  help: "Total number of voice commands processed.",
  labelNames: ["intent"] as const,
};
export type VoiceCommandsTotalLabels = { intent: VoiceCommandsTotalIntent };
/** The labels of every series, to be started at 0. */
export const VOICE_COMMANDS_TOTAL_SERIES: readonly VoiceCommandsTotalLabels[] =
  VOICE_COMMANDS_TOTAL_INTENT_VALUES.map((intent) => ({ intent }));

/** A counter: Total number of orders created via voice. */
export const ORDERS_CREATED_TOTAL = {
  name: "orders_created_total",
  help: "Total number of orders created via voice.",
  labelNames: [] as const,
};

/** A histogram: Confidence score of intent extraction, from 0 to 1. */
export const INTENT_CONFIDENCE = {
  name: "intent_confidence",
  help: "Confidence score of intent extraction, from 0 to 1.",
  labelNames: [] as const,
  buckets: [0.1, 0.3, 0.5, 0.7, 0.9, 1.0],
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
