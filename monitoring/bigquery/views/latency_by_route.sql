-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- Latency by route: requests, the share that failed, and the percentiles in seconds, over the last day.
SELECT
  service,
  JSON_VALUE(fields, '$.route') AS route,
  COUNT(*) AS requests,
  SAFE_DIVIDE(COUNTIF(status >= 500), COUNT(*)) AS failed,
  APPROX_QUANTILES(latency, 100)[OFFSET(50)] AS p50,
  APPROX_QUANTILES(latency, 100)[OFFSET(95)] AS p95,
  APPROX_QUANTILES(latency, 100)[OFFSET(99)] AS p99
FROM `${project}.${dataset}.logs`
WHERE latency IS NOT NULL AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)
GROUP BY service, route
ORDER BY p95 DESC, service, route
