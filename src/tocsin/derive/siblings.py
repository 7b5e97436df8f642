"""Alerts that may ring together: those that are declared for faults of the same signal of one service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.derive.plan import AlertRule, Recording, RuleGroup
from tocsin.model import (
    HTTP_DURATION,
    HTTP_REQUESTS,
    PROBE,
    Down,
    Errors,
    Fault,
    Flapping,
    Scale,
    Selector,
    Shift,
    Signal,
    Silence,
    Slow,
    Unreachable,
    Vanish,
)


def introduce(groups: Sequence[RuleGroup]) -> tuple[RuleGroup, ...]:
    """Let the alerts of one service's *groups* know of each other."""
    spoilt = {rule.subject: _spoilt(rule) for rule in _alerts(groups)}

    def introduced(rule: Recording | AlertRule) -> Recording | AlertRule:
        if isinstance(rule, Recording):
            return rule
        siblings = (name for name, signals in spoilt.items() if signals & _spoilt(rule) and name != rule.subject)
        return replace(rule, also=tuple(dict.fromkeys((*rule.also, *siblings))))

    return tuple(replace(group, rules=tuple(map(introduced, group.rules))) for group in groups)


def _alerts(groups: Sequence[RuleGroup]) -> list[AlertRule]:
    return [rule for group in groups for rule in group.rules if isinstance(rule, AlertRule)]


def _spoilt(rule: AlertRule) -> set[str]:
    return {signal(fault) for fault in rule.faults}


def signal(fault: Fault) -> str:
    """Return the name of the signal that a fault spoils."""
    match fault:
        case Flapping(fault=inner):
            return signal(inner)
        case Down() | Vanish():
            return "up"
        case Unreachable():
            return PROBE.name
        case Errors(bad=bad):
            return _name(bad or HTTP_REQUESTS)
        case Slow(of=of):
            return _name(of or HTTP_DURATION)
        case Silence(signal=found) | Shift(signal=found) | Scale(signal=found):
            return found.name
        case _:
            raise AssertionError(f"no signal for {type(fault).__name__}")


def _name(of: Signal | Selector) -> str:
    return of.signal.name if isinstance(of, Selector) else of.name
