"""What came of earlier rehearsals, kept in a file: the same rehearsal is not held twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tocsin.proof.rehearsal import Reading, Rehearsal

MOST = 20_000
"""Readings that are kept; the oldest are forgotten first."""

_ENGINE = ("proof/course", "proof/motion", "proof/promtool", "proof/rehearsal", "model/distribution", "model/signal")
"""The modules that make a reading of a rehearsal."""


class Memory:
    """Readings by the content of their rehearsals, in the file at *path*; *judge* tells which promtool read them."""

    def __init__(self, path: Path, judge: str) -> None:
        self._path = path
        self._salt = f"{judge}\n{_engine()}"
        self._kept = _read(path)

    def recall(self, rehearsal: Rehearsal) -> Reading | None:
        """Return what came of a rehearsal, if it was ever held."""
        key = self._key(rehearsal)
        found = self._kept.pop(key, None)
        if found is None:
            return None
        self._kept[key] = found  # the latest used is the last to be forgotten
        return Reading(
            pending=found["pending"],
            firing=found["firing"],
            last=found["last"],
            labels=tuple((name, value) for name, value in found["labels"]),
            annotations=tuple((name, value) for name, value in found["annotations"]),
            refused=found["refused"],
        )

    def keep(self, rehearsal: Rehearsal, reading: Reading) -> None:
        """Remember what came of a rehearsal."""
        self._kept[self._key(rehearsal)] = asdict(reading)

    def save(self) -> None:
        """Write everything down, beside what others wrote meanwhile; where nobody may write, nothing is remembered."""
        others = {key: each for key, each in _read(self._path).items() if key not in self._kept}
        latest = dict(list({**others, **self._kept}.items())[-MOST:])
        half = self._path.with_suffix(f".{os.getpid()}-{id(self):x}.half")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            half.write_text(json.dumps(latest), encoding="utf-8")
            half.replace(self._path)

    def _key(self, rehearsal: Rehearsal) -> str:
        return hashlib.sha256(f"{self._salt}\n{rehearsal.key}".encode()).hexdigest()


def _engine() -> str:
    """Return what tells this release's way to rehearse from another's: the code itself."""
    digest = hashlib.sha256()
    for name in _ENGINE:
        digest.update((Path(__file__).parents[1] / f"{name}.py").read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
