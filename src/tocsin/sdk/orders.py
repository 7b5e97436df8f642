"""Orders to the fault door: how a service is to be broken, in the words of `tocsin.model.fault`, and for how long.

An order is a JSON object, {} to heal: {"errors": 0.5, "slow": 2.0, "down": true, "silence": ["orders_total"],
"shift": {"basket_euros": 3}, "scale": {"visits_total": 0.02}, "spoil": [{"ratio": 0.1, "of": "visits_total", "bad":
"failures_total"}], "delay": [{"seconds": 3.0, "of": "search_seconds"}], "for": 60}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tocsin.model import (
    Counter,
    Down,
    Errors,
    Fault,
    Histogram,
    Scale,
    Selector,
    Shift,
    Signal,
    Silence,
    Slow,
    TocsinError,
)
from tocsin.sdk import selectors

LIMIT = 600.0
"""Seconds after which a service heals by itself, unless its order says otherwise: a drill may die."""
LONGEST = 86_400.0
"""Seconds that no order may exceed."""
FASTEST = 1000.0
"""Times as fast as the clock that no order may let time run."""
MAXIMUM = 4096
"""Bytes that no order may exceed."""

Recorded = Silence | Shift | Scale | Errors | Slow
"""What may befall the recordings of a signal."""

_NAMES = (
    "errors",
    "slow",
    "slow_share",
    "down",
    "silence",
    "shift",
    "scale",
    "spoil",
    "delay",
    "speed",
    "for",
)
_EXAMPLE = 'send something like {"errors": 0.5, "for": 60}, or {} to heal'


@dataclass(frozen=True, slots=True)
class Order:
    """How the service is to be broken, for *seconds*; *signals* holds what befalls recordings, by the signal's name.

    While they are silent, gauges whose name ends with _timestamp_seconds age *speed* times as fast as the clock.
    """

    errors: Errors | None = None
    slow: Slow | None = None
    down: Down | None = None
    signals: Mapping[str, Recorded] = field(default_factory=dict)
    speed: float = 1.0
    seconds: float = LIMIT

    @classmethod
    def read(cls, body: bytes, signals: Mapping[str, Signal]) -> Order:
        """Read an order for a service that records *signals*.

        Raises:
            TocsinError: it is not one.

        """
        order = _parsed(body)
        broken: dict[str, Recorded] = {}
        for name, fault in _recorded(order, signals):
            if name in broken:
                raise TocsinError(f"The order breaks {name} in two ways: choose one.")
            broken[name] = fault
        return cls(
            errors=Errors(_number(order, "errors")) if "errors" in order else None,
            slow=_slow(order),
            down=Down() if _switch(order, "down") else None,
            signals=broken,
            speed=_speed(order),
            seconds=_duration(order),
        )

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is to be broken."""
        whole = (self.errors, self.slow, self.down)
        return (*(fault for fault in whole if fault is not None), *self.signals.values())

    def as_json(self) -> dict[str, Any]:
        """Return the order that would bring this about."""
        order: dict[str, Any] = {}
        if self.errors is not None:
            order["errors"] = self.errors.ratio
        if self.slow is not None:
            order["slow"] = self.slow.seconds
            if self.slow.share < 1:
                order["slow_share"] = self.slow.share
        if self.down is not None:
            order["down"] = True
        for name, fault in self.signals.items():
            _spell(order, name, fault)
        if order and self.speed > 1:
            order["speed"] = self.speed
        return {**order, "for": self.seconds} if order else {}


def _spell(order: dict[str, Any], name: str, fault: Recorded) -> None:
    match fault:
        case Silence():
            order.setdefault("silence", []).append(name)
        case Shift(_, mean):
            order.setdefault("shift", {})[name] = mean
        case Scale(_, factor):
            order.setdefault("scale", {})[name] = factor
        case Errors(ratio, bad, of):
            order.setdefault("spoil", []).append({"ratio": ratio, "of": str(of), "bad": str(bad)})
        case Slow(seconds, share, of):
            order.setdefault("delay", []).append({"seconds": seconds, "share": share, "of": str(of)})


def _parsed(body: bytes) -> dict[str, Any]:
    if len(body) > MAXIMUM:
        raise TocsinError(f"The order is longer than {MAXIMUM} bytes: {_EXAMPLE}.")
    try:
        order = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise TocsinError(f"The order is no JSON: {_EXAMPLE}.") from error
    if not isinstance(order, dict):
        raise TocsinError(f"The order is no JSON object: {_EXAMPLE}.")
    for name in order:
        if name not in _NAMES:
            raise TocsinError(f"The order's {name!r} is not understood: choose from {', '.join(_NAMES)}.")
    return order


