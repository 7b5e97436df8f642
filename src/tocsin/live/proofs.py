"""Reads what `tocsin prove` kept, as what was seen of each alert."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.derive import Proved, Trial


def read_proofs(file: Path) -> dict[str, Proved]:
    """Return what was seen of each alert, by its subject; nothing where there is no proof that can be read."""
    try:
        told = json.loads(file.read_bytes())
        made = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return _proofs(told, f"{made:%Y-%m-%d at %H:%M} UTC")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _proofs(told: Mapping[str, Any], made: str) -> dict[str, Proved]:
    trials: defaultdict[str, list[Trial]] = defaultdict(list)
    beside: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    deaf: defaultdict[str, list[str]] = defaultdict(list)
    for each in told["rehearsals"]:
        trials[each["alert"]].append(_trial(each))
    for row in (row for table in told["matrix"] for row in table["faults"]):
        for cell in row["rings"]:
            if not cell["meant"]:
                beside[cell["alert"]].append((row["fault"], cell["after"]))
        for alert in row["silent"]:
            deaf[alert].append(row["fault"])
    return {
        alert: Proved(made=made, trials=tuple(trials[alert]), beside=tuple(beside[alert]), deaf=tuple(deaf[alert]))
        for alert in trials
    }


def _trial(told: Mapping[str, Any]) -> Trial:
    return Trial(
        what=": ".join(filter(None, (told["day"], told["fault"]))),
        must=told["rings"],
        rang=told["after"],
        silent=told.get("silent"),
        problem=told["problem"] or "",
    )
