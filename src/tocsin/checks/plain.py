"""A catalog does more than import, assign and call.

Its modules may build lists and tuples by comprehension. They hold no functions, classes, branches, loops or handlers,
and ask neither the clock, nor chance, nor files, nor the environment.

## Why it matters

Whoever reads a catalog at night wants to see what is promised, not run it in their head. And what depends on when or
where it is read promises one thing in a check and another one in production.

## Bad

```python
import os
from tocsin import Availability

OBJECTIVES = []
if os.environ.get("STAGE") == "production":
    OBJECTIVES.append(Availability(0.999))
```

## Good

```python
from tocsin import Availability

OBJECTIVES = (Availability(0.999),)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.code import parsed, span
from tocsin.checks.problem import Problem

ID = "catalog/plain"

_PLAIN = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
_CLEVER: dict[type[ast.AST], str] = {
    ast.FunctionDef: "defines a function",
    ast.AsyncFunctionDef: "defines a function",
    ast.ClassDef: "defines a class",
    ast.If: "decides with if",
    ast.For: "loops",
    ast.While: "loops",
    ast.Try: "handles exceptions",
    ast.With: "opens something",
    ast.Lambda: "defines a function",
    ast.IfExp: "decides with if",
    ast.NamedExpr: "assigns within an expression",
    ast.Await: "waits",
}
_OUTSIDE = frozenset(
    ("os", "pathlib", "random", "time", "datetime", "subprocess", "socket", "secrets", "uuid", "httpx")
)
_CALLS = frozenset(("open", "exec", "eval", "compile", "input", "__import__", "setattr", "globals"))


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each part of a catalog that is more than a declaration."""
    for passage in case.observation.catalog:
        tree = parsed(passage.text)
        for node, why in _found(tree) if tree is not None else ():
            message = f"the catalog {why}: imports, assignments and calls are all that it needs"
            yield Problem(ID, passage.file, message, "", "error", passage, span(passage, node))


def _found(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    for statement in tree.body:
        if not isinstance(statement, _PLAIN):
            yield statement, _CLEVER.get(type(statement), "does something")
            continue
        if modules := _imported(statement) & _OUTSIDE:
            yield statement, f"imports {', '.join(sorted(modules))}, and so depends on when and where it is read"
        for node in ast.walk(statement):
            if isinstance(node, ast.expr) and type(node) in _CLEVER:
                yield node, _CLEVER[type(node)]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
                yield node, f"calls {node.func.id}()"


def _imported(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import):
        return {alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.ImportFrom) and not statement.level:
        return {(statement.module or "").partition(".")[0]}
    return set()
