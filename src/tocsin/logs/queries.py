"""What BigQuery and DuckDB understand differently beside functions, rewritten in a parsed query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from sqlglot import exp

from tocsin.logs import dates
from tocsin.logs.refusal import Refused
from tocsin.logs.rewrites import call, number

_COMPARING = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like, exp.NullSafeEQ)
_JSON_REFUSES = (*_COMPARING, exp.NullSafeNEQ, exp.Group, exp.Ordered, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.DPipe)
_JSON_COLUMN = "fields"
_EXTRACTED = ("DATE", "DATETIME", "TIME")
_EXTRACTABLE = ("YEAR", "QUARTER", "MONTH", "ISOWEEK", "WEEK", "DAY", "DAYOFWEEK", "DAYOFYEAR", "ISOYEAR")
_OF_CLOCK = ("HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")


class Written(Protocol):
    """A parameter's value, which can be written into a query."""

    def written(self) -> exp.Expr:
        """Return the value as an expression."""


def fill(tree: exp.Expr, parameters: Mapping[str, Written] | None) -> None:
    """Put the values in place of the parameters, if there may be any, and plain strings in place of raw ones."""
    for node in list(tree.find_all(exp.Parameter)):
        if parameters is None:
            raise Refused(node, f"The parameter @{node.name} has no value here: write the value in its place.")
        if node.name not in parameters:
            raise Refused(node, f"The parameter @{node.name} has no value: give --parameter {node.name}::VALUE.")
        node.replace(parameters[node.name].written())
    for raw in list(tree.find_all(exp.RawString)):
        literal = exp.Literal.string(raw.name)
        literal.meta.update(raw.meta)
        raw.replace(literal)


def name_tables(tree: exp.Expr, tables: Collection[str]) -> None:
    """Take project and dataset off the tables' names, and refuse tables that are not there."""
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    known = {table.lower(): table for table in tables}
    for node in list(tree.find_all(exp.Table)):
        name = node.name
        if not node.db and name.lower() in own:
            continue
        if name.lower() not in known:
            raise Refused(node.this, f"There is no table {name}: choose from {', '.join(sorted(known.values()))}.")
        node.set("db", None)
        node.set("catalog", None)
        node.set("this", exp.to_identifier(known[name.lower()]))


def expand_groups(tree: exp.Expr) -> None:
    """Put the selected expression in place of its name in GROUP BY, where DuckDB would take a column of that name."""
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        aliases = {item.alias.lower(): item.this for item in select.expressions if isinstance(item, exp.Alias)}
        for item in list(group.expressions) if group else ():
            meant = aliases.get(item.name.lower()) if isinstance(item, exp.Column) and not item.table else None
            if meant is not None:
                item.replace(meant.copy())


def name_columns(tree: exp.Expr) -> None:
    """Name the columns that the query does not, as BigQuery does: f0_, f1_."""
    query = tree
    while not isinstance(query, exp.Select):
        query = query.this
    count = 0
    for item in list(query.expressions):
        below = _json(item)
        if below and below[1] and item.name:
            item.replace(exp.alias_(item.copy(), item.name, quoted=True))
        elif not isinstance(item, exp.Alias | exp.Column | exp.Star | exp.Dot):
            item.replace(exp.alias_(item.copy(), f"f{count}_", quoted=True))
            count += 1


def _cast(node: exp.Expr) -> exp.Expr:
    kind = node.args["to"].this
    safe = isinstance(node, exp.TryCast)
    whole = kind in {exp.DType.BIGINT, exp.DType.INT}
    if not whole and kind not in {exp.DType.TEXT, exp.DType.VARCHAR}:
        return node
    converted = call("bq_int64" if whole else "bq_string", node.this)
    return call("try", converted) if safe and whole else converted


def _number(node: exp.Expr) -> exp.Expr:
    """Let a number with a fraction be a FLOAT64, as in BigQuery, and no DECIMAL."""
    if not node.is_string and not node.is_int and "e" not in node.name.lower():
        return exp.Literal.number(f"{node.name}e0")
    return node


