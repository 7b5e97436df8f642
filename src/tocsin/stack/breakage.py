"""Brings faults about in a running stack, and heals them: through a service's fault door, or by stopping it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Protocol

import httpx

from tocsin.model import (
    HTTP_DURATION,
    HTTP_REQUESTS,
    Down,
    Errors,
    Fault,
    Scale,
    Selector,
    Shift,
    Signal,
    Silence,
    Slow,
    TocsinError,
)

FAILED = "500"
"""The status with which a fault door answers the requests that are to fail."""


class Ground(Protocol):
    """What a drill needs of a running stack."""

    @property
    def fault_token(self) -> str:
        """The token of the services' fault doors."""

    @property
    def speed(self) -> int:
        """By how much the plan's durations were divided."""

    def url(self, part: str) -> str:
        """Return the address of a part."""

    async def hold_down(self, part: str) -> None:
        """Kill a part, and keep it down until it is released."""

    async def release(self, part: str) -> None:
        """Let a part run again, and wait until it is healthy."""


def hindrance(fault: Fault) -> str:
    """Return why no drill can bring this fault about, or nothing if one can."""
    match fault:
        case Errors(_, Selector() as bad, Selector() as of) if _http(of) and not _fails(bad):
            return f"a drill lets requests fail with status {FAILED}, which is none of {bad}"
        case Down() | Errors() | Slow() | Silence() | Shift() | Scale():
            return ""
        case _:
            return f"a drill cannot bring {type(fault).__name__} about"


def touched(fault: Fault) -> frozenset[str] | None:
    """Return the names of the series that a fault touches; None if it is whatever the service records.

    Who is not served, or late, does not come to do what else is recorded.
    """
    match fault:
        case Errors(_, bad, of) if bad is not None and of is not None and not _http(of):
            return frozenset((_signal(bad).name, _signal(of).name))
        case Slow(of=of) if of is not None and not _http(of):
            return frozenset(_signal(of).series_names)
        case Silence(signal) | Shift(signal) | Scale(signal):
            return frozenset(signal.series_names)
        case _:
            return None


async def bring_about(ground: Ground, service: str, faults: Collection[Fault], lasting: float) -> None:
    """Break *service* in all these ways at once; it heals by itself after *lasting* seconds, unless it is down.

    Raises:
        TocsinError: the fault door did not open.

    """
    if any(isinstance(fault, Down) for fault in faults):
        await ground.hold_down(service)
    else:
        await _send(ground, service, {**order_of(faults), "speed": ground.speed, "for": lasting})


async def heal(ground: Ground, service: str, faults: Collection[Fault]) -> None:
    """Undo `bring_about`."""
    if any(isinstance(fault, Down) for fault in faults):
        await ground.release(service)
    else:
        await _send(ground, service, {})


def order_of(faults: Collection[Fault]) -> dict[str, Any]:
    """Return the one order that brings several faults about."""
    order: dict[str, Any] = {}
    for fault in faults:
        for key, value in _alone(fault).items():
            if isinstance(value, dict):
                order[key] = {**order.get(key, {}), **value}
            elif isinstance(value, list):
                order[key] = [*order.get(key, []), *value]
            else:
                order[key] = value
    return order


def _alone(fault: Fault) -> dict[str, Any]:
    match fault:
        case Errors(ratio, bad, of) if bad is not None and of is not None and not _http(of):
            return {"spoil": [{"ratio": ratio, "of": str(of), "bad": str(bad)}]}
        case Errors(ratio):
            return {"errors": ratio}
        case Slow(seconds, share, of) if of is not None and not _http(of):
            return {"delay": [{"seconds": seconds, "share": share, "of": str(of)}]}
        case Slow(seconds, share):
            return {"slow": seconds, "slow_share": share}
        case _:
            return _of_signal(fault)


def _of_signal(fault: Fault) -> dict[str, Any]:
    match fault:
        case Silence(signal):
            return {"silence": [signal.name]}
        case Shift(signal, mean):
            return {"shift": {signal.name: mean}}
        case Scale(signal, factor):
            return {"scale": {signal.name: factor}}
        case _:
            raise TocsinError(f"No drill can bring {type(fault).__name__} about: leave that alert out.")


def _signal(of: Signal | Selector) -> Signal:
    return of.signal if isinstance(of, Selector) else of


def _http(of: Signal | Selector) -> bool:
    return _signal(of).name in (HTTP_REQUESTS.name, HTTP_DURATION.name)


def _fails(bad: Selector) -> bool:
    """Tell whether a request that the fault door lets fail is among those that are *bad*."""
    matcher = dict(bad.matchers).get("status_code")
    if matcher is None:
        return True
    same = re.fullmatch(matcher.value, FAILED) is not None if "~" in matcher.operator else matcher.value == FAILED
    return same == matcher.operator.startswith("=")


async def _send(ground: Ground, service: str, order: dict[str, Any]) -> None:
    door = f"{ground.url(service)}/-/faults"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(door, json=order, headers={"Authorization": f"Bearer {ground.fault_token}"})
    if answer.status_code == httpx.codes.BAD_REQUEST:
        raise TocsinError(f"The fault door of {service} did not take the order: {answer.text.strip()}")
    if not answer.is_success:
        raise TocsinError(
            f"The fault door of {service} answered {answer.status_code}: start the service with TOCSIN_FAULTS set."
        )
