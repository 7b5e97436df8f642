"""Brings a fault about in a running stack, and heals it."""

from __future__ import annotations

from typing import Protocol

import httpx

from tocsin.model import Down, Errors, Fault, Slow, TocsinError


class Ground(Protocol):
    """What a drill needs of a running stack."""

    @property
    def fault_token(self) -> str:
        """The token of the services' fault doors."""

    def url(self, part: str) -> str:
        """Return the address of a part."""

    async def hold_down(self, part: str) -> None:
        """Kill a part, and keep it down until it is released."""

    async def release(self, part: str) -> None:
        """Let a part run again, and wait until it is healthy."""


def breakable(fault: Fault) -> bool:
    """Tell whether a drill can bring this fault about."""
    match fault:
        case Down() | Errors(bad=None) | Slow(share=1.0, of=None):
            return True
        case _:
            return False


async def bring_about(ground: Ground, service: str, fault: Fault) -> None:
    """Break *service*.

    Raises:
        TocsinError: no drill can bring this fault about, or the fault door did not open.

    """
    match fault:
        case Down():
            await ground.hold_down(service)
        case Errors(ratio, bad=None):
            await _order(ground, service, {"errors": ratio})
        case Slow(seconds, share=1.0, of=None):
            await _order(ground, service, {"slow": seconds})
        case _:
            raise TocsinError(f"No drill can bring {type(fault).__name__} about in {service}: leave that alert out.")


async def heal(ground: Ground, service: str, fault: Fault) -> None:
    """Undo `bring_about`."""
    if isinstance(fault, Down):
        await ground.release(service)
    else:
        await _order(ground, service, {})


async def _order(ground: Ground, service: str, order: dict[str, float]) -> None:
    door = f"{ground.url(service)}/-/faults"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(door, json=order, headers={"Authorization": f"Bearer {ground.fault_token}"})
    if not answer.is_success:
        raise TocsinError(
            f"The fault door of {service} answered {answer.status_code}: start the service with TOCSIN_FAULTS set."
        )