def _like(node: exp.Expr) -> exp.Expr:
    pattern = node.expression
    if isinstance(pattern, exp.Literal) and "\\" not in pattern.name:
        return node
    if isinstance(node.parent, exp.Escape):
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def _extract(node: exp.Expr) -> exp.Expr:
    value = node.expression
    if isinstance(value, exp.AtTimeZone):
        value = call("bq_local", value.this, dates.zone(value.args["zone"]))
    wanted = node.this.name.upper()
    if wanted in _EXTRACTED:
        return call(f"bq_{wanted.lower()}", value)
    name, shift = dates.part(node.this, (*_EXTRACTABLE, *_OF_CLOCK, *_EXTRACTED))
    if wanted == "WEEK":
        if shift not in {0, 1}:
            raise Refused(node, "EXTRACT knows weeks that begin on SUNDAY or MONDAY.")
        form = exp.Literal.string("%U" if shift else "%W")
        return call("bq_int64", call("bq_format", form, value))
    part = call("date_part", exp.Literal.string({"dayofyear": "doy"}.get(name, name)), value)
    if wanted in {"MILLISECOND", "MICROSECOND"}:
        return exp.Paren(this=exp.Mod(this=part, expression=number(1_000 if wanted == "MILLISECOND" else 1_000_000)))
    return exp.Paren(this=exp.Add(this=part, expression=number(1))) if wanted == "DAYOFWEEK" else part


def _quantile(node: exp.Expr) -> exp.Expr:
    """Let a subscript of quantiles ask for the one alone."""
    [index] = node.expressions
    called = node.this
    if not (isinstance(called, exp.Anonymous) and called.name == "quantile_disc" and index.is_int):
        return node
    shares = called.expressions[1].expressions
    position = int(index.name) - int(node.args.get("offset") or 0)
    if not 0 <= position < len(shares):
        if node.args.get("safe"):
            return node
        raise Refused(index, f"There are {len(shares)} quantiles: OFFSET goes from 0 to {len(shares) - 1}.")
    return call("quantile_disc", called.expressions[0], shares[position])


def _below_json(node: exp.Expr) -> exp.Expr:
    """Turn fields.route, fields['route'] and fields.items[0] into an extraction by a path."""
    found = None if isinstance(node.parent, exp.Dot | exp.Bracket) and node.arg_key == "this" else _json(node)
    if found is None:
        return node
    column, path = found
    outer = node.parent
    while isinstance(outer, exp.Paren):
        outer = outer.parent
    if isinstance(outer, _JSON_REFUSES):
        shown = path.replace('"', "") or ".route"
        raise Refused(node, f"JSON cannot be compared, sorted or grouped: take JSON_VALUE({_JSON_COLUMN}, '${shown}').")
    return call("json_extract", column, exp.Literal.string(f"${path}")) if path else node


def _json(node: exp.Expr) -> tuple[exp.Expr, str] | None:
    """Return the column of JSON that a node goes into, and the path from there; None for all else."""
    if isinstance(node, exp.Column):
        names = [part.name for part in node.parts]
        place = next((index for index, name in enumerate(names[:2]) if name.lower() == _JSON_COLUMN), None)
        if place is None or isinstance(node.this, exp.Star):
            return None
        owner = names[0] if place else None
        return exp.column(_JSON_COLUMN, table=owner), "".join(f'."{name}"' for name in names[place + 1 :])
    if not isinstance(node, exp.Dot | exp.Bracket):
        return None
    found = _json(node.this)
    key = node.expression if isinstance(node, exp.Dot) else node.expressions[0]
    if found is None or not isinstance(key, exp.Identifier | exp.Literal):
        return None
    column, path = found
    whole = isinstance(key, exp.Literal) and not key.is_string
    return column, f"{path}[{key.name}]" if whole else f'{path}."{key.name}"'


def _parse_json(node: exp.Expr) -> exp.Expr:
    return call("bq_parse_json", node.this)


def _subscript(node: exp.Expr) -> exp.Expr:
    quantile = _quantile(node)
    return quantile if quantile is not node else _below_json(node)


def _unnest(node: exp.Expr) -> exp.Expr:
    """Number the elements from 0 on, where DuckDB numbers them from 1."""
    offset = node.args.get("offset")
    alias = node.args.get("alias")
    if not isinstance(offset, exp.Identifier) or not isinstance(node.parent, exp.From | exp.Join):
        return node
    [array] = node.expressions
    columns = alias.args.get("columns") if alias else None
    name = columns[0] if columns else exp.to_identifier("element", quoted=True)
    position = exp.Sub(this=call("generate_subscripts", array.copy(), number(1)), expression=number(1))
    select = exp.select(exp.alias_(call("unnest", array.copy()), name.copy()), exp.alias_(position, offset.copy()))
    return select.subquery(alias=exp.to_identifier(f"_{name.name}", quoted=True))


REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Literal: _number,
    exp.Like: _like,
    exp.Extract: _extract,
    exp.Bracket: _subscript,
    exp.Dot: _below_json,
    exp.Column: _below_json,
    exp.ParseJSON: _parse_json,
    exp.Unnest: _unnest,
}
"""What is written in place of a part of a query, by its kind."""
