-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- What the logs cost per day, about: lines, letters, and dollars at Cloud Logging's 0.50 a GiB, over the last 30 days.
SELECT
  DATE(time) AS day,
  service,
  COUNT(*) AS lines,
  SUM(letters) AS letters,
  SUM(letters) / POW(2, 30) * 0.5 AS dollars
FROM (
  SELECT
    time,
    service,
    LENGTH(message)
    + COALESCE(LENGTH(stack_trace), 0)
    + COALESCE(LENGTH(TO_JSON_STRING(fields)), 0)
    + 300 AS letters -- what the other members of a line take
  FROM `${project}.${dataset}.logs`
  WHERE time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 30 DAY)
)
GROUP BY day, service
ORDER BY day DESC, dollars DESC, service
