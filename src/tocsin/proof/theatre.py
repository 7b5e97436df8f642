"""Holds rehearsals: one promtool on each core, each with the rehearsals that share their rules and their step."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tocsin.model import TocsinError
from tocsin.proof import promtool
from tocsin.proof.memory import Memory
from tocsin.proof.rehearsal import Reading, Rehearsal
from tocsin.proof.rules import Slice

AT_ONCE = 16
"""Rehearsals that one promtool holds at most, so that no core waits for another at the end."""

Notice = Callable[[int, int], None]
"""Is told how many rehearsals were held, and of how many."""


class Theatre:
    """Where rehearsals are held, by the promtool at a *path*; what comes of them is kept in a file of *memories*."""

    def __init__(self, path: Path, memories: Path) -> None:
        self._promtool = path
        self._memory = Memory(memories, _version(path))
        self.recalled = 0
        """How many rehearsals needed not be held, since what came of them was known."""

    def hold(self, rehearsals: Sequence[Rehearsal], notice: Notice = lambda _, __: None) -> list[Reading]:
        """Return what comes of each rehearsal.

        Raises:
            TocsinError: promtool cannot be run, or refuses the rules.

        """
        found = {number: reading for number, each in enumerate(rehearsals) if (reading := self._memory.recall(each))}
        open_ = [number for number in range(len(rehearsals)) if number not in found]
        self.recalled += len(found)
        notice(len(found), len(rehearsals))
        with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as cores:  # one spells while the others judge
            runs = {
                cores.submit(promtool.run, self._promtool, [rehearsals[number] for number in batch]): batch
                for batch in _batches(rehearsals, open_)
            }
            try:
                for run in as_completed(runs):
                    for number, reading in zip(runs[run], run.result(), strict=True):
                        found[number] = reading
                        self._memory.keep(rehearsals[number], reading)
                    notice(len(found), len(rehearsals))
            finally:
                cores.shutdown(wait=False, cancel_futures=True)
                if open_:
                    self._memory.save()
        return [found[number] for number in range(len(rehearsals))]

    def attend(self, rehearsals: Sequence[Rehearsal]) -> list[Reading]:
        """Return what comes of each rehearsal of rules that promtool may refuse; nothing is written down yet.

        Raises:
            TocsinError: promtool cannot be run.

        """
        found = {number: reading for number, each in enumerate(rehearsals) if (reading := self._memory.recall(each))}
        for batch in _batches(rehearsals, [number for number in range(len(rehearsals)) if number not in found]):
            together = [rehearsals[number] for number in batch]
            try:
                readings = promtool.run(self._promtool, together)
            except promtool.Refused as why:
                readings = [Reading(refused=str(why))] * len(batch)
            for number, reading in zip(batch, readings, strict=True):
                found[number] = reading
                self._memory.keep(rehearsals[number], reading)
        return [found[number] for number in range(len(rehearsals))]

    def remember(self) -> None:
        """Write down what came of all rehearsals so far."""
        self._memory.save()


def _batches(rehearsals: Sequence[Rehearsal], numbers: Iterable[int]) -> list[list[int]]:
    """Return the numbers by what one promtool can hold together, those that take longest first."""
    groups: dict[tuple[Slice, int], list[int]] = {}
    for number in numbers:
        groups.setdefault((rehearsals[number].part, rehearsals[number].pace.step), []).append(number)
    batches = [group[at : at + AT_ONCE] for group in groups.values() for at in range(0, len(group), AT_ONCE)]

    def effort(batch: list[int]) -> float:
        each = (rehearsals[number] for number in batch)
        return sum(rehearsal.day.ends / rehearsal.pace.step * len(rehearsal.part.rules) for rehearsal in each)

    return sorted(batches, key=effort, reverse=True)


def _version(path: Path) -> str:
    try:
        return subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError as error:
        raise TocsinError(f"{path} cannot be run ({error.strerror}): run `make setup` again.") from None
