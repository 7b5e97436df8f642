"""Orders to the fault door: how a service is to be broken, in the words of `tocsin.model.fault`, and for how long.

An order is a JSON object, {} to heal: {"errors": 0.5, "slow": 2.0, "down": true, "silence": ["orders_total"],
"shift": {"basket_euros": 3}, "scale": {"visits_total": 0.02}, "for": 60}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tocsin.model import Counter, Down, Errors, Fault, Scale, Shift, Signal, Silence, Slow, TocsinError

LIMIT = 600.0
"""Seconds after which a service heals by itself, unless its order says otherwise: a drill may die."""
LONGEST = 86_400.0
"""Seconds that no order may exceed."""
MAXIMUM = 4096
"""Bytes that no order may exceed."""

_NAMES = ("errors", "slow", "down", "silence", "shift", "scale", "for")
_EXAMPLE = 'send something like {"errors": 0.5, "for": 60}, or {} to heal'


@dataclass(frozen=True, slots=True)
class Order:
    """How the service is to be broken, for *seconds*; *signals* holds what befalls recordings, by the signal's name."""

    errors: Errors | None = None
    slow: Slow | None = None
    down: Down | None = None
    signals: Mapping[str, Silence | Shift | Scale] = field(default_factory=dict)
    seconds: float = LIMIT

    @classmethod
    def read(cls, body: bytes, signals: Mapping[str, Signal]) -> Order:
        """Read an order for a service that records *signals*.

        Raises:
            TocsinError: it is not one.

        """
        order = _parsed(body)
        broken: dict[str, Silence | Shift | Scale] = {}
        for name, fault in _recorded(order, signals):
            if name in broken:
                raise TocsinError(f"The order breaks {name} in two ways: choose one.")
            broken[name] = fault
        return cls(
            errors=Errors(_number(order, "errors")) if "errors" in order else None,
            slow=Slow(_number(order, "slow")) if "slow" in order else None,
            down=Down() if _switch(order, "down") else None,
            signals=broken,
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
        for fault in self.faults:
            match fault:
                case Errors(ratio):
                    order["errors"] = ratio
                case Slow(seconds):
                    order["slow"] = seconds
                case Down():
                    order["down"] = True
                case Silence(signal):
                    order.setdefault("silence", []).append(signal.name)
                case Shift(signal, mean):
                    order.setdefault("shift", {})[signal.name] = mean
                case Scale(signal, factor):
                    order.setdefault("scale", {})[signal.name] = factor
        return {**order, "for": self.seconds} if order else {}


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


def _recorded(order: Mapping[str, Any], signals: Mapping[str, Signal]) -> Iterator[tuple[str, Silence | Shift | Scale]]:
    silenced = order.get("silence", [])
    if not isinstance(silenced, list):
        raise TocsinError('The order\'s "silence" is no list of signals: send something like ["orders_total"].')
    for name in silenced:
        yield name, Silence(_signal(name, signals))
    yield from _with_numbers(order, "shift", signals, _shift)
    yield from _with_numbers(order, "scale", signals, _scale)


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
        yield name, fault(_signal(name, signals), _number(numbers, name))


def _shift(signal: Signal, mean: float) -> Shift:
    if isinstance(signal, Counter):
        raise TocsinError(f"{signal.name} is a counter, which has no mean to shift: scale it.")
    return Shift(signal, mean)


def _scale(signal: Signal, factor: float) -> Scale:
    if not isinstance(signal, Counter):
        raise TocsinError(f"{signal.name} is a {signal.kind}, which has no rate to scale: shift it.")
    return Scale(signal, factor)


def _signal(name: object, signals: Mapping[str, Signal]) -> Signal:
    if not isinstance(name, str) or name not in signals:
        known = f"choose from {', '.join(signals)}" if signals else "it has none"
        raise TocsinError(f"The service records no signal {name!r}: {known}.")
    return signals[name]


def _number(order: Mapping[str, Any], name: str) -> float:
    value = order[name]
    if type(value) not in (int, float):
        raise TocsinError(f"The order's {name!r} is {value!r}: give it a number.")
    return float(value)


def _switch(order: Mapping[str, Any], name: str) -> bool:
    value = order.get(name, False)
    if not isinstance(value, bool):
        raise TocsinError(f"The order's {name!r} is {value!r}: give it true or false.")
    return value


def _duration(order: Mapping[str, Any]) -> float:
    seconds = _number(order, "for") if "for" in order else LIMIT
    if not 0 < seconds <= LONGEST:
        raise TocsinError(f"The order is for {seconds:g} seconds: give it a time above 0 and not above {LONGEST:g}.")
    return seconds
