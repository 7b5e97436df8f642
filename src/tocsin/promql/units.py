"""What a number measures, told from the name of its metric and followed through arithmetic.

Source: Prometheus's documentation, "Metric and label naming" (base units, suffixes), and OpenMetrics 1.0, "Units and
Base Units". Whatever is multiplied by a plain number keeps its dimension, but nobody knows its scale any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_SCALES: dict[str, tuple[str, float]] = {
    "seconds": ("seconds", 1.0),
    "milliseconds": ("seconds", 1e-3),
    "millis": ("seconds", 1e-3),
    "ms": ("seconds", 1e-3),
    "microseconds": ("seconds", 1e-6),
    "us": ("seconds", 1e-6),
    "nanoseconds": ("seconds", 1e-9),
    "minutes": ("seconds", 60.0),
    "hours": ("seconds", 3600.0),
    "days": ("seconds", 86400.0),
    "bytes": ("bytes", 1.0),
    "bits": ("bytes", 0.125),
    "kilobytes": ("bytes", 1e3),
    "megabytes": ("bytes", 1e6),
    "gigabytes": ("bytes", 1e9),
    "celsius": ("celsius", 1.0),
    "fahrenheit": ("fahrenheit", 1.0),
    "kelvin": ("kelvin", 1.0),
    "meters": ("meters", 1.0),
    "volts": ("volts", 1.0),
    "amperes": ("amperes", 1.0),
    "joules": ("joules", 1.0),
    "watts": ("watts", 1.0),
    "grams": ("grams", 1.0),
    "ratio": ("", 1.0),
    "percent": ("", 0.01),
}
BASE = frozenset(("seconds", "bytes", "celsius", "meters", "volts", "amperes", "joules", "grams", "ratio"))
"""Units that Prometheus's conventions ask for."""

_SUFFIXES = ("total", "sum", "count", "bucket", "created", "info")


@dataclass(frozen=True, slots=True)
class Unit:
    """Powers of dimensions, and how many base units one is; no *scale* if that is not known any more."""

    powers: tuple[tuple[str, int], ...] = ()
    scale: float | None = 1.0

    def __mul__(self, other: Unit) -> Unit:
        return _combined(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _combined(self, other, -1)

    def scaled(self) -> Unit:
        """Return the unit of a multiple."""
        return Unit(self.powers, None)

    def differs(self, other: Unit) -> bool:
        """Tell whether values of both cannot be added or compared.

        A plain number may stand for some seconds, as in `rate(a[5m]) * 300`: where there was one, time does not count.
        """
        if self.scale is None or other.scale is None:
            return self._timeless() != other._timeless()
        return self.powers != other.powers or self.scale != other.scale

    def _timeless(self) -> list[tuple[str, int]]:
        return [power for power in self.powers if power[0] != "seconds"]

    def __str__(self) -> str:
        if not self.powers:
            return "percent" if self.scale == 0.01 else "a plain number"  # noqa: PLR2004 - a hundredth
        named = [name for name, (of, scale) in _SCALES.items() if ((of, 1),) == self.powers and scale == self.scale]
        return named[0] if named else " ".join(f"{name}^{power}" if power != 1 else name for name, power in self.powers)


PLAIN = Unit()
SECONDS = Unit((("seconds", 1),))
BYTES = Unit((("bytes", 1),))


def word(name: str) -> str:
    """Return the word of a metric's name that says its unit, "" if none does."""
    words = name.lower().split("_")
    while words and words[-1] in _SUFFIXES:
        words.pop()
    return words[-1] if words and words[-1] in _SCALES else ""


def named(name: str) -> Unit | None:
    """Return the unit that a metric's name tells of what it measures; None if it tells none."""
    found = _SCALES.get(word(name))
    if found is None:
        return None
    dimension, scale = found
    return Unit(((dimension, 1),) if dimension else (), scale)


def _combined(one: Unit, other: Unit, sign: int) -> Unit:
    powers: Mapping[str, int] = dict(one.powers)
    merged = {**powers}
    for name, power in other.powers:
        merged[name] = merged.get(name, 0) + sign * power
    scale = None
    if one.scale is not None and other.scale is not None:
        scale = one.scale * other.scale if sign > 0 else one.scale / other.scale
    return Unit(tuple(sorted((name, power) for name, power in merged.items() if power)), scale)
