-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- Errors by service and minute, with the share that they are of all lines, over the last day.
SELECT
  TIMESTAMP_TRUNC(time, MINUTE) AS minute,
  service,
  COUNTIF(severity IN ('ERROR', 'CRITICAL')) AS errors,
  COUNT(*) AS lines,
  SAFE_DIVIDE(COUNTIF(severity IN ('ERROR', 'CRITICAL')), COUNT(*)) AS share
FROM `${project}.${dataset}.logs`
WHERE time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)
GROUP BY minute, service
HAVING errors > 0
ORDER BY minute DESC, service
