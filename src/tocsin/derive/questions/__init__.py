"""The questions that people ask of logs: BigQuery SQL on the view `logs`, each in a file beside this one.

The first line of a file is a comment that says what is asked. Every question looks at a stated number of days, so that
BigQuery reads these partitions alone. Numbers in `fields` are read as FLOAT64: a Cloud Logging sink has no other.
Sources: BigQuery's documentation, "Functions, operators, and conditionals", and "Query partitioned tables" (pruning);
Cloud Logging's pricing ($0.50 for each GiB past the first 50 GiB of a project and month).
"""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A question: what it asks, in a sentence, and its query."""

    name: str
    title: str
    sql: str


def _read() -> tuple[Question, ...]:
    files = sorted(importlib.resources.files(__name__).iterdir(), key=lambda file: file.name)
    texts = {file.name.removesuffix(".sql"): file.read_text("utf-8") for file in files if file.name.endswith(".sql")}
    return tuple(Question(name, text.partition("\n")[0].removeprefix("-- "), text) for name, text in texts.items())


QUESTIONS = _read()
"""Every question, by its name."""
