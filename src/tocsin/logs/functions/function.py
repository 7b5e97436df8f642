"""What the table of functions says of one."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.logs.rewrites import Rewrite

ANY = 1_000
"""How many arguments a function takes that takes any number."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: an *example*, and what that *gives* as JSON; between how many *least* and *most* arguments it takes.

    *rewrite* makes DuckDB's call of it; without one its syntax is its own, and sqlglot's translation is right.
    """

    name: str
    example: str
    gives: str
    least: int = 1
    most: int = 1
    rewrite: Rewrite | None = None
