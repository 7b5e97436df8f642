-- The errors that were said most often, counted as one where only numbers and ids differ, over the last 7 days.
SELECT
  service,
  REGEXP_REPLACE(message, r'\b[0-9a-fA-F-]*[0-9][0-9a-fA-F-]*\b', '#') AS fingerprint,
  COUNT(*) AS times,
  COUNT(DISTINCT trace) AS traces,
  MIN(time) AS first_seen,
  MAX(time) AS last_seen,
  MAX(message) AS such_as
FROM logs
WHERE severity IN ('ERROR', 'CRITICAL') AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
GROUP BY service, fingerprint
ORDER BY times DESC, service, fingerprint
LIMIT 100
