"""The rows of an answer as they are written: as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Callable

from rich.cells import cell_len, set_cell_size

from tocsin.logs.database import Answer
from tocsin.logs.values import printable, records, text

_NUMBERS = ("BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "FLOAT", "TINYINT")
_WHOLE = ("TIMESTAMP", "DATE", "TIME", "BOOLEAN")
_LEAST = 8
"""Cells that a column keeps when the table is too wide for the terminal."""

_BETWEEN = "  "


def as_json(answer: Answer) -> str:
    """Write a list of objects, one a line."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in records(answer))
    return f"[\n{rows}\n]\n" if rows else "[]\n"


def as_csv(answer: Answer) -> str:
    """Write the names, then the rows; NULL is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(column.name for column in answer.columns)
    writer.writerows(_cells(answer))
    return file.getvalue()


def as_table(answer: Answer) -> str:
    """Write an aligned table, cut to the width of the terminal where there is one."""
    names = [column.name for column in answer.columns]
    rows = [[printable(cell) for cell in row] for row in _cells(answer)]
    widths = [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)]
    right = [column.type in _NUMBERS for column in answer.columns]
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        whole = [column.type in _NUMBERS or column.type.startswith(_WHOLE) for column in answer.columns]
        widths = _fitted(widths, whole, shutil.get_terminal_size().columns)
    lines = (names, ["-" * width for width in widths], *rows)
    return "".join(_line(cells, widths, right) for cells in lines)


FORMS: dict[str, Callable[[Answer], str]] = {"table": as_table, "json": as_json, "csv": as_csv}


def _cells(answer: Answer) -> list[list[str]]:
    return [
        [text(value, column.type) for column, value in zip(answer.columns, row, strict=True)] for row in answer.rows
    ]


def _fitted(widths: list[int], whole: list[bool], most: int) -> list[int]:
    """Take from the widest column as long as the table is too wide; numbers and times stay *whole*."""
    fitted = list(widths)
    excess = sum(fitted) + len(_BETWEEN) * (len(fitted) - 1) - most
    cut = [index for index, stays in enumerate(whole) if not stays]
    for _ in range(max(0, excess)):
        widest = max(cut, key=fitted.__getitem__, default=None)
        if widest is None or fitted[widest] <= _LEAST:
            break
        fitted[widest] -= 1
    return fitted


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    placed = (_cell(cell, width, right=end) for cell, width, end in zip(cells, widths, right, strict=True))
    return _BETWEEN.join(placed).rstrip() + "\n"


def _cell(cell: str, width: int, *, right: bool) -> str:
    if cell_len(cell) > width:
        return set_cell_size(cell, width - 1) + "…"
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
