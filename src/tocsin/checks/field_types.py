"""A field of a service's logs has values of two types.

What is told from the code alone: literals, f-strings, calls of `str`, `int`, `len` and the like, and parameters with an
annotation, in `log.info(..., field=...)` and its like, and in `log.bind(field=...)`.

## Why it matters

A log sink makes a column of each field, with the type that it saw first. Lines with the other type are set aside or
refused, and with them whatever else they say.

## Bad

```python
obs.log.warning("Payment refused", code=402)
obs.log.warning("Payment lost", code="timeout")
```

## Good

```python
obs.log.warning("Payment refused", code=402)
obs.log.warning("Payment lost", reason="timeout")
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tocsin.checks import logged
from tocsin.checks.case import Case
from tocsin.checks.code import parsed, span
from tocsin.checks.problem import Problem
from tocsin.model import Passage

ID = "log/field-types"

_CALLS = {
    **dict.fromkeys(("str", "repr", "hex", "ascii"), "text"),
    **dict.fromkeys(("int", "float", "len", "round", "abs", "ord"), "number"),
    **dict.fromkeys(("bool", "isinstance", "any", "all", "callable"), "truth value"),
    **dict.fromkeys(("list", "tuple", "sorted", "set"), "list"),
    "dict": "object",
}
_ANNOTATIONS = {"str": "text", "int": "number", "float": "number", "bool": "truth value"}
_NODES: dict[type[ast.expr], str] = {
    ast.JoinedStr: "text",
    ast.Compare: "truth value",
    **dict.fromkeys((ast.List, ast.Tuple, ast.ListComp, ast.Set), "list"),
    ast.Dict: "object",
    ast.DictComp: "object",
}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each field that is logged as two types within one service."""
    for service, modules in case.observation.code.items():
        first: dict[str, tuple[str, Passage, int]] = {}
        told: set[str] = set()
        for passage in modules:
            for name, field, kind in _fields(passage.text):
                known, where, line = first.setdefault(name, (kind, passage, field.lineno))
                if kind != known and name not in told:
                    told.add(name)
                    message = f"the field {name!r} is a {kind} here, but a {known} in {where.file}:{line}"
                    yield Problem(ID, f"{service}/{name}", message, name, "error", passage, span(passage, field))


def _fields(text: str) -> Iterator[tuple[str, ast.keyword, str]]:
    """Yield each field that a module logs, with the type of its value where that can be told."""
    tree = parsed(text)
    if tree is None:
        return
    for node, scope in _scoped(tree):
        for name, field in logged.fields(node):
            if kind := _kind(field.value, scope):
                yield name, field, kind


def _scoped(tree: ast.Module) -> Iterator[tuple[ast.AST, Mapping[str, str]]]:
    """Yield every part of a module in its order, with the types of the parameters that it can see."""
    waiting: list[tuple[ast.AST, Mapping[str, str]]] = [(tree, {})]
    while waiting:
        node, scope = waiting.pop()
        if isinstance(node, _Function):
            scope = {**scope, **_parameters(node)}
        yield node, scope
        waiting.extend((child, scope) for child in reversed(list(ast.iter_child_nodes(node))))


def _parameters(node: _Function) -> dict[str, str]:
    """Return the types of a function's parameters; one that is assigned may have any."""
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
    return {each.arg: _annotated(each.annotation) for each in arguments} | dict.fromkeys(
        (each.id for each in stored), ""
    )


def _annotated(annotation: ast.expr | None) -> str:
    return _ANNOTATIONS.get(annotation.id, "") if isinstance(annotation, ast.Name) else ""


def _kind(value: ast.expr, scope: Mapping[str, str]) -> str:
    """Return the type of a value, "" if it cannot be told; None may stand for any."""
    if isinstance(value, ast.Constant):
        return _constant(value.value)
    if isinstance(value, ast.Name):
        return scope.get(value.id, "")
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return _CALLS.get(value.func.id, "")
    if isinstance(value, ast.IfExp):
        one, other = _kind(value.body, scope), _kind(value.orelse, scope)
        return one if one == other else ""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div | ast.Sub | ast.Pow | ast.FloorDiv):
        return "number" if "number" in (_kind(value.left, scope), _kind(value.right, scope)) else ""
    return _NODES.get(type(value), "")


def _constant(value: object) -> str:
    if isinstance(value, bool):
        return "truth value"
    return "text" if isinstance(value, str) else "number" if isinstance(value, int | float) else ""
