"""Brings a store's records to BigQuery's table `records`: a load job for each day of each service.

Load jobs are free, and all of a job's rows appear or none. A job's id holds the day and the service, so that BigQuery
itself refuses to take the same day twice, whoever asks and whatever was cut off meanwhile; a label holds what the
content was. A failed job has taken its id, and the next try has the next number.
Sources: BigQuery's documentation, "Loading JSON data" (newline-delimited; a JSON column takes the value as it stands),
"jobs.insert" (jobReference, 409 for an id that there was) and "Requirements for labels".
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from google.api_core.exceptions import Conflict, Forbidden, GoogleAPICallError, NotFound
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from requests import RequestException

from tocsin.logs import layout, rows
from tocsin.model import COLUMNS, TocsinError

TABLE = "records"

PATIENCE = 20.0
"""Seconds for which BigQuery may be out of reach before that is said."""

_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A day of a service that BigQuery has, with its *lines*; *before* tells that it had them before."""

    day: date
    service: str
    lines: int
    before: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A day of a service, written as a file; *content* stands for all of it."""

    day: date
    service: str
    lines: int
    file: Path
    content: str


def connect(project: str) -> bigquery.Client:
    """Return a client with the credentials that this machine has for Google Cloud.

    Raises:
        TocsinError: it has none.

    """
    try:
        return bigquery.Client(project)
    except DefaultCredentialsError:
        raise TocsinError(
            "This machine has no credentials of Google Cloud: run `gcloud auth application-default login`, "
            "or name a key in GOOGLE_APPLICATION_CREDENTIALS."
        ) from None


def load(
    client: bigquery.Client, dataset: str, store: Path, days: Collection[date] = (), *, again: bool = False
) -> Iterator[Loaded]:
    """Load *days*, or else all that are over, and yield each with what became of it.

    With *again*, days are loaded although BigQuery had them; it is for the caller to have removed their rows.

    Raises:
        TocsinError: BigQuery cannot be asked or refuses, or had a day with other lines.

    """
    name = f"{client.project}.{dataset}.{TABLE}"
    with _refusals(name):
        table = client.get_table(name, retry=DEFAULT_RETRY.with_timeout(PATIENCE))
    with TemporaryDirectory() as folder, duckdb.connect(config={"temp_directory": folder}) as database:
        database.execute("SET TimeZone = 'UTC'")
        for day, service in _there(database, store, days):
            part = _written(database, store, day, service, Path(folder) / "part.json")
            with _refusals(name):
                yield _bring(client, table, part, again=again)


def _there(database: duckdb.DuckDBPyConnection, store: Path, days: Collection[date]) -> list[tuple[date, str]]:
    """Return the days, each with every service that said something."""
    found = database.execute(
        f'SELECT DISTINCT CAST("time" AS DATE), "service" FROM ({rows.of(layout.readable(store))}) ORDER BY ALL'  # noqa: S608 - all names are quoted
    ).fetchall()
    today = datetime.now(UTC).date()
    return [(day, service or "") for day, service in found if (day in days if days else day < today)]


def _written(database: duckdb.DuckDBPyConnection, store: Path, day: date, service: str, file: Path) -> _Part:
    """Write a day of a service as lines of JSON, the same lines in the same order whatever files they come from."""
    what = ", ".join(
        """strftime("time", '%Y-%m-%dT%H:%M:%S.%fZ') AS "time\""""
        if column.name == "time"
        else rows.quoted(column.name)
        for column in COLUMNS
    )
    which = (
        f'CAST("time" AS DATE) = {rows.literal(day.isoformat())} '
        f"AND coalesce(\"service\", '') = {rows.literal(service)}"
    )
    found = f"SELECT {what} FROM ({rows.of(layout.readable(store))}) WHERE {which} ORDER BY ALL"  # noqa: S608 - all names are quoted
    lines = database.execute(f"COPY ({found}) TO {rows.literal(str(file))} (FORMAT json)").fetchall()[0][0]
    with file.open("rb") as opened:
        content = hashlib.file_digest(opened, "sha256").hexdigest()[:32]
    return _Part(day, service, lines, file, content)


def _bring(client: bigquery.Client, table: bigquery.Table, part: _Part, *, again: bool) -> Loaded:
    """Load a part, unless BigQuery had it."""
    for number in itertools.count(1):
        name = _NOT_IN_AN_ID.sub("_", f"tocsin_{table.dataset_id}_{part.day}_{part.service}_{number}")
        try:
            with part.file.open("rb") as opened:
                job = client.load_table_from_file(
                    opened, table.reference, job_id=name, location=table.location, job_config=_configuration(part)
                )
        except Conflict:
            former = client.get_job(name, location=table.location)
            if again or former.error_result:
                continue
            if former.labels.get("content") != part.content:
                raise TocsinError(
                    f"BigQuery has {part.day} of {part.service} already, but with other lines: remove its rows from "
                    f"{table.dataset_id}.{TABLE}, and load it with --day {part.day} --again."
                ) from None
            former.result()
            return Loaded(part.day, part.service, part.lines, before=True)
        job.result()
        return Loaded(part.day, part.service, part.lines, before=False)
    raise AssertionError  # numbers do not end


def _configuration(part: _Part) -> bigquery.LoadJobConfig:
    configuration = bigquery.LoadJobConfig()
    configuration.source_format = bigquery.SourceFormat.NEWLINE_DELIMITED_JSON
    configuration.write_disposition = bigquery.WriteDisposition.WRITE_APPEND
    configuration.create_disposition = bigquery.CreateDisposition.CREATE_NEVER
    configuration.schema = [
        bigquery.SchemaField(column.name, column.type, "REQUIRED" if column.name == "time" else "NULLABLE")
        for column in COLUMNS
    ]
    configuration.labels = {"by": "tocsin", "content": part.content}
    return configuration


@contextmanager
def _refusals(table: str) -> Iterator[None]:
    """Say in a sentence what BigQuery, or the way to it, refuses."""
    try:
        yield
    except NotFound:
        raise TocsinError(
            f"BigQuery has no table {table}: make it with monitoring/bigquery, or mend --project and --dataset."
        ) from None
    except Forbidden as refusal:
        raise TocsinError(
            f"BigQuery does not let you load into {table} ({refusal.message}): it takes roles/bigquery.dataEditor "
            "on the dataset and roles/bigquery.jobUser in the project."
        ) from None
    except (GoogleAPICallError, GoogleAuthError, RequestException) as problem:
        raise TocsinError(f"BigQuery did not take what was to be loaded into {table}: {problem}") from None
