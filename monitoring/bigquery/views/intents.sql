-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- What customers wanted when they spoke, by hour, with how sure the service was, over the last 7 days.
SELECT
  TIMESTAMP_TRUNC(time, HOUR) AS hour,
  JSON_VALUE(fields, '$.intent') AS intent,
  COUNT(*) AS commands,
  AVG(SAFE_CAST(JSON_VALUE(fields, '$.confidence') AS FLOAT64)) AS confidence
FROM `${project}.${dataset}.logs`
WHERE message = 'Command understood' AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY)
GROUP BY hour, intent
ORDER BY hour DESC, commands DESC, intent
