"""What is wrong with a query, and where it stands in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from tocsin.model import TocsinError


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a text: the characters from *start* up to *end*."""

    start: int
    end: int


class QueryError(TocsinError):
    """A query cannot be run; *spot* tells which part of *sql* is meant, where that is known."""

    def __init__(self, sentence: str, sql: str = "", spot: Spot | None = None) -> None:
        """Say where in the query, before the sentence, by line and column from 1 on."""
        self.sentence = sentence
        self.sql = sql
        self.spot = spot
        if spot is not None:
            line, column = self.place
            sentence = f"line {line}, column {column}: {sentence}"
        super().__init__(sentence)

    @property
    def place(self) -> tuple[int, int]:
        """The line and the column of the spot, from 1 on."""
        before = self.sql[: self.spot.start if self.spot else 0]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    @property
    def excerpt(self) -> str:
        """The line of the query that is meant, with a caret below each character of the spot."""
        if self.spot is None:
            return ""
        line, column = self.place
        text = self.sql.split("\n")[line - 1]
        carets = max(1, min(self.spot.end - self.spot.start, len(text) - column + 1))
        lead = "".join(letter if letter == "\t" else " " for letter in text[: column - 1])
        return f"{text}\n{lead}{'^' * carets}\n"


class Refused(Exception):  # noqa: N818 - caught and told as a QueryError by the translation, which has the text
    """A part of a query that cannot be translated."""

    def __init__(self, node: exp.Expr, sentence: str) -> None:
        """Take the *node* that is meant."""
        super().__init__(sentence)
        self.node = node


def spot_of(node: exp.Expr) -> Spot | None:
    """Return where *node* stands, by its own place or else by those of what is below it."""
    places = [found.meta for found in node.walk() if found.meta.get("end") is not None]
    if node.meta.get("end") is not None:
        places = [node.meta]
    if not places:
        return None
    return Spot(min(place["start"] for place in places), max(place["end"] for place in places) + 1)
