"""Opening hours as recording rules.

Alertmanager's own time intervals swallow the resolve of what rang before closing (alertmanager issues 2754 and 3664).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.derive.plan import AlertRule, Plan, Recording
from tocsin.model import Hours

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON = datetime(2038, 1, 1, tzinfo=UTC)
"""Past this moment the zone's changes are not written down, and the shop counts as always open."""

SUNDAY, SATURDAY = 0, 6
"""The first and the last day of a week, as PromQL's day_of_week() counts them."""

LOCAL_TIME = "tocsin:hours:local_time"
OPEN = "tocsin:hours:open"


def recordings(hours: Hours) -> Iterator[Recording]:
    """Record a shop's local time, and whether it is open: 1 or 0."""
    labels = {"hours": hours.name}
    yield Recording(LOCAL_TIME, f"vector({_local_time(hours.zone)})", labels)
    local = f'{LOCAL_TIME}{{hours="{hours.name}"}}'
    spans = "\n+ ".join(_span(local, *span) for span in _weeks(hours))
    yield Recording(OPEN, f"clamp_max(\n{spans}\n+ (time() >= bool {HORIZON.timestamp():.0f}), 1)", labels)


def always_open(plan: Plan) -> Plan:
    """Return *plan* with every shop open at any hour; no other rule changes."""

    def opened(rule: Recording | AlertRule) -> Recording | AlertRule:
        return replace(rule, expr="vector(1)") if rule.name == OPEN else rule

    return replace(plan, groups=tuple(replace(group, rules=tuple(map(opened, group.rules))) for group in plan.groups))


def _local_time(zone: str) -> str:
    info = ZoneInfo(zone)
    offset = _offset(info, BEGIN)
    terms = [f"time() {_signed(offset)}"]
    for moment in _transitions(info):
        change = _offset(info, moment) - offset
        offset += change
        terms.append(f"{_signed(change)} * (time() >= bool {moment.timestamp():.0f})")
    return "\n".join(terms)


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _signed(number: int) -> str:
    return f"{'-' if number < 0 else '+'} {abs(number)}"


def _transitions(zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments from BEGIN to HORIZON at which the zone's offset changes, to the second."""
    day = timedelta(days=1)
    moment = BEGIN
    while moment < HORIZON:
        if _offset(zone, moment) != _offset(zone, moment + day):
            yield _moment_of_change(zone, moment, moment + day)
        moment += day


def _moment_of_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _weeks(hours: Hours) -> Iterator[tuple[int, int, int, int]]:
    """Yield (first day, last day, opens, closes), with neighbouring days of the same hours put together."""
    by_clock: dict[tuple[int, int], list[int]] = {}
    for span in hours.spans:
        by_clock.setdefault((span.opens, span.closes), []).append(span.day)
    for (opens, closes), days in by_clock.items():
        first = days[0]
        for day, following in zip(days, [*days[1:], None], strict=True):
            if following != day + 1:
                yield first, day, opens, closes
                first = following or 0


def _span(local: str, first: int, last: int, opens: int, closes: int) -> str:
    """Return 1 within the hours of some days and 0 without, with no comparison that always holds."""
    clauses = [f"({local} % 86400 < bool {closes * 60})"]
    if opens > 0:
        clauses.insert(0, f"({local} % 86400 >= bool {opens * 60})")
    if first == last:
        clauses.insert(0, f"(day_of_week({local}) == bool {first})")
    else:
        if last < SATURDAY:
            clauses.insert(0, f"(day_of_week({local}) <= bool {last})")
        if first > SUNDAY:
            clauses.insert(0, f"(day_of_week({local}) >= bool {first})")
    return " * ".join(clauses)
