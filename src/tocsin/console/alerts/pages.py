"""Draws a runbook's blocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.alerts.runbook import Block, Run
from tocsin.console.metrics import Away

_TAGS = {"plain": "span", "strong": "strong", "em": "em", "code": "code"}


def draw_runbook(found: tuple[Block, ...] | Away) -> None:
    """Draw a page, or why there is none."""
    if isinstance(found, Away):
        pieces.empty(found.sentence)
        return
    with ui.element("div").classes("prose"):
        for kind, group in groupby(found, lambda block: block.kind):
            blocks = list(group)
            if kind == "cell":
                _table(blocks)
            for block in blocks if kind != "cell" else ():
                _block(block)


def _block(block: Block) -> None:
    match block.kind:
        case "heading":
            with ui.element(f"h{min(6, block.depth + 2)}"):
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


def _table(blocks: Sequence[Block]) -> None:
    heads, *rows = ([_plain(part) for part in block.parts] for block in blocks)
    tables.table("Of the runbook", heads, rows)


def _plain(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


def draw_runs(runs: Sequence[Run]) -> None:
    """Draw words, each in its style."""
    for run in runs:
        if run.link:
            ui.link(run.text, run.link, new_tab=True).props('rel="noreferrer"')
        else:
            pieces.words(run.text, _TAGS[run.style])
