"""Times things beside each other in one process, and leaves out the rounds in which another program had the core.

Between bursts a calibration loop of fixed work runs. A burst counts if the loop ran about as fast before and after it
as it ever did. What a candidate adds is the median of its differences to the bare burst just before it.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

Burst = Callable[[], float]
"""Does a fixed amount of work, and returns the microseconds that one piece of it took."""

QUIET = 1.2
"""A burst counts whose calibration took at most this multiple of the quickest."""
FEWEST = 12
_WARM = 3


@dataclass
class Timed:
    """Microseconds: of the *bare* thing, and of what each candidate *added* to it."""

    bare: float
    added: dict[str, float]
    bursts: str


def calibration() -> float:
    """Return the seconds of a fixed piece of interpreter's work."""
    began = perf_counter()
    for number in range(300):
        {"path": f"/items/{number}", "headers": [(b"host", b"here"), (b"accept", b"*/*")], "number": number}  # noqa: B018 - work
    return perf_counter() - began


def compare(bare: Burst, candidates: Mapping[str, Burst], seconds: float) -> Timed:
    """Interleave *bare* and *candidates* for about *seconds*."""
    pairs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in candidates}
    for burst in [bare, *candidates.values()] * _WARM:
        burst()
    settle()
    until = perf_counter() + seconds
    rounds = 0
    while perf_counter() < until or rounds < FEWEST:
        rounds += 1
        for name, candidate in candidates.items():
            calm, without, with_it = calibration(), bare(), candidate()
            pairs[name].append((max(calm, calibration()), without, with_it))
    quickest = min(calm for taken in pairs.values() for calm, _, _ in taken)
    kept = {name: quiet(taken, quickest) for name, taken in pairs.items()}
    return Timed(
        bare=statistics.median(without for taken in kept.values() for _, without, _ in taken),
        added={name: statistics.median(b - a for _, a, b in taken) for name, taken in kept.items()},
        bursts=f"{sum(map(len, kept.values()))} of {rounds * len(candidates)} bursts were quiet",
    )


def quiet(taken: list[tuple[float, float, float]], quickest: float) -> list[tuple[float, float, float]]:
    """Return the pairs that were taken while the machine was quiet; the quietest few if it never was."""
    taken = sorted(taken)
    return [pair for pair in taken if pair[0] < QUIET * quickest] or taken[:FEWEST]


def settle() -> None:
    """Take what set-up made out of the garbage collector's sight, as it would not be there in a service."""
    gc.collect()
    gc.freeze()
