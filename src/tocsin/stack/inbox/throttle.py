"""A rate limit: a bucket of tokens for each key, refilled steadily."""

from __future__ import annotations

from collections import OrderedDict

MAX_KEYS = 1024


class Throttle:
    """Lets each key through *per_minute* times a minute, and as many at once after a quiet minute."""

    def __init__(self, per_minute: int) -> None:
        self._burst = float(per_minute)
        self._rate = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one token for *key* at *now*, in seconds of any steady clock; give the seconds to wait, 0 if taken."""
        tokens, since = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + max(0.0, now - since) * self._rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._buckets[key] = (tokens if wait else tokens - 1, now)
        if len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
        return wait
