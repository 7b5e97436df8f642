"""Calls of BigQuery's functions, rewritten as DuckDB's where another name is not enough.

Each takes a call, whose arguments were rewritten before, and returns what stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from tocsin.logs import dates
from tocsin.logs.refusal import Refused

Rewrite = Callable[[exp.Anonymous], exp.Expr]

_MOST_QUANTILES = 10_000
_KEY = re.compile(r"\.(?:(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|\"(?P<quoted>[^\"\\]+)\")|\[(?P<index>\d+)\]")
_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<group>\((?!\?)|\(\?P?<[A-Za-z_])", re.DOTALL)
_SPECIFIER = re.compile(r"%(?:%|[-+ 0#]*\d*(?:\.\d+)?(?P<kind>.)?)", re.DOTALL)


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """Return a call of a function that DuckDB knows by this very name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def named(name: str, *defaults: exp.Expr) -> Rewrite:
    """Call another function with the same arguments, and *defaults* for those at the end that are left out."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        given = node.expressions
        return call(name, *given, *(default.copy() for default in defaults[len(given) - 1 :]))

    return rewrite


def number(value: int) -> exp.Expr:
    """Return an integer as it is written."""
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def text(node: exp.Expr, what: str) -> str:
    """Return the text of a string that stands in the query."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    raise Refused(node, f"{what} must be a string that stands in the query.")


# -- aggregates ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Asked:
    """The argument of an aggregate, apart from what was asked of it."""

    node: exp.Expr
    distinct: bool = False
    ignoring: bool = False
    order: exp.Order | None = None
    limit: exp.Expr | None = None
    rest: tuple[exp.Expr, ...] = ()


def asked(argument: exp.Expr) -> Asked:
    """Take DISTINCT, IGNORE NULLS, ORDER BY and LIMIT off an argument."""
    found = Asked(argument)
    while isinstance(found.node, exp.Limit | exp.Order | exp.IgnoreNulls | exp.RespectNulls | exp.Distinct):
        node = found.node
        if isinstance(node, exp.Limit):
            found.limit = node.expression
        elif isinstance(node, exp.Order):
            found.order = node
        elif isinstance(node, exp.IgnoreNulls):
            found.ignoring = True
        elif isinstance(node, exp.Distinct):
            found.distinct = True
            found.node, *rest = node.expressions
            found.rest = tuple(rest)
            continue
        found.node = node.this
    return found


def array_agg(node: exp.Anonymous) -> exp.Expr:
    """Collect values: DuckDB has no LIMIT within, and leaves out NULL by a filter."""
    [argument] = node.expressions
    return _collected(node, asked(argument))


def _collected(node: exp.Expr, said: Asked) -> exp.Expr:
    value: exp.Expr = said.node
    if said.distinct:
        value = exp.Distinct(expressions=[value])
    if said.order:
        value = exp.Order(this=value, expressions=said.order.expressions)
    collected: exp.Expr = call("array_agg", value)
    if said.ignoring:
        there = exp.Not(this=exp.Is(this=said.node.copy(), expression=exp.Null()))
        collected = exp.Filter(this=collected, expression=exp.Where(this=there))
    if said.limit is None:
        return collected
    if isinstance(node.parent, exp.Window):
        raise Refused(node, "LIMIT cannot stand in an aggregate that has OVER.")
    return call("list_slice", collected, number(1), said.limit)


def string_agg(node: exp.Anonymous) -> exp.Expr:
    """Join texts; with LIMIT by way of an array."""
    said = asked(node.expressions[-1])
    if len(node.expressions) == 1:
        between: exp.Expr = said.rest[0] if said.rest else exp.Literal.string(",")
    else:
        between, said.node = said.node, node.expressions[0]
        first = asked(said.node)
        said.node, said.distinct = first.node, first.distinct
    if said.limit is not None:
        said.ignoring = True
        return call("array_to_string", _collected(node, said), between)
    value: exp.Expr = exp.Distinct(expressions=[said.node]) if said.distinct else said.node
    if said.order:
        between = exp.Order(this=between, expressions=said.order.expressions)
    return call("string_agg", value, between)


def any_value(node: exp.Anonymous) -> exp.Expr:
    """Take any value, or that of the row where another is greatest or least."""
    [argument] = node.expressions
    if not isinstance(argument, exp.HavingMax):
        return call("any_value", argument)
    name = "arg_max_null" if argument.args.get("max") else "arg_min_null"
    return call(name, argument.this, argument.expression)


