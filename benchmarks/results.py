"""What a benchmark found: tables, and goals that were met or missed, and by how much."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Goal:
    """A figure that is to be at most (or at least) its limit."""

    what: str
    figure: float
    limit: float
    at_least: bool = False
    unit: str = "x"

    def sentence(self) -> str:
        """Return goal, figure and verdict."""
        bound = "at least" if self.at_least else "at most"
        return f"{self.what}: {bound} {self.limit:g} {self.unit}; {self.figure:.3g} {self.unit}, {self._verdict()}"

    def _verdict(self) -> str:
        short = self.limit / self.figure if self.at_least else self.figure / self.limit
        return "met" if short <= 1 else f"MISSED by {max(0.1, (short - 1) * 100):.{0 if short > 1.1 else 1}f} %"


@dataclass
class Table:
    """One table; cells are text, ready to be read."""

    title: str
    head: list[str]
    rows: list[list[str]]
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the table as Markdown that is read as easily when it is not rendered."""
        widths = [max(len(row[column]) for row in [self.head, *self.rows]) for column in range(len(self.head))]
        lines = [_line(self.head, widths), _line(["-" * width for width in widths], widths)]
        lines += [_line(row, widths) for row in self.rows]
        said = [f"- {goal.sentence()}" for goal in self.goals]
        parts = [f"## {self.title}", "\n".join(self.notes), "\n".join(lines), "\n".join(said)]
        return "\n\n".join(part for part in parts if part) + "\n"


def _line(cells: list[str], widths: list[int]) -> str:
    first, *rest = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *rest]) + " |"


def report(tables: list[Table], into: str | None) -> None:
    """Print *tables*, and leave them for the whole suite in the file *into*."""
    for table in tables:
        sys.stderr.write(table.text() + "\n")
    if into:
        Path(into).write_text(json.dumps([asdict(table) for table in tables]), encoding="utf-8")


def read(path: Path) -> list[Table]:
    """Read what `report` left."""
    tables = json.loads(path.read_text(encoding="utf-8"))
    return [Table(**{**table, "goals": [Goal(**goal) for goal in table["goals"]]}) for table in tables]


def put(table: Table, results: Path) -> None:
    """Replace *table*, and its goals in the summary, in what a run of all left in *results*."""
    text = results.read_text(encoding="utf-8")
    begins = {goal.what.partition(":")[0] for goal in table.goals}
    lines = [line for line in text.splitlines() if line.removeprefix("- ").partition(":")[0] not in begins]
    sections = [part for part in _sections("\n".join(lines)) if not part.startswith(table.title)]
    results.write_text(_with(sections, table.text().removeprefix("## ")), encoding="utf-8")


def keep(before: str, results: Path) -> None:
    """Put the tables of *before* that *results* lacks back, and their goals, for another run measured them."""
    there = {_title(part) for part in _sections(results.read_text(encoding="utf-8"))}
    for part in _sections(before):
        if _title(part) not in there:
            results.write_text(_with(_sections(results.read_text(encoding="utf-8")), part), encoding="utf-8")


def _with(sections: list[str], further: str) -> str:
    """Return the text of *sections* and one more, whose goals are summed up with the others'."""
    goals = next(number for number, part in enumerate(sections) if _title(part) == "Goals")
    said = "\n".join(line for line in further.splitlines() if line.startswith("- "))
    sections[goals] = f"{sections[goals].rstrip()}\n{said}\n"
    whole = "\n## ".join(sections).rstrip()
    return f"{whole}\n\n## {further.strip()}\n"


def _sections(text: str) -> list[str]:
    return text.split("\n## ")


def _title(section: str) -> str:
    return section.partition("\n")[0]
