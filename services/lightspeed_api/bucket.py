"""The rate limit: a leaky bucket, as Lightspeed Retail (R-Series) keeps one for each account.

Source: Lightspeed's developer pages, "Rate limits" and "Best practices": reading costs 1 unit, the bucket holds 60
and loses 1 a second, and what does not fit is answered with 429.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """A bucket that holds *size* units and loses *drip* of them a second; *clock* tells seconds."""

    size: float
    drip: float
    clock: Callable[[], float]
    level: float = 0.0
    refused: int = 0
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._at = self.clock()

    def take(self, cost: float = 1.0) -> float:
        """Pour *cost* units in and return 0, or return the seconds after which they would fit."""
        now = self.clock()
        self.level = max(0.0, self.level - (now - self._at) * self.drip)
        self._at = now
        if self.level + cost > self.size:
            self.refused += 1
            return (self.level + cost - self.size) / self.drip
        self.level += cost
        return 0.0

    def headers(self, wait: float = 0.0) -> dict[str, str]:
        """Tell a caller how full the bucket is, and after a refusal how long to wait."""
        told = {
            "X-LS-API-Bucket-Level": f"{math.ceil(self.level)}/{self.size:g}",
            "X-LS-API-Drip-Rate": f"{self.drip:g}",
        }
        return {**told, "Retry-After": f"{math.ceil(wait)}"} if wait else told
