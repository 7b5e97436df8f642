"""The conditions that are put around an alert's expression: events enough, opening hours, a service that is up."""

from __future__ import annotations

from tocsin.model import Events, Hours


def holds(expr: str, *clauses: str) -> str:
    """Join an expression and its conditions, one on each line."""
    return "\n".join((f"({expr})", *clauses)) if clauses else expr


def at_least(events: Events) -> str:
    """Hold only when at least so many events happened: few events prove nothing."""
    return f"and on () (sum(increase({events.of}[{events.window}])) >= {events.count})"


def open_hours(hours: Hours) -> str:
    """Hold only within opening hours; without word about them the alert is free to ring."""
    return f'unless on () (tocsin:hours:open{{hours="{hours.name}"}} == 0)'


def unless_down(service: str) -> str:
    """Hold only while the service is up: ServiceDown speaks for it otherwise."""
    return f"unless on () {down(service)}"


def down_though_there(service: str) -> str:
    """Select something when instances of a service are there, and none of them answers."""
    return f'{down(service)} and on () (count(up{{job="{service}"}}) > 0)'


def down(service: str) -> str:
    """Select something when no instance of a service answers, or when none is there at all."""
    return f'absent(up{{job="{service}"}} == 1)'
