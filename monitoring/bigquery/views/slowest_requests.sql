-- Written by `tocsin build` from the catalog: change the declaration, not this file.
-- The hundred slowest requests of the last day, each with its trace.
SELECT time, service, method, url, status, latency, trace, request_id
FROM `${project}.${dataset}.logs`
WHERE latency IS NOT NULL AND time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)
ORDER BY latency DESC, time, service
LIMIT 100
