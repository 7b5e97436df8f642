"""How observations are spread: the shares that a histogram's buckets hold, and the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

_NORMAL = NormalDist()
_P95 = _NORMAL.inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Log-normal observations with these two quantiles, none above *at_most*; a *share* of them comes *later*."""

    p50: float
    p95: float
    at_most: float = math.inf
    later: float = 0.0
    share: float = 0.0

    @classmethod
    def point(cls, value: float) -> Distribution:
        """Return the distribution in which every observation is *value*."""
        return cls(value, value)

    def delayed(self, seconds: float, share: float) -> Distribution:
        """Return the distribution in which a share of the observations is so much greater."""
        return replace(self, later=seconds, share=share)

    def up_to(self, bound: float) -> float:
        """Return the share of the observations that is at most *bound*."""
        return (1 - self.share) * self._below(bound) + self.share * self._below(bound - self.later)

    @property
    def mean(self) -> float:
        """The mean of all observations; a log-normal one's, cut off at *at_most*."""
        return self._mean + self.share * self.later

    @property
    def _sigma(self) -> float:
        return math.log(self.p95 / self.p50) / _P95 if self.p95 > self.p50 else 0.0

    def _below(self, bound: float) -> float:
        if bound >= self.at_most:
            return 1.0
        if self._sigma == 0:
            return float(bound >= self.p50)
        return _NORMAL.cdf(math.log(bound / self.p50) / self._sigma) if bound > 0 else 0.0

    @property
    def _mean(self) -> float:
        sigma = self._sigma
        whole = self.p50 * math.exp(sigma**2 / 2)
        if sigma == 0 or self.at_most == math.inf:
            return whole
        cut = math.log(self.at_most / self.p50) / sigma
        return whole * _NORMAL.cdf(cut - sigma) + self.at_most * (1 - _NORMAL.cdf(cut))
