"""Draws the blocks of a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.markdown import Block, Run

_TAGS = {"plain": "span", "strong": "strong", "em": "em", "code": "code", "strike": "s", "mention": "b", "block": "pre"}


def prose(found: Sequence[Block], name: str, *, level: int = 3) -> None:
    """Draw a page, which *name* says; its first headings are of *level*."""
    with ui.element("div").classes("prose"):
        for kind, group in groupby(found, lambda block: block.kind):
            blocks = list(group)
            if kind == "cell":
                _table(blocks, name)
            for block in blocks if kind != "cell" else ():
                _block(block, level)


def _block(block: Block, level: int) -> None:
    match block.kind:
        case "heading":
            with ui.element(f"h{min(6, block.depth + level - 1)}"):
                draw_runs(block.parts[0])
        case "item":
            with ui.element("div").classes("item").style(f"padding-left: {block.depth * 20}px"):
                pieces.words(block.mark, "span", "mark")
                with ui.element("span"):
                    draw_runs(block.parts[0])
        case "code":
            pieces.words(block.parts[0][0].text, "pre")
        case "rule":
            ui.element("hr")
        case _:
            with ui.element("p"):
                draw_runs(block.parts[0])


def _table(blocks: Sequence[Block], name: str) -> None:
    heads, *rows = blocks
    tables.table(
        name,
        ["".join(run.text for run in part) for part in heads.parts],
        [[partial(draw_runs, part) for part in row.parts] for row in rows],
    )


def draw_runs(runs: Sequence[Run]) -> None:
    """Draw words, each in its style."""
    for run in runs:
        if run.link:
            ui.link(run.text, run.link, new_tab=True).props('rel="noreferrer"')
        else:
            pieces.words(run.text, _TAGS[run.style])
