"""The table of prices: that of the package, or one of the project's own."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast, get_args

from tocsin import source
from tocsin.derive.cost import ServiceCost
from tocsin.model import TocsinError

Of = Literal["samples", "log bytes", "streamed bytes"]

OURS = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Price:
    """What *unit* of something costs in US dollars, from each quantity of the *tiers* in a month on.

    *day* is when that was read at its *source*.
    """

    key: str
    name: str
    of: Of
    unit: float
    tiers: tuple[tuple[float, float], ...]
    day: date
    source: str

    def dollars(self, quantity: float) -> float:
        """Return what so much costs in a month."""
        total, end = 0.0, float("inf")
        for begin, each in reversed(self.tiers):
            total += max(0.0, min(quantity, end) - begin) * each
            end = begin
        return total / self.unit


def quantity(price: Price, services: Sequence[ServiceCost]) -> tuple[float, float]:
    """Return how much of what is priced the services come to in a month: in the worst case, and on declared days."""
    if price.of == "samples":
        return sum(each.samples[0] for each in services), sum(each.samples[1] for each in services)
    logs = price.of == "log bytes"
    total = sum(each.log_bytes if logs else each.streamed_bytes for each in services)
    return total, total


def prices(given: Path | None) -> tuple[Price, ...]:
    """Return the prices of the file that is *given*, or that pyproject.toml names, or else ours.

    Raises:
        TocsinError: the file cannot be read, or something in it is wrong.

    """
    root = source.project_root()
    named = source.settings(root).get("prices")
    file = given or (root / str(named) if named else OURS)
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise TocsinError(f"{file} cannot be read ({cause.strerror}): name a file of prices.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise TocsinError(f"{file} is no TOML: {cause}.") from None
    return tuple(_price(file, key, table) for key, table in tables.items())


def _price(file: Path, key: str, table: object) -> Price:
    said = table if isinstance(table, dict) else {}
    missing = [name for name in ("name", "of", "unit", "tiers", "date", "source") if name not in said]
    if missing:
        raise TocsinError(f"{file}: [{key}] lacks {', '.join(missing)}: see docs/cost.md for what a price needs.")
    if said["of"] not in get_args(Of):
        raise TocsinError(f"{file}: [{key}] is a price of {said['of']!r}: choose {', '.join(get_args(Of))}.")
    if not isinstance(said["date"], date):
        raise TocsinError(f"{file}: [{key}] needs a date without quotes, like 2026-11-25.")
    try:
        tiers = tuple((float(begin), float(dollars)) for begin, dollars in said["tiers"])
        unit = float(said["unit"])
    except (TypeError, ValueError):
        raise TocsinError(f"{file}: [{key}] needs a number as unit and tiers like [[0, 0.5]].") from None
    if not tiers or tiers[0][0] != 0 or unit <= 0 or any(one >= other for (one, _), (other, _) in pairwise(tiers)):
        raise TocsinError(f"{file}: [{key}] needs a unit above 0, and tiers that begin at 0 and increase.")
    return Price(key, str(said["name"]), cast(Of, said["of"]), unit, tiers, said["date"], str(said["source"]))
