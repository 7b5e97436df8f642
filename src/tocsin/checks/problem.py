"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin.model import Passage, Place
from tocsin.promql.tokens import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with *subject*; *declared* is the text by which its declaration is found.

    *passage* is the text that is wrong, where there is one, and *span* the part of it that is to blame.
    """

    check: str
    subject: str
    message: str
    declared: str
    severity: Severity = "error"
    passage: Passage | None = None
    span: Span | None = None

    @property
    def place(self) -> Place | None:
        """Where it stands, None if that is in no file that was looked at."""
        if self.passage is None:
            return None
        return self.passage.place(self.span.start if self.span else 0)
