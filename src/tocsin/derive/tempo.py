"""The same plan at another tempo, for drills: every duration is divided, everything else stays."""

from __future__ import annotations

from dataclasses import replace

from tocsin import promql
from tocsin.derive.plan import AlertRule, Criterion, Plan, Recording, Ring, Share, Timing
from tocsin.derive.reading import windows
from tocsin.model import TocsinError, duration, milliseconds, seconds

MIN_SCRAPES = 4
"""Scrapes that a window must hold; with fewer, rate() turns brittle and then empty."""
FASTEST_SCRAPE = 250
"""Milliseconds."""


def quicken(plan: Plan, speed: int) -> Plan:
    """Divide every duration of a plan by *speed*.

    Raises:
        TocsinError: the shortest window would hold fewer than four scrapes.

    """
    looked_back = (window for rule in plan.rules for window in windows(rule.expr))
    shortest = min(looked_back, default=MIN_SCRAPES * seconds(plan.scrape_interval))
    highest = max(1, int(shortest * 1000) // (MIN_SCRAPES * FASTEST_SCRAPE))
    if not 1 <= speed <= highest:
        raise TocsinError(
            f"A speed of {speed} does not work, because a window of {duration(int(shortest * 1000))} must hold "
            f"{MIN_SCRAPES} scrapes: choose one from 1 to {highest}."
        )
    return replace(
        plan,
        scrape_interval=_divided(plan.scrape_interval, speed, at_least=FASTEST_SCRAPE),
        evaluation_interval=_divided(plan.evaluation_interval, speed, at_least=FASTEST_SCRAPE),
        groups=tuple(replace(group, rules=tuple(_rule(rule, speed) for rule in group.rules)) for group in plan.groups),
        routes=tuple(replace(route, timing=_timing(route.timing, speed)) for route in plan.routes),
        boards=(),
    )


def _rule(rule: Recording | AlertRule, speed: int) -> Recording | AlertRule:
    expr = promql.quicken(rule.expr, speed)
    if isinstance(rule, Recording):
        return replace(rule, expr=expr)
    return replace(
        rule,
        expr=expr,
        lasting=_divided(rule.lasting, speed),
        within=_divided(rule.within, speed),
        rings=tuple(_ring(ring, speed) for ring in rule.rings),
        evidence=rule.evidence and replace(rule.evidence, window=_divided(rule.evidence.window, speed)),
        criteria=tuple(_criterion(criterion, speed) for criterion in rule.criteria),
    )


def _criterion(criterion: Criterion, speed: int) -> Criterion:
    share = criterion.share
    if not isinstance(share, Share):
        share = replace(share, length=_divided(share.length, speed))
    return replace(criterion, share=share, windows=tuple(_divided(window, speed) for window in criterion.windows))


def _ring(ring: Ring, speed: int) -> Ring:
    return replace(
        ring,
        within=_divided(ring.within, speed),
        not_before=_divided(ring.not_before, speed),
        silent_within=ring.silent_within and _divided(ring.silent_within, speed),
        silent_not_before=_divided(ring.silent_not_before, speed),
        calm=ring.calm and _divided(ring.calm, speed),
        window=ring.window and _divided(ring.window, speed),
    )


def _timing(timing: Timing, speed: int) -> Timing:
    return Timing(*(_divided(text, speed, at_least=1) for text in (timing.wait, timing.interval, timing.repeat)))


def _divided(text: str, speed: int, at_least: int = 0) -> str:
    return duration(max(milliseconds(text) // speed, at_least))
