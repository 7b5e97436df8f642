"""What an import leaves to people: what was not declared, and what nobody said."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model import Place


@dataclass(frozen=True, slots=True)
class Left:
    """What was left out or guessed of *subject*, which stands at *place*, and why."""

    place: Place
    subject: str
    why: str
