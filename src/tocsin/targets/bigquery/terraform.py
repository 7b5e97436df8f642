"""The set-up as a Terraform configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import indent

from tocsin.derive.questions import QUESTIONS
from tocsin.targets.bigquery.schema import SINK_TABLES
from tocsin.targets.text import NOTICE

_MAIN = """\
terraform {{
  required_version = ">= 1.3"
  required_providers {{
    google = {{
      source  = "hashicorp/google"
      version = ">= 5.0"
    }}
  }}
}}

variable "project" {{
  type        = string
  description = "The project whose logs are kept, and in which they are kept."
}}

variable "dataset" {{
  type        = string
  description = "The dataset that is made for them."
  default     = "tocsin"
}}

variable "location" {{
  type        = string
  description = "Where the dataset lies; it cannot be moved."
  default     = "US"
}}

variable "retention_days" {{
  type        = number
  description = "How long a day's logs are kept."
  default     = 90
}}

locals {{
  retention_ms = var.retention_days * 24 * 60 * 60 * 1000
  names = {{
    project = var.project
    dataset = var.dataset
  }}

  filters = {{
{filters}
  }}

  questions = {{
{questions}
  }}
}}

resource "google_bigquery_dataset" "logs" {{
  project                         = var.project
  dataset_id                      = var.dataset
  location                        = var.location
  description                     = "Logs of the catalog's services."
  default_partition_expiration_ms = local.retention_ms
}}

resource "google_bigquery_table" "records" {{
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = "records"
  description         = "What `tocsin logs load` brought."
  clustering          = ["service", "severity"]
  schema              = file("${{path.module}}/schema.json")
  deletion_protection = true

  time_partitioning {{
    type          = "DAY"
    field         = "time"
    expiration_ms = local.retention_ms
  }}
}}

resource "google_bigquery_table" "sink" {{
  for_each            = toset({tables})
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = each.value
  description         = "What Cloud Logging's sink writes."
  schema              = file("${{path.module}}/sink.json")
  deletion_protection = true

  time_partitioning {{
    type          = "DAY"
    field         = "timestamp"
    expiration_ms = local.retention_ms
  }}

  lifecycle {{
    ignore_changes = [schema] # the sink adds the fields that it sees
  }}
}}

resource "google_logging_project_sink" "logs" {{
  for_each               = local.filters
  project                = var.project
  name                   = each.key
  description            = "What the catalog's services say."
  destination            = "bigquery.googleapis.com/projects/${{var.project}}/datasets/${{var.dataset}}"
  filter                 = each.value
  unique_writer_identity = true

  bigquery_options {{
    use_partitioned_tables = true
  }}

  depends_on = [google_bigquery_table.sink]
}}

resource "google_bigquery_dataset_iam_member" "writer" {{
  project    = var.project
  dataset_id = google_bigquery_dataset.logs.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_logging_project_sink.logs["{first}"].writer_identity # all sinks of a project have one writer
}}

resource "google_bigquery_table" "logs" {{
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = "logs"
  description         = "Every record, under one name for each column."
  deletion_protection = false

  view {{
    query          = templatefile("${{path.module}}/views/logs.sql", local.names)
    use_legacy_sql = false
  }}

  depends_on = [google_bigquery_table.records, google_bigquery_table.sink]
}}

resource "google_bigquery_table" "questions" {{
  for_each            = local.questions
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = each.key
  description         = each.value
  deletion_protection = false

  view {{
    query          = templatefile("${{path.module}}/views/${{each.key}}.sql", local.names)
    use_legacy_sql = false
  }}

  depends_on = [google_bigquery_table.logs]
}}
"""


def main(sinks: Mapping[str, str]) -> str:
    """Return main.tf, with the filter of each sink by its name."""
    filters = "\n".join(f'    "{name}" = <<-EOT\n{indent(text, " " * 6)}\n    EOT' for name, text in sinks.items())
    width = max(len(question.name) for question in QUESTIONS)
    questions = "\n".join(f"    {each.name:<{width}} = {json.dumps(each.title)}" for each in QUESTIONS)
    tables = json.dumps(SINK_TABLES)
    return NOTICE + _MAIN.format(filters=filters, questions=questions, tables=tables, first=next(iter(sinks)))
