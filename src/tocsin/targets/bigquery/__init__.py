"""BigQuery: the tables that logs come to, the sink that brings them, and the views that people ask.

Cloud Logging's sink writes what a service says to a table for each log: `run_googleapis_com_stdout` and `..._stderr` on
Cloud Run, `stdout` and `stderr` on GKE. It makes the columns as it first sees a field, so that a view could not name
what nobody said yet: the tables are made first, with every column that the view `logs` reads, and the sink adds what
they lack. Users' own names come to it in small letters (`jsonPayload.servicecontext`, `labels.request_id`), numbers of
a payload as FLOAT64, a latency as FLOAT64 in seconds. What `tocsin logs load` brings lies in `records`.

Sources: Cloud Logging's documentation, "BigQuery schema for routed logs" (field naming), "Route logs to supported
destinations" (roles/bigquery.dataEditor for the writer), "sinks.create" (uniqueWriterIdentity), "LogSink"
(bigqueryOptions), "Logging query language" (log_id, OR of values), "Quotas and limits" (a sink's filter has at most
20,000 letters) and "Structured logging" (special fields); Cloud Run's, "Logging and viewing logs"; BigQuery's,
"TableFieldSchema", "Data control language" (GRANT ON SCHEMA) and "JSON functions" (TO_JSON, JSON_STRIP_NULLS);
Terraform's google provider: google_bigquery_dataset, google_bigquery_table, google_bigquery_dataset_iam_member,
google_logging_project_sink. That the sink goes on with tables that were made for it is what Google's own
bq-backup-manager and agents-cli rest on; no page of the documentation says it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import Plan
from tocsin.derive.questions import QUESTIONS
from tocsin.targets.artifact import Artifact
from tocsin.targets.bigquery import filters, schema, script, terraform, views
from tocsin.targets.site import Site


def render(plan: Plan, _: Site) -> Iterator[Artifact]:
    """Yield what sets BigQuery up: Terraform, the same as a script, schemas, and views."""
    sinks = filters.sinks(service.name for service in plan.catalog.services)
    yield Artifact("bigquery/main.tf", terraform.main(sinks))
    yield Artifact("bigquery/setup.sh", script.setup(sinks))
    yield Artifact("bigquery/schema.json", schema.spelled(schema.records()))
    yield Artifact("bigquery/sink.json", schema.spelled(schema.sink()))
    yield Artifact("bigquery/views/logs.sql", views.logs())
    for question in QUESTIONS:
        yield Artifact(f"bigquery/views/{question.name}.sql", views.question(question))
