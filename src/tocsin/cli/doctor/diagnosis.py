"""What was found of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "optional", "mend"]
"""There; away, which only some verbs miss; away or broken, without which hardly anything runs."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A thing by its *name*, how it was found, and as its *cure* what to do where something is to be done."""

    name: str
    state: State
    said: str
    cure: str = ""
