-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- Sync runs by hour: how many ended and failed, what they synced and set aside, and the longest, over the last 7 days.
SELECT
  TIMESTAMP_TRUNC(time, HOUR) AS hour,
  service,
  COUNTIF(message = 'Sync ended') AS ended,
  COUNTIF(message IN ('Sync failed', 'Sync broke')) AS failed,
  SUM(SAFE_CAST(JSON_VALUE(fields, '$.synced') AS FLOAT64)) AS synced,
  SUM(SAFE_CAST(JSON_VALUE(fields, '$.set_aside') AS FLOAT64)) AS set_aside,
  MAX(SAFE_CAST(JSON_VALUE(fields, '$.latency_ms') AS FLOAT64)) AS longest_ms
FROM `${project}.${dataset}.logs`
WHERE
  message IN ('Sync ended', 'Sync failed', 'Sync broke')
  AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
GROUP BY hour, service
ORDER BY hour DESC, service
