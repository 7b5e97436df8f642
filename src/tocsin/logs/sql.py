"""BigQuery's SQL as DuckDB's: one SELECT over the log's views, by the functions of the table and no others.

sqlglot parses and writes. The calls of functions stay as they were written until `functions.FUNCTIONS` says what each
means, for sqlglot's own translation is near but not the same: weeks, differences, formats, JSON, rounding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import ParseError, SqlglotError, TokenError, UnsupportedError
from sqlglot.parsers.bigquery import BigQueryParser

from tocsin.logs import grammar, queries
from tocsin.logs.functions import FUNCTIONS, INSTEAD
from tocsin.logs.refusal import QueryError, Refused, Spot, spot_of
from tocsin.logs.rewrites import call

LONGEST = 100_000
"""Characters of a query."""

_TOKEN = re.compile(r"<Token token_type: .*?, text: (.*?), line: .*?>", re.DOTALL)
_OWN_SYNTAX = {function.name for function in FUNCTIONS.values() if function.rewrite is None}


class Logs(BigQuery):
    """BigQuery's dialect, in which the calls of most functions are left as they are written."""

    class Parser(BigQueryParser):
        """A parser that gives a meaning of its own to few functions."""

        FUNCTIONS = {name: made for name, made in BigQueryParser.FUNCTIONS.items() if name in _OWN_SYNTAX}  # noqa: RUF012 - sqlglot's form
        FUNCTION_PARSERS = {  # noqa: RUF012 - sqlglot's form
            name: made for name, made in BigQueryParser.FUNCTION_PARSERS.items() if name in _OWN_SYNTAX
        }


@dataclass(frozen=True, slots=True)
class Parameter:
    """The value of `@name` in a query, as text, and its type in BigQuery."""

    type: str
    value: str

    def written(self) -> exp.Expr:
        """Return the value as it is written in a query; what is no value of the type is refused."""
        if self.type == "STRING":
            return exp.Literal.string(self.value)
        return exp.cast(exp.Literal.string(self.value), exp.DataType.build(self.type, dialect="bigquery"))


PARAMETER_TYPES = ("STRING", "INT64", "FLOAT64", "BOOL", "TIMESTAMP", "DATE")


def translate(sql: str, tables: Collection[str], parameters: Mapping[str, Parameter] | None = None) -> str:
    """Return DuckDB's SQL of a query of BigQuery's over *tables*.

    Raises:
        QueryError: it is no single SELECT, or something in it is not supported; the error says where.

    """
    if len(sql) > LONGEST:
        raise QueryError(f"The query has {len(sql)} characters, and may have {LONGEST}: make it shorter.")
    try:
        tree = _parsed(sql)
        grammar.check(tree)
        _check_functions(tree)
        queries.fill(tree, parameters)
        queries.name_tables(tree, tables)
        queries.expand_groups(tree)
        queries.name_columns(tree)
        tree = _rewritten(tree)
        return tree.sql(
            dialect="duckdb",
            identify=True,
            normalize_functions=False,
            comments=False,
            unsupported_level=sqlglot.ErrorLevel.RAISE,
        )
    except Refused as refused:
        raise QueryError(str(refused), sql, spot_of(refused.node)) from None
    except RecursionError:
        raise QueryError("The query is nested too deeply: take it apart by WITH.") from None
    except UnsupportedError as error:
        raise QueryError(f"Part of the query cannot be translated: {error}.") from None


def _parsed(sql: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=Logs) if tree is not None]
    except ParseError as error:
        raise _of_parser(sql, error) from None
    except TokenError as error:
        raise QueryError("The query cannot be read: a quote is opened in it and not closed.") from error
    except SqlglotError as error:
        raise QueryError(f"The query cannot be read: {error}.") from None
    if not trees:
        raise QueryError("The query is empty: write SELECT ... FROM logs.")
    if len(trees) > 1:
        raise Refused(trees[1], "Only one statement is run at a time: leave out what comes after the first.")
    tree = trees[0]
    if "|>" in sql and _piped(sql):
        raise QueryError("Pipe syntax is not supported here: write SELECT ... FROM ... WHERE.", sql, _piped(sql))
    return tree


def _piped(sql: str) -> Spot | None:
    for token in Logs().tokenize(sql):
        if token.token_type is sqlglot.TokenType.PIPE_GT:
            return Spot(token.start, token.end + 1)
    return None


def _of_parser(sql: str, error: ParseError) -> QueryError:
    [said, *_] = error.errors
    before = str(said.get("start_context") or "")
    highlight = str(said.get("highlight") or "")
    start = sql.find(before + highlight) + len(before) if before else 0
    if start < len(before):
        start = len(sql)
    what = _TOKEN.sub(r"\1", str(said.get("description") or "it is no SQL")).rstrip(".")
    return QueryError(f"This cannot be read as BigQuery SQL: {what}.", sql, Spot(start, start + max(1, len(highlight))))


def _check_functions(tree: exp.Expr) -> None:
    for node in tree.find_all(exp.Anonymous):
        name = node.name.upper()
        if grammar.is_part(node):
            continue
        function = FUNCTIONS.get(name)
        if function is None:
            instead = f": use {INSTEAD[name]}" if name in INSTEAD else ""
            raise Refused(node, f"{name} is not supported here{instead}.")
        count = len(node.expressions)
        if not function.least <= count <= function.most:
            wanted = f"{function.least}" if function.least == function.most else f"{function.least} to {function.most}"
            raise Refused(node, f"{name} takes {wanted} arguments, and has {count}: as in {function.example}.")


def _rewritten(tree: exp.Expr) -> exp.Expr:
    """Rewrite everything from the innermost outwards."""
    for node in reversed(list(_rewritable(tree))):
        new = _new(node)
        if new is not node:
            if node is tree:
                tree = new
            node.replace(new)
    return tree


def _rewritable(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield every node after the one that it stands in."""
    yield from tree.walk(bfs=True)


def _new(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous):
        function = FUNCTIONS.get(node.name.upper())
        if function is not None and function.rewrite is not None and not grammar.is_part(node):
            return function.rewrite(node)
        return node
    if isinstance(node, exp.SafeFunc):
        return call("try", node.this)
    rewrite = queries.REWRITES.get(type(node))
    return rewrite(node) if rewrite else node
