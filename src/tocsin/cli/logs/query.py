"""`tocsin logs query`: ask a store in BigQuery's SQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tocsin.cli.logs.ship import StoreOption
from tocsin.cli.logs.store import store_to_read, tell_absence
from tocsin.derive.questions import QUESTIONS
from tocsin.model import TocsinError

if TYPE_CHECKING:
    from tocsin.logs.database import Database
    from tocsin.logs.sql import Parameter

Form = Literal["table", "json", "csv", "parquet"]

_PARAMETER_PARTS = 3


def query(  # noqa: PLR0917 - typer hands them over by name
    sql: Annotated[str | None, typer.Argument(help="The query; - reads it from standard input.")] = None,
    question: Annotated[str | None, typer.Option(help="Ask a question of the library instead.")] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write the answer.")] = "table",
    output: Annotated[Path | None, typer.Option(help="A file to write the answer to.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows to write at most; 0 for all.")] = 1000,
    parameter: Annotated[list[str] | None, typer.Option(help="The value of @NAME, as NAME:TYPE:VALUE.")] = None,
    timeout: Annotated[float, typer.Option(min=0.001, help="Seconds that the query may take.")] = 60,
    memory: Annotated[str, typer.Option(help="Memory that the query may take.")] = "1GB",
    explain: Annotated[
        bool, typer.Option("--explain", help="Write DuckDB's SQL of the query, and ask nothing.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Answer a query in BigQuery's SQL; exit 0 when it is answered, 1 when it is refused or fails."""
    from tocsin.logs.database import Limits, asked  # noqa: PLC0415 - an extra, which no other verb needs
    from tocsin.logs.refusal import QueryError  # noqa: PLC0415 - an extra, which no other verb needs

    text = _asked(sql, question)
    folder = store_to_read(store)
    target = _target(form, output, folder)
    more = "ask for less, or give it more with"
    limits = Limits(timeout, memory, late=f"{more} --timeout", large=f"{more} --memory")
    try:
        do = _task(text, _parameters(parameter or ()), form, limit, output, explain=explain)
        written = asked(folder, do, {each.name: each.sql for each in QUESTIONS}, limits, target)
    except QueryError as error:
        sys.stderr.write(f"tocsin: {error}\n{error.excerpt}")
        raise typer.Exit(1) from None
    finally:
        if target is not None:
            target.unlink(missing_ok=True)
    _write(written, output if form != "parquet" else None)
    tell_absence(folder)


def _task(
    sql: str, parameters: dict[str, Parameter], form: Form, limit: int, output: Path | None, *, explain: bool
) -> Callable[[Database], str]:
    """Return what asks the store and returns what is to be written."""
    if explain:
        return lambda database: _explained(database.translated(sql, parameters))
    if form == "parquet":
        return lambda database: _saved(database, sql, parameters, output)
    return lambda database: _answered(database, sql, parameters, form, limit)


def _asked(sql: str | None, question: str | None) -> str:
    if (sql is None) == (question is None):
        raise TocsinError("Give a query or the name of a question with --question: one of them.")
    if question is not None:
        found = {each.name: each.sql for each in QUESTIONS}.get(question)
        if found is None:
            names = ", ".join(each.name for each in QUESTIONS)
            raise TocsinError(f"There is no question {question!r}: choose from {names}.")
        return found
    return sys.stdin.read() if sql == "-" else sql or ""


def _target(form: Form, output: Path | None, store: Path) -> Path | None:
    """Return the file into which DuckDB writes, before it takes the name that was asked for."""
    if output is not None and output.absolute().resolve().is_relative_to(store.absolute().resolve()):
        raise TocsinError(f"{output} is in the store, which a query leaves as it is: name another with --output.")
    if form != "parquet":
        return None
    if output is None:
        raise TocsinError("Parquet is no text: name a file with --output.")
    target = output.absolute().with_name(f".{output.name}.part")
    with _writing(output):
        target.touch()
        target.unlink()  # DuckDB makes it, and would not write over it
    return target


def _parameters(given: list[str] | tuple[()]) -> dict[str, Parameter]:
    from tocsin.logs.sql import PARAMETER_TYPES, Parameter  # noqa: PLC0415 - an extra, which no other verb needs

    found = {}
    for each in given:
        name, *rest = each.split(":", 2)
        kind = (rest[0] or "STRING").upper() if rest else ""
        if not name.isidentifier() or len(rest) != _PARAMETER_PARTS - 1 or kind not in PARAMETER_TYPES:
            types = ", ".join(PARAMETER_TYPES)
            raise TocsinError(f"{each!r} is no parameter: write NAME:TYPE:VALUE with one of the types {types}.")
        found[name] = Parameter(kind, rest[1])
    return found


def _explained(made: str) -> str:
    from tocsin.logs.macros import needed  # noqa: PLC0415 - an extra, which no other verb needs

    return "".join(f"{statement};\n" for statement in (*needed(made), made))


def _answered(database: Database, sql: str, parameters: dict[str, Parameter], form: Form, limit: int) -> str:
    from tocsin.cli.logs.rows import FORMS  # noqa: PLC0415 - an extra, which no other verb needs

    answer = database.ask(sql, parameters, limit or None)
    if answer.more:
        sys.stderr.write(f"tocsin: there are more rows than these {limit}: --limit 0 writes all.\n")
    return FORMS[form](answer)


def _saved(database: Database, sql: str, parameters: dict[str, Parameter], output: Path | None) -> str:
    count = database.save(sql, parameters)
    if output is not None:
        output.absolute().with_name(f".{output.name}.part").replace(output)
    return f"{count} {'row' if count == 1 else 'rows'} in {output}.\n"


def _write(written: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(written)
        return
    with _writing(output):
        output.write_text(written, encoding="utf-8")


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TocsinError(
            f"{output} cannot be written ({error.strerror}): name a file in a folder that is there."
        ) from None
