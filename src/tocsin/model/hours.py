"""Hours: when a shop is open, in its own time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tocsin.model.errors import DeclarationError
from tocsin.model.naming import require_host

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""Weekdays in PromQL's order: day_of_week() is 0 on a Sunday."""

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """An opening on one weekday (0 is Sunday), in minutes after local midnight; the end is exclusive."""

    day: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: `Hours("shop", "America/Chicago", {"mon-sat": "09:00-21:00", "sun": "10:00-18:00"})`.

    A closing time that is not after the opening time belongs to the next day.
    """

    name: str
    zone: str
    week: Mapping[str, str] = field(hash=False)
    spans: tuple[Span, ...] = field(init=False)

    def __post_init__(self) -> None:
        require_host(self.name, "hours'")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as cause:
            raise DeclarationError(
                f"Hours {self.name!r}: there is no time zone {self.zone!r}: use a name like Europe/Berlin."
            ) from cause
        spans = [span for days, clock in self.week.items() for span in self._spans(days, clock)]
        if not spans:
            raise DeclarationError(f"Hours {self.name!r} are never open: give at least one day.")
        object.__setattr__(self, "spans", tuple(sorted(spans, key=lambda span: (span.day, span.opens))))

    def _spans(self, days: str, clock: str) -> list[Span]:
        first, _, last = days.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise DeclarationError(f"Hours {self.name!r}: {days!r} is no day or range of days: write sun or mon-fri.")
        begin = DAYS.index(first)
        count = (DAYS.index(last) - begin) % 7 + 1 if last else 1
        opens, closes = self._clock(clock)
        spans = []
        for day in ((begin + offset) % 7 for offset in range(count)):
            if closes > opens:
                spans.append(Span(day, opens, closes))
            else:
                spans.append(Span(day, opens, 24 * 60))
                if closes:
                    spans.append(Span((day + 1) % 7, 0, closes))
        return spans

    def _clock(self, clock: str) -> tuple[int, int]:
        times = [_CLOCK.fullmatch(part) for part in clock.split("-")]
        minutes = [int(found[1]) * 60 + int(found[2]) for found in times if found]
        if len(times) != 2 or len(minutes) != 2 or max(minutes) > 24 * 60 or minutes[0] == 24 * 60:  # noqa: PLR2004 - from and to
            raise DeclarationError(f"Hours {self.name!r}: {clock!r} is no opening: write 09:00-21:00.")
        return minutes[0], minutes[1]
