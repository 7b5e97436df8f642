"""Which syntax a query may have: what is not named here is refused."""

from __future__ import annotations

from sqlglot import exp

from tocsin.logs.refusal import Refused

_CLAUSES: tuple[type[exp.Expr], ...] = (
    *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered),
    *(exp.Limit, exp.Offset, exp.With, exp.CTE, exp.Subquery, exp.Table, exp.TableAlias, exp.Unnest),
    *(exp.Union, exp.Except, exp.Intersect, exp.Distinct, exp.Window, exp.WindowSpec, exp.Rollup, exp.Cube),
    *(exp.GroupingSets, exp.HavingMax, exp.IgnoreNulls, exp.RespectNulls),
)
_VALUES: tuple[type[exp.Expr], ...] = (
    *(exp.Alias, exp.Identifier, exp.Column, exp.Star, exp.Literal, exp.RawString, exp.Boolean, exp.Null, exp.Paren),
    *(exp.Tuple, exp.Array, exp.Struct, exp.PropertyEQ, exp.Bracket, exp.Dot, exp.Interval, exp.Var, exp.Parameter),
    *(exp.DataType, exp.ColumnDef, exp.ParseJSON, exp.CurrentTimestamp, exp.CurrentDate),
)
_OPERATORS: tuple[type[exp.Expr], ...] = (
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between),
    *(exp.Like, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.DPipe, exp.Exists),
    *(exp.AtTimeZone,),
)
_CALLS: tuple[type[exp.Expr], ...] = (
    *(exp.Anonymous, exp.Count, exp.Cast, exp.TryCast, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Extract),
    *(exp.SafeFunc,),
)
ALLOWED = frozenset((*_CLAUSES, *_VALUES, *_OPERATORS, *_CALLS))

_CALLED: dict[type[exp.Expr], str] = {
    exp.TableSample: "TABLESAMPLE",
    exp.Pivot: "PIVOT",
    exp.Version: "FOR SYSTEM_TIME",
    exp.NetFunc: "A function of NET",
    exp.Placeholder: "A parameter without a name",
    exp.ByteString: "BYTES",
    exp.CurrentUser: "CURRENT_USER",
    exp.Lateral: "LATERAL",
    exp.Lambda: "A lambda",
    exp.Command: "This statement",
}

_TYPES = {
    *(exp.DType.BIGINT, exp.DType.INT, exp.DType.DOUBLE, exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.BOOLEAN),
    *(exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMP, exp.DType.DATETIME, exp.DType.DATE, exp.DType.TIME, exp.DType.JSON),
    *(exp.DType.ARRAY, exp.DType.STRUCT, exp.DType.FLOAT),
}

_WITH_PARTS = frozenset({"TIMESTAMP_TRUNC", "DATE_TRUNC", "DATE_DIFF", "TIMESTAMP_DIFF"})


def check(tree: exp.Expr) -> None:
    """Refuse everything that is no query or holds syntax that is not supported.

    Raises:
        Refused: with the part that is meant.

    """
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise Refused(tree, f"{_what(tree)} is not run here: a query begins with SELECT or WITH.")
    for node in tree.walk():
        if type(node) not in ALLOWED:
            raise Refused(_placed(node), f"{_what(node)} is not supported here.")
        if isinstance(node, exp.Select):
            _check_select(node)
        elif isinstance(node, exp.DataType) and node.this not in _TYPES:
            raise Refused(
                _placed(node), f"The type {node.sql('bigquery')} is not supported here: use FLOAT64 or STRING."
            )
        elif isinstance(node, exp.Cast) and node.args.get("format"):
            raise Refused(
                _placed(node), "CAST with FORMAT is not supported here: use FORMAT_TIMESTAMP or PARSE_TIMESTAMP."
            )
        elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
            raise Refused(node, "A function in place of a table is not supported here: write FROM logs or UNNEST(...).")
        elif isinstance(node, exp.Anonymous) and node.args.get("this") and not isinstance(node.this, str):
            raise Refused(node, "A function's name has no quotes.")


def is_part(node: exp.Expr) -> bool:
    """Tell whether a call is the part of a date, as WEEK(MONDAY), and calls nothing."""
    around = node.parent
    if node.name.upper() != "WEEK":
        return False
    return (isinstance(around, exp.Extract) and node.arg_key == "this") or (
        isinstance(around, exp.Anonymous) and around.name.upper() in _WITH_PARTS
    )


def _check_select(node: exp.Select) -> None:
    if not node.expressions:
        raise Refused(node, "SELECT names no column: write SELECT * or name some.")
    if node.args.get("kind"):
        raise Refused(node, f"SELECT AS {node.args['kind']} is not supported here: name the columns.")
    for clause in ("into", "hint", "locks", "sample", "match", "settings", "format", "options"):
        if node.args.get(clause):
            raise Refused(node, f"The clause {clause.upper()} is not supported here.")


def _what(node: exp.Expr) -> str:
    return _CALLED.get(type(node)) or type(node).key.upper()


def _placed(node: exp.Expr) -> exp.Expr:
    """Return the node, or the nearest around it of which a place is known."""
    around: exp.Expr | None = node
    while around is not None and not any(found.meta.get("end") is not None for found in around.walk()):
        around = around.parent
    return around or node
