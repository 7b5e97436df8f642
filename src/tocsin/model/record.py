"""A log record as a row: the one definition behind the tables, the views and the pages.

Sources: docs/sdk.md, "Logs", for the members; BigQuery's documentation, "Data types", for the types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["TIMESTAMP", "STRING", "INT64", "FLOAT64", "BOOL", "JSON"]
"""Those of BigQuery's types that a record needs."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: BigQuery's name of its type, and the *member* of a line that it holds, as docs/sdk.md spells it."""

    name: str
    type: ColumnType
    member: str
    help: str

    @property
    def path(self) -> tuple[str, ...]:
        """The member's name in the line, and below it, if it stands below another."""
        domain, slash, rest = self.member.rpartition("/")
        first, *below = rest.split(".")
        return (f"{domain}{slash}{first}", *below)


_GOOGLE = "logging.googleapis.com"

COLUMNS = (
    Column("time", "TIMESTAMP", "time", "When it was said, in UTC, with microseconds."),
    Column("severity", "STRING", "severity", "`DEFAULT`, `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`."),
    Column("service", "STRING", "serviceContext.service", "The service's name in the catalog."),
    Column("version", "STRING", "serviceContext.version", "The release that said it."),
    Column("environment", "STRING", f"{_GOOGLE}/labels.environment", "Such as `production`."),
    Column("logger", "STRING", f"{_GOOGLE}/labels.logger", "The standard library's logger; only of its records."),
    Column("message", "STRING", "message", "What was said."),
    Column("request_id", "STRING", f"{_GOOGLE}/labels.request_id", "The request's id; only within a request."),
    Column("trace", "STRING", f"{_GOOGLE}/trace", "The trace's id alone, without its project; only within a trace."),
    Column("span", "STRING", f"{_GOOGLE}/spanId", "The span's id; only within one."),
    Column("sampled", "BOOL", f"{_GOOGLE}/trace_sampled", "Whether the trace is sampled; only within one."),
    Column("file", "STRING", f"{_GOOGLE}/sourceLocation.file", "The file that said it, from `WARNING` on."),
    Column("line", "INT64", f"{_GOOGLE}/sourceLocation.line", "The line in that file."),
    Column("function", "STRING", f"{_GOOGLE}/sourceLocation.function", "The function around that line."),
    Column("method", "STRING", "httpRequest.requestMethod", "The method; only of an answered request, as all of HTTP."),
    Column("url", "STRING", "httpRequest.requestUrl", "The path, without its query."),
    Column("status", "INT64", "httpRequest.status", "The status of the answer."),
    Column("latency", "FLOAT64", "httpRequest.latency", "How long the answer took, in seconds."),
    Column("user_agent", "STRING", "httpRequest.userAgent", "The client's own name."),
    Column("protocol", "STRING", "httpRequest.protocol", "Such as `HTTP/1.1`."),
    Column("stack_trace", "STRING", "stack_trace", "The traceback of an exception."),
    Column("fields", "JSON", "fields", "All that the caller added; `route` in the line of a request."),
)
"""Every column, in its order. All but time, severity, service and message may be NULL."""
