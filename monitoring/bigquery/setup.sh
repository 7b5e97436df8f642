#!/usr/bin/env bash
# Written by `tocsin build` from the catalog: change the declaration, not this file.
set -eu

if [ "$#" -lt 1 ]; then
  echo "Usage: setup.sh PROJECT [DATASET] [LOCATION] [RETENTION_DAYS]" >&2
  exit 2
fi
project="$1"
dataset="${2:-tocsin}"
location="${3:-US}"
retention="$((${4:-90} * 24 * 60 * 60))"
here="$(dirname "$0")"

query() {
  bq --project_id="$project" --location="$location" query --quiet --use_legacy_sql=false "$1"
}

table() { # its name, its schema, the column of its days, and what else bq mk is told
  name="$1" schema="$2" column="$3"
  shift 3
  if bq --project_id="$project" show "$project:$dataset.$name" >/dev/null 2>&1; then
    bq --project_id="$project" update --time_partitioning_expiration "$retention" "$project:$dataset.$name"
  else
    bq --project_id="$project" mk --table --schema "$here/$schema" --time_partitioning_type DAY \
      --time_partitioning_field "$column" --time_partitioning_expiration "$retention" "$@" "$project:$dataset.$name"
  fi
}

sink() { # its name, and its filter
  destination="bigquery.googleapis.com/projects/$project/datasets/$dataset"
  if gcloud logging sinks describe "$1" --project="$project" >/dev/null 2>&1; then
    gcloud logging sinks update "$1" "$destination" --project="$project" --log-filter="$2"
  else
    gcloud logging sinks create "$1" "$destination" --project="$project" --log-filter="$2" \
      --use-partitioned-tables --description="What the catalog's services say."
  fi
}

view() { # its name
  text="$(sed -e "s/[$]{project}/$project/g" -e "s/[$]{dataset}/$dataset/g" "$here/views/$1.sql")"
  query "CREATE OR REPLACE VIEW \`$project.$dataset.$1\` AS
$text"
}

if bq --project_id="$project" show --dataset "$project:$dataset" >/dev/null 2>&1; then
  bq --project_id="$project" update --dataset --default_partition_expiration "$retention" "$project:$dataset"
else
  bq --project_id="$project" --location="$location" mk --dataset --default_partition_expiration "$retention" \
    --description "Logs of the catalog's services." "$project:$dataset"
fi

table records schema.json time --clustering_fields service,severity
table run_googleapis_com_stdout sink.json timestamp
table run_googleapis_com_stderr sink.json timestamp
table stdout sink.json timestamp
table stderr sink.json timestamp

sink tocsin-logs '(log_id("run.googleapis.com/stdout") OR log_id("run.googleapis.com/stderr") OR log_id("stdout") OR log_id("stderr"))
AND ((resource.type="cloud_run_revision" AND resource.labels.service_name=("lightspeed-bigquery" OR "customer-profile" OR "si-recommendations" OR "voice-commerce" OR "video-commerce"))
OR (resource.type="cloud_run_job" AND resource.labels.job_name=("lightspeed-bigquery" OR "customer-profile" OR "si-recommendations" OR "voice-commerce" OR "video-commerce"))
OR (resource.type="k8s_container" AND resource.labels.container_name=("lightspeed-bigquery" OR "customer-profile" OR "si-recommendations" OR "voice-commerce" OR "video-commerce")))'
writer="$(gcloud logging sinks describe tocsin-logs --project="$project" --format='value(writerIdentity)')"
query "GRANT \`roles/bigquery.dataEditor\` ON SCHEMA \`$project.$dataset\` TO '$writer'"

view logs
view cost_per_day
view errors_by_minute
view intents
view job_runs
view latency_by_route
view request_across_services
view slowest_requests
view sync_runs
view top_errors