def approx_quantiles(node: exp.Anonymous) -> exp.Expr:
    """Return the exact quantiles: of those that are taken out by a subscript, only the one."""
    value, count = (asked(argument) for argument in node.expressions)
    if node.find(exp.RespectNulls):
        raise Refused(node, "APPROX_QUANTILES with RESPECT NULLS is not supported here.")
    if not count.node.is_int:
        raise Refused(count.node, "The number of quantiles must be an integer that stands in the query.")
    parts = int(count.node.name)
    if not 0 < parts <= _MOST_QUANTILES:
        raise Refused(count.node, f"The number of quantiles must be between 1 and {_MOST_QUANTILES}.")
    inner = exp.Distinct(expressions=[value.node]) if value.distinct else value.node
    shares = [exp.Literal.number(repr(index / parts)) for index in range(parts + 1)]
    return call("quantile_disc", inner, exp.Array(expressions=shares))


# -- texts -----------------------------------------------------------------------------------------------------------


def concat(node: exp.Anonymous) -> exp.Expr:
    """Join values, to NULL if one of them is NULL."""
    first, *others = node.expressions
    joined: exp.Expr = first
    for other in others:
        joined = exp.DPipe(this=joined, expression=other)
    return exp.Paren(this=joined)


def regexp_extract(node: exp.Anonymous) -> exp.Expr:
    """Extract the first match, or its group."""
    return call("bq_regexp_extract", *node.expressions, number(_groups(node)))


def regexp_extract_all(node: exp.Anonymous) -> exp.Expr:
    """Extract all matches, or their group."""
    return call("regexp_extract_all", *node.expressions, number(_groups(node)))


def _groups(node: exp.Anonymous) -> int:
    expression = node.expressions[1]
    count = sum(1 for found in _GROUP.finditer(text(expression, "A regular expression")) if found["group"])
    if count > 1:
        raise Refused(expression, f"The regular expression has {count} groups, and may have one: write (?:...).")
    return count


def printf(node: exp.Anonymous) -> exp.Expr:
    """Print by a format, of whose specifiers only those are left that mean the same in both."""
    form, *values = node.expressions
    kinds = [found["kind"] for found in _SPECIFIER.finditer(text(form, "A format")) if found[0] != "%%"]
    if len(kinds) != len(values):
        raise Refused(form, f"The format wants {len(kinds)} values, and there are {len(values)}.")
    for kind in kinds:
        if kind is None or kind not in "disfeEgGxXo":
            raise Refused(form, f"%{kind or ''} is not supported in a format: use %d, %s, %f, %e, %g, %x or %o.")
    shown = [call("bq_string", value) if kind == "s" else value for kind, value in zip(kinds, values, strict=True)]
    whole = exp.Literal.string(re.sub(r"(%[-+ 0#]*\d*)i", r"\1d", form.name))
    return call("printf", whole, *shown)


# -- numbers ---------------------------------------------------------------------------------------------------------


def extreme(name: str) -> Rewrite:
    """Return the greatest or least of values, or NULL if one is NULL."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        missing: exp.Expr = exp.false()
        for value in node.expressions:
            missing = exp.or_(missing, exp.Is(this=value.copy(), expression=exp.Null()), copy=False)
        return exp.Case(ifs=[exp.If(this=missing, true=exp.Null())], default=call(name, *node.expressions))

    return rewrite


def binary(operator: type[exp.Binary]) -> Rewrite:
    """Write a function of two as an operator."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        left, right = (exp.Paren(this=argument) for argument in node.expressions)
        return exp.Paren(this=operator(this=left, expression=right))

    return rewrite


def round_to(node: exp.Anonymous) -> exp.Expr:
    """Round to an integer or to digits."""
    return call("bq_round", *node.expressions, *([number(0)] if len(node.expressions) == 1 else []))


def log(node: exp.Anonymous) -> exp.Expr:
    """Take the natural logarithm, or that of a base."""
    return call("ln" if len(node.expressions) == 1 else "bq_log", *node.expressions)


def substr(node: exp.Anonymous) -> exp.Expr:
    """Take a part of a text."""
    return call("bq_substr_from" if len(node.expressions) == 2 else "bq_substr", *node.expressions)  # noqa: PLR2004 - a text and a position


# -- times -----------------------------------------------------------------------------------------------------------


