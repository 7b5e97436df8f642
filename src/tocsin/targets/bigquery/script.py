"""The set-up as a script of gcloud and bq, for those who have no Terraform; it may be run again."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.derive.questions import QUESTIONS
from tocsin.targets.bigquery.schema import SINK_TABLES
from tocsin.targets.text import NOTICE

_SETUP = """\
set -eu

if [ "$#" -lt 1 ]; then
  echo "Usage: setup.sh PROJECT [DATASET] [LOCATION] [RETENTION_DAYS]" >&2
  exit 2
fi
project="$1"
dataset="${{2:-tocsin}}"
location="${{3:-US}}"
retention="$((${{4:-90}} * 24 * 60 * 60))"
here="$(dirname "$0")"

query() {{
  bq --project_id="$project" --location="$location" query --quiet --use_legacy_sql=false "$1"
}}

table() {{ # its name, its schema, the column of its days, and what else bq mk is told
  name="$1" schema="$2" column="$3"
  shift 3
  if bq --project_id="$project" show "$project:$dataset.$name" >/dev/null 2>&1; then
    bq --project_id="$project" update --time_partitioning_expiration "$retention" "$project:$dataset.$name"
  else
    bq --project_id="$project" mk --table --schema "$here/$schema" --time_partitioning_type DAY \\
      --time_partitioning_field "$column" --time_partitioning_expiration "$retention" "$@" "$project:$dataset.$name"
  fi
}}

sink() {{ # its name, and its filter
  destination="bigquery.googleapis.com/projects/$project/datasets/$dataset"
  if gcloud logging sinks describe "$1" --project="$project" >/dev/null 2>&1; then
    gcloud logging sinks update "$1" "$destination" --project="$project" --log-filter="$2"
  else
    gcloud logging sinks create "$1" "$destination" --project="$project" --log-filter="$2" \\
      --use-partitioned-tables --description="What the catalog's services say."
  fi
}}

view() {{ # its name
  text="$(sed -e "s/[$]{{project}}/$project/g" -e "s/[$]{{dataset}}/$dataset/g" "$here/views/$1.sql")"
  query "CREATE OR REPLACE VIEW \\`$project.$dataset.$1\\` AS
$text"
}}

if bq --project_id="$project" show --dataset "$project:$dataset" >/dev/null 2>&1; then
  bq --project_id="$project" update --dataset --default_partition_expiration "$retention" "$project:$dataset"
else
  bq --project_id="$project" --location="$location" mk --dataset --default_partition_expiration "$retention" \\
    --description "Logs of the catalog's services." "$project:$dataset"
fi

table records schema.json time --clustering_fields service,severity
{tables}

{sinks}
writer="$(gcloud logging sinks describe {first} --project="$project" --format='value(writerIdentity)')"
query "GRANT \\`roles/bigquery.dataEditor\\` ON SCHEMA \\`$project.$dataset\\` TO '$writer'"

view logs
{views}
"""


def setup(sinks: Mapping[str, str]) -> str:
    """Return setup.sh, with the filter of each sink by its name."""
    return (
        "#!/usr/bin/env bash\n"
        + NOTICE
        + _SETUP.format(
            tables="\n".join(f"table {name} sink.json timestamp" for name in SINK_TABLES),
            sinks="\n".join(f"sink {name} '{text}'" for name, text in sinks.items()),
            first=next(iter(sinks)),
            views="\n".join(f"view {question.name}" for question in QUESTIONS),
        )
    )
