-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- Runs of jobs by day: how many, how many failed, the last success, and the longest in seconds, over the last 30 days.
SELECT
  DATE(time) AS day,
  service,
  JSON_VALUE(fields, '$.job_name') AS job,
  COUNT(*) AS runs,
  COUNTIF(severity = 'ERROR') AS failed,
  MAX(IF(severity = 'INFO', time, NULL)) AS last_success,
  MAX(SAFE_CAST(JSON_VALUE(fields, '$.seconds') AS FLOAT64)) AS longest
FROM `${project}.${dataset}.logs`
WHERE
  (message LIKE 'Job % succeeded' OR message LIKE 'Job % failed')
  AND JSON_VALUE(fields, '$.job_name') IS NOT NULL
  AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
GROUP BY day, service, job
ORDER BY day DESC, service, job
