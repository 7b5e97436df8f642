"""What was seen of the world before judging; a check never looks by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """What was looked at; None means that nobody looked.

    *runbooks* are the pages found, as `<service>/<path>`; *secrets* the names of the files that
    hold keys and addresses.
    """

    runbooks: frozenset[str] | None = None
    secrets: frozenset[str] | None = None
