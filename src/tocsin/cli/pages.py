"""The pages of the checks, as they are explained and as they stand in docs/checks/."""

from __future__ import annotations

import inspect
import sys

from tocsin.checks import CHECKS

_INDEX = """\
# The checks

What `tocsin check` looks for. Each page says why it matters and shows a bad and a good example, which the tests run.
[How to use it](../checking.md) on a catalog, on anybody's rule files and dashboards, and in CI.

{families}
Written by `make docs` from the checks' own docstrings: change those, not these files.
"""


def page(check: str) -> str:
    """Return the page of a check, as Markdown."""
    return inspect.getdoc(sys.modules[CHECKS[check].__module__]) or ""


def headline(check: str) -> str:
    """Return what a check finds, in one line."""
    return page(check).partition("\n")[0]


def documents() -> dict[str, str]:
    """Return what stands in docs/checks/, by path."""
    written = {f"{check}.md": f"# {check}\n\n{page(check)}\n" for check in CHECKS}
    return {**written, "README.md": _INDEX.format(families="\n".join(_families()))}


def _families() -> list[str]:
    families: dict[str, list[str]] = {}
    for check in sorted(CHECKS):
        families.setdefault(check.partition("/")[0], []).append(f"| [{check}]({check}.md) | {headline(check)} |")
    head = "| check | what it finds |\n|---|---|"
    return [f"## {family}\n\n{head}\n" + "\n".join(lines) + "\n" for family, lines in families.items()]