def _slow(order: Mapping[str, Any]) -> Slow | None:
    if "slow" in order:
        return Slow(_number(order, "slow"), _number(order, "slow_share") if "slow_share" in order else 1.0)
    if "slow_share" in order:
        raise TocsinError('The order\'s "slow_share" is the share of nothing: say with "slow" how slow it is to be.')
    return None


def _recorded(order: Mapping[str, Any], signals: Mapping[str, Signal]) -> Iterator[tuple[str, Recorded]]:
    silenced = order.get("silence", [])
    if not isinstance(silenced, list):
        raise TocsinError('The order\'s "silence" is no list of signals: send something like ["orders_total"].')
    for name in silenced:
        yield name, Silence(selectors.known(name, signals))
    yield from _with_numbers(order, "shift", signals, _shift)
    yield from _with_numbers(order, "scale", signals, _scale)
    for table in _tables(order, "spoil", {"ratio", "of", "bad"}):
        of, spoilt = _spoil(table, signals)
        yield of.signal.name, spoilt
    for table in _tables(order, "delay", {"seconds", "share", "of"}):
        of, delayed = _delay(table, signals)
        yield of.signal.name, delayed


def _with_numbers(
    order: Mapping[str, Any],
    key: str,
    signals: Mapping[str, Signal],
    fault: Callable[[Signal, float], Shift | Scale],
) -> Iterator[tuple[str, Shift | Scale]]:
    numbers = order.get(key, {})
    if not isinstance(numbers, dict):
        raise TocsinError(
            f'The order\'s "{key}" has no numbers by signal: send something like {{"orders_total": 0.1}}.'
        )
    for name in numbers:
        yield name, fault(selectors.known(name, signals), _number(numbers, name))


def _shift(signal: Signal, mean: float) -> Shift:
    if isinstance(signal, Counter):
        raise TocsinError(f"{signal.name} is a counter, which has no mean to shift: scale it.")
    return Shift(signal, mean)


def _scale(signal: Signal, factor: float) -> Scale:
    if not isinstance(signal, Counter):
        raise TocsinError(f"{signal.name} is a {signal.kind}, which has no rate to scale: shift it.")
    return Scale(signal, factor)


def _tables(order: Mapping[str, Any], key: str, known: set[str]) -> Iterator[Mapping[str, Any]]:
    tables = order.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) and table.keys() <= known for table in tables):
        raise TocsinError(f'The order\'s "{key}" is no list of objects with {", ".join(sorted(known))}: make it one.')
    yield from tables


def _spoil(table: Mapping[str, Any], signals: Mapping[str, Signal]) -> tuple[Selector, Errors]:
    of, bad = (_selector(table, name, signals, Counter) for name in ("of", "bad"))
    selectors.nearest(bad, {})
    return of, Errors(_number(table, "ratio"), bad, of)


def _delay(table: Mapping[str, Any], signals: Mapping[str, Signal]) -> tuple[Selector, Slow]:
    of = _selector(table, "of", signals, Histogram)
    return of, Slow(_number(table, "seconds"), _number(table, "share") if "share" in table else 1.0, of)


def _selector(table: Mapping[str, Any], name: str, signals: Mapping[str, Signal], kind: type[Signal]) -> Selector:
    text = table.get(name)
    if not isinstance(text, str):
        raise TocsinError(f"The order's {name!r} is {text!r}: give it a selector of series, as text.")
    selector = selectors.read(text, signals)
    if not isinstance(selector.signal, kind):
        raise TocsinError(f"{selector.signal.name} is a {selector.signal.kind}: choose a {kind.kind} for {name!r}.")
    return selector


def _number(order: Mapping[str, Any], name: str) -> float:
    value = order.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TocsinError(f"The order's {name!r} is {value!r}: give it a number.")
    return float(value)


def _switch(order: Mapping[str, Any], name: str) -> bool:
    value = order.get(name, False)
    if not isinstance(value, bool):
        raise TocsinError(f"The order's {name!r} is {value!r}: give it true or false.")
    return value


def _speed(order: Mapping[str, Any]) -> float:
    speed = _number(order, "speed") if "speed" in order else 1.0
    if not 1 <= speed <= FASTEST:
        raise TocsinError(f"The order's speed is {speed:g}: give it a number from 1 to {FASTEST:g}.")
    return speed


def _duration(order: Mapping[str, Any]) -> float:
    seconds = _number(order, "for") if "for" in order else LIMIT
    if not 0 < seconds <= LONGEST:
        raise TocsinError(f"The order is for {seconds:g} seconds: give it a time above 0 and not above {LONGEST:g}.")
    return seconds