def shifted(operator: type[exp.Binary], kind: str) -> Rewrite:
    """Add or subtract an interval; *kind* is the type that stays."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        value, interval = node.expressions
        allowed = dates.CLOCK if kind == "TIMESTAMP" else dates.CALENDAR
        if not isinstance(interval, exp.Interval) or interval.unit is None:
            raise Refused(interval, "An interval is wanted here: INTERVAL 1 DAY.")
        if interval.unit.name.upper() not in allowed:
            raise Refused(interval, f"An interval of a {kind} has one of the parts {', '.join(allowed)}.")
        whole = call("bq_timestamp" if kind == "TIMESTAMP" else "bq_date", value)
        moved = exp.Paren(this=operator(this=whole, expression=interval))
        return moved if kind == "TIMESTAMP" else call("bq_date", moved)

    return rewrite


def timestamp_trunc(node: exp.Anonymous) -> exp.Expr:
    """Cut a time off to the begin of a part."""
    value, wanted, *zones = node.expressions
    name, shift = dates.part(wanted, (*dates.CLOCK, *dates.CALENDAR[1:]))
    if not zones and name in dates.MICROSECONDS:
        return call("bq_timestamp_floor", value, number(dates.MICROSECONDS[name]))
    place = dates.zone(zones[0]) if zones else exp.Literal.string("UTC")
    return call("bq_timestamp_trunc", value, exp.Literal.string(name), number(shift), place)


def date_trunc(node: exp.Anonymous) -> exp.Expr:
    """Cut a date off to the begin of a part."""
    value, wanted = node.expressions
    name, shift = dates.part(wanted, dates.CALENDAR)
    return call("bq_date_trunc", value, exp.Literal.string(name), number(shift))


def timestamp_diff(node: exp.Anonymous) -> exp.Expr:
    """Count the whole units between two times."""
    later, earlier, wanted = node.expressions
    name, _ = dates.part(wanted, dates.CLOCK)
    return call("bq_timestamp_diff", later, earlier, exp.Literal.string(name))


def date_diff(node: exp.Anonymous) -> exp.Expr:
    """Count the boundaries between two dates."""
    later, earlier, wanted = node.expressions
    name, shift = dates.part(wanted, dates.CALENDAR)
    if name == "week":
        return call("bq_week_diff", later, earlier, number(shift))
    return call("bq_date_diff", later, earlier, exp.Literal.string(name))


def timestamp_bucket(node: exp.Anonymous) -> exp.Expr:
    """Cut a time off to the begin of a bucket."""
    value, width, *origin = node.expressions
    start = origin[0] if origin else exp.Literal.string("1950-01-01 00:00:00+00")
    return call("bq_timestamp_bucket", value, width, start)


def formatted(node: exp.Anonymous) -> exp.Expr:
    """Print a date or time."""
    form, value, *zones = node.expressions
    if zones:
        return call("bq_format_in", dates.printing(form, local=True), value, dates.zone(zones[0]))
    return call("bq_format", dates.printing(form, local=False), value)


def parsed(name: str) -> Rewrite:
    """Read a date or time."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        form, value, *zones = node.expressions
        read = dates.parsing(form)
        return call(f"{name}_in", read, value, dates.zone(zones[0])) if zones else call(name, read, value)

    return rewrite


def zoned(name: str) -> Rewrite:
    """Convert, in a time zone where one is given."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        value, *zones = node.expressions
        return call(f"{name}_in", value, dates.zone(zones[0])) if zones else call(name, value)

    return rewrite


def date(node: exp.Anonymous) -> exp.Expr:
    """Make a date of a time, a text, or of year, month and day."""
    if len(node.expressions) == 3:  # noqa: PLR2004 - a year, a month and a day
        return call("make_date", *node.expressions)
    return zoned("bq_date")(node)


def datetime(node: exp.Anonymous) -> exp.Expr:
    """Make a time without zone."""
    value, *zones = node.expressions
    return call("bq_local", value, dates.zone(zones[0])) if zones else call("bq_datetime", value)


def today(node: exp.Anonymous) -> exp.Expr:
    """Return the present date."""
    zones = node.expressions
    return call("bq_date_in", exp.CurrentTimestamp(), dates.zone(zones[0]) if zones else exp.Literal.string("UTC"))


def now(_: exp.Anonymous) -> exp.Expr:
    """Return the present time."""
    return exp.CurrentTimestamp()


def date_array(node: exp.Anonymous) -> exp.Expr:
    """List dates."""
    step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY"))
    return call("bq_date_array", *node.expressions, *([step] if len(node.expressions) == 2 else []))  # noqa: PLR2004 - a begin and an end


# -- JSON ------------------------------------------------------------------------------------------------------------


def json(name: str) -> Rewrite:
    """Look into JSON by a path."""

    def rewrite(node: exp.Anonymous) -> exp.Expr:
        value, *paths = node.expressions
        path = _path(paths[0]) if paths else "$"
        return call(name, value, exp.Literal.string(path))

    return rewrite


def _path(node: exp.Expr) -> str:
    given = text(node, "A path into JSON")
    position, path = 1, "$"
    while given.startswith("$") and position < len(given):
        found = _KEY.match(given, position)
        if found is None:
            break
        path += f"[{found['index']}]" if found["index"] else f'."{found["plain"] or found["quoted"]}"'
        position = found.end()
    if not given.startswith("$") or position < len(given):
        raise Refused(node, f"{given!r} is no path into JSON: write it as '$.route', '$.items[0]' or '$.\"a.b\"'.")
    return path
