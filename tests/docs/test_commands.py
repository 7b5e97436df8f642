"""docs/commands.md says what every verb takes."""

from __future__ import annotations

from pathlib import Path

import typer

from tocsin.cli import VERBS, app, reference

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
VERBS_FOUND = dict(reference.commands(typer.main.get_command(app)))


def test_the_page_is_what_make_docs_writes() -> None:
    assert reference.document(app) == PAGE, (
        "run `make docs`: a verb says something else of itself than docs/commands.md"
    )


def test_every_verb_and_every_option_is_on_the_page() -> None:
    assert {f"tocsin {verb.__name__}" for verb in VERBS} < set(VERBS_FOUND)
    for name, command in VERBS_FOUND.items():
        section = PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert all(f"| `{reference.spelled(each)}` | " in section for each in reference.parameters(command)), name


def test_every_verb_and_every_option_says_what_it_is() -> None:
    silent = [
        f"{name} {reference.spelled(each)}"
        for name, command in VERBS_FOUND.items()
        for each in reference.parameters(command)
        if not each.help
    ]
    assert silent == []
    assert all(command.help for command in VERBS_FOUND.values())
