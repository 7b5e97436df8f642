"""When an alert must ring and fall silent, from the arithmetic of its windows.

A share *spoilt* of all events that turns bad makes the ratio over a window pass a threshold after
window x threshold / spoilt, and fall below it again when all but that part of the window is healthy
(SRE Workbook, chapter 5, "Reset time" and "Detection time"). What is bad on a healthy day counts
on both sides. The bounds leave room for scrapes and evaluations, but none for a window, a threshold or a `for` that is
twice or half of what was meant.
"""

from __future__ import annotations

import math

from tocsin.derive.plan import Ring
from tocsin.model import Fault, duration

RUSH = 4.0
"""Times the usual visits, after which a ratio of two different windows is far from what it was."""
EBB = 0.2
"""Times the visits under a fault that come after it, where those were not the usual ones."""
CLEARLY = 1.8
"""Times a threshold that a fault spoils, so that neither twice nor half of the threshold could be meant."""
NEARLY = 1.25
"""Times a threshold that a fault spoils in a rush: so near to it that every window has a say in the alert's end."""


def ebb(visits: float) -> float:
    """Return the visits after a fault, relative to those under it: fewer, where those were not the usual ones."""
    return 1.0 if visits == 1 else EBB


def detection(window: float, threshold: float, spoilt: float, visits: float = 1.0, usual: float = 0.0) -> float:
    """Return after how many seconds the ratio over *window* passes *threshold*, with so many times the usual visits.

    *usual* is the ratio on a healthy day.
    """
    room = max(0.0, threshold - usual)
    return window * room / (visits * (spoilt - threshold) + room)


def reset(window: float, threshold: float, spoilt: float, usual: float = 0.0, visits: float = 1.0) -> float:
    """Return how many seconds after the fault the ratio over *window* is below *threshold* again.

    *visits* are those after the fault, relative to those under it.
    """
    return window * (spoilt - threshold) / (spoilt - threshold + visits * max(0.0, threshold - usual))


def ring(
    fault: Fault,
    after: float,
    silent: float | None = None,
    *,
    lasting: float = 0.0,
    delay: float = 0.0,
    visits: float = 1.0,
    calm: str = "",
    window: str = "",
) -> Ring:
    """Return the ring for a condition that holds *after* so many seconds, and is *silent* so long after its fault.

    *lasting* is how long it must hold, *delay* by how much the fault may come to bear, and cease to, later;
    *visits*, *calm* and *window* are those of the ring.
    """
    return Ring(
        fault=fault,
        within=f"{math.ceil((after * 1.1 + lasting + delay) / 60) + 1}m",
        not_before=_seconds(math.floor(after * 0.85 + lasting)),
        silent_within="" if silent is None else _seconds(math.ceil(silent * 1.2 + 15 + delay)),
        silent_not_before="0s" if silent is None else _seconds(math.floor(silent * 0.8)),
        visits=visits,
        ebb=ebb(visits),
        calm=calm,
        window=window,
    )


def _seconds(number: int) -> str:
    return duration(number * 1000) if number else "0s"
