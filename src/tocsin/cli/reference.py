"""The page of all verbs and their options, as it stands in docs/commands.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

_HEAD = """\
# Commands

Every verb of `tocsin`, with its arguments and options. `tocsin VERB --help` says the same.

All of them exit with 2 when what they were given cannot be used, and say in one sentence what to do.
The catalog is the one that pyproject.toml names (`[tool.tocsin] catalog = "module:NAME"`), in this folder or above it.

`tocsin --version` tells the version. `tocsin --install-completion` lets the shell complete verbs, options, and the
names of services, alerts and checks; `--show-completion` shows what it would install.

{verbs}
Written by `make docs` from the verbs themselves: change those, not this file.
"""


def document(app: typer.Typer) -> str:
    """Return the page of all verbs of *app*, as Markdown."""
    root = typer.main.get_command(app)
    return _HEAD.format(verbs="\n".join(_section(name, command) for name, command in commands(root)))


def commands(command: Any, name: str = "tocsin") -> Iterator[tuple[str, Any]]:
    """Yield every verb with its whole name, in the order in which `--help` lists them; groups are no verbs."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for each, inner in below.items():
        yield from commands(inner, f"{name} {each}")


def parameters(command: Any) -> list[Any]:
    """Return the arguments and options of a verb, without `--help`, which all have."""
    return [each for each in command.params if each.name != "help"]


def spelled(parameter: Any) -> str:
    """Return how a person writes a parameter: `[ALERTS]...`, `--format`, `--traffic/--no-traffic`."""
    if parameter.param_type_name == "argument":
        name = parameter.name.upper()
        return f"{name if parameter.required else f'[{name}]'}{'...' if parameter.nargs == -1 else ''}"
    return "/".join((", ".join(parameter.opts), *parameter.secondary_opts))


def _section(name: str, command: Any) -> str:
    kinds = get_type_hints(inspect.unwrap(command.callback))
    rows = "".join(f"| `{spelled(each)}` | {_told(each, kinds[each.name])} |\n" for each in parameters(command))
    table = f"\n| | |\n|---|---|\n{rows}" if rows else ""
    return f"## {name}\n\n{inspect.cleandoc(command.help or '')}\n{table}"


def _told(parameter: Any, kind: Any) -> str:
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    said = [parameter.help]
    if choices:
        said.append(f"One of {', '.join(f'`{each}`' for each in choices)}.")
    if parameter.required:
        said.append("Required.")
    elif parameter.default not in {None, False, True, ""}:
        said.append(f"By default `{parameter.default}`.")
    return " ".join(said)
