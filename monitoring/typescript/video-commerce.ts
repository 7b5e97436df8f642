// Written by `tocsin build` from the catalog: change the declaration, not this file.

export const SERVICE = "video-commerce";
export const PORT = 8084;

/** A counter: Playbacks that a viewer asked for. */
export const VIDEO_PLAYBACK_STARTS_TOTAL = {
  name: "video_playback_starts_total",
  help: "Playbacks that a viewer asked for.",
  labelNames: [] as const,
};

export const VIDEO_PLAYBACK_FAILURES_TOTAL_REASON_VALUES = ["aborted", "network", "decode", "unsupported", "other"] as const;
export type VideoPlaybackFailuresTotalReason = (typeof VIDEO_PLAYBACK_FAILURES_TOTAL_REASON_VALUES)[number];
/** A counter: Playbacks that broke, by the player's reason. */
export const VIDEO_PLAYBACK_FAILURES_TOTAL = {
  name: "video_playback_failures_total",
  help: "Playbacks that broke, by the player's reason.",
  labelNames: ["reason"] as const,
};
export type VideoPlaybackFailuresTotalLabels = { reason: VideoPlaybackFailuresTotalReason };
/** The labels of every series, to be started at 0. */
export const VIDEO_PLAYBACK_FAILURES_TOTAL_SERIES: readonly VideoPlaybackFailuresTotalLabels[] =
  VIDEO_PLAYBACK_FAILURES_TOTAL_REASON_VALUES.map((reason) => ({ reason }));

/** A histogram: Time from asking for a playback to its first frame. */
export const VIDEO_FIRST_FRAME_SECONDS = {
  name: "video_first_frame_seconds",
  help: "Time from asking for a playback to its first frame.",
  labelNames: [] as const,
  buckets: [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
};

/** A histogram: Share of a playback's time that it stood still to load, from 0 to 1. */
export const VIDEO_REBUFFER_RATIO = {
  name: "video_rebuffer_ratio",
  help: "Share of a playback's time that it stood still to load, from 0 to 1.",
  labelNames: [] as const,
  buckets: [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0],
};

/** A counter: Products put into the cart from a video. */
export const VIDEO_CART_ADDITIONS_TOTAL = {
  name: "video_cart_additions_total",
  help: "Products put into the cart from a video.",
  labelNames: [] as const,
};

/** A histogram: Largest Contentful Paint of the page. */
export const WEB_VITALS_LCP_SECONDS = {
  name: "web_vitals_lcp_seconds",
  help: "Largest Contentful Paint of the page.",
  labelNames: [] as const,
  buckets: [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0],
};

/** A histogram: Interaction to Next Paint of the page. */
export const WEB_VITALS_INP_SECONDS = {
  name: "web_vitals_inp_seconds",
  help: "Interaction to Next Paint of the page.",
  labelNames: [] as const,
  buckets: [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0],
};

/** A histogram: Cumulative Layout Shift of the page. */
export const WEB_VITALS_CLS_SCORE = {
  name: "web_vitals_cls_score",
  help: "Cumulative Layout Shift of the page.",
  labelNames: [] as const,
  buckets: [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0],
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
