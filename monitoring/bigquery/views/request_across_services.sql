-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- One request across services: ask WHERE trace = '...' for its lines, with the milliseconds since its first.
SELECT
  trace,
  time,
  TIMESTAMP_DIFF(time, MIN(time) OVER (PARTITION BY trace), MICROSECOND) / 1000 AS after_ms,
  service,
  severity,
  message,
  status,
  latency,
  span,
  request_id
FROM `${project}.${dataset}.logs`
WHERE trace IS NOT NULL AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
ORDER BY trace, time, service
