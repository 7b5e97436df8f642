"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with *subject*; *declared* is the text by which its declaration is found."""

    check: str
    subject: str
    message: str
    declared: str
    severity: Literal["error", "warning"] = "error"
