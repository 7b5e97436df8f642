"""Adds a service to the text of a catalog's module: an import, and a name in `services`."""

from __future__ import annotations

import ast

WIDTH = 120
"""How long a line may become before its names stand one on a line."""


class Unclear(Exception):  # noqa: N818 - it is no error of the text
    """The text does not spell its services as a tuple or list of names."""


def enrolled(text: str, catalog: str, module: str, constant: str) -> str:
    """Return *text* with *constant* of *module* among the services of the object *catalog*; nothing else moves.

    Raises:
        Unclear: see there.

    """
    lines = text.encode().splitlines(keepends=True)  # the columns of a syntax tree count bytes
    tree = ast.parse(text)
    _insert(lines, _services(tree, catalog), constant)
    above, after = _place(tree, module)
    lines.insert(above, f"from {module} import {constant}\n{after}".encode())
    changed = b"".join(lines).decode()
    ast.parse(changed)
    return changed


def names(text: str) -> set[str]:
    """Return the names that a module binds at its top, or reads."""
    tree = ast.parse(text)
    imported = {node.asname or node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
    return imported | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _services(tree: ast.Module, catalog: str) -> ast.Tuple | ast.List:
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == catalog for target in targets):
            for keyword in node.value.keywords:
                if keyword.arg == "services" and isinstance(keyword.value, ast.Tuple | ast.List):
                    return keyword.value
    raise Unclear


def _insert(lines: list[bytes], services: ast.Tuple | ast.List, constant: str) -> None:
    """Put *constant* behind the last of *services*, on a line of its own where they have theirs."""
    if not services.elts or services.lineno == services.end_lineno:
        _put_on_line(lines, services, constant)
        return
    last = services.elts[-1]
    row, column = (last.end_lineno or 0) - 1, last.end_col_offset or 0
    indent = b" " * _indent(lines[last.lineno - 1])
    rest = lines[row][column:]
    if rest.lstrip().startswith(b","):
        lines.insert(row + 1, indent + constant.encode() + b",\n")
    else:
        lines[row] = lines[row][:column] + b",\n" + indent + constant.encode() + b"," + rest


def _put_on_line(lines: list[bytes], services: ast.Tuple | ast.List, constant: str) -> None:
    first, last = services.lineno - 1, (services.end_lineno or 0) - 1
    start, end = services.col_offset + 1, (services.end_col_offset or 0) - 1
    before, after = lines[first][:start], lines[last][end:]
    named = [lines[each.lineno - 1][each.col_offset : each.end_col_offset] for each in services.elts]
    named.append(constant.encode())
    inside = b", ".join(named) + (b"," if len(named) == 1 else b"")
    if len(before + inside + after.rstrip()) > WIDTH:
        indent = b"\n" + b" " * _indent(before)
        inside = b"".join(indent + b"    " + each + b"," for each in named) + indent
    lines[first : last + 1] = [before + inside + after]


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip())


def _place(tree: ast.Module, module: str) -> tuple[int, str]:
    """Return above which line the import belongs, among its like in their order, and what has to follow it."""
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    top = module.partition(".")[0]
    alike = [node for node in imports if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == top]
    later = [node for node in alike if (node.module or "") > module]
    if later:
        return later[0].lineno - 1, ""
    if alike or imports:
        return (alike or imports)[-1].end_lineno or 0, ""
    described = tree.body and isinstance(tree.body[0], ast.Expr)
    return ((tree.body[0].end_lineno or 0) if described else 0), "\n"
