"""Even shares of what passes."""

from __future__ import annotations

import math
from threading import RLock

_ROUNDED = 1e-9
"""What a product of floats may lack of a whole number."""


class Share:
    """Of any amounts in a row, takes their sum times *factor*, give or take one; of whole amounts whole ones."""

    __slots__ = ("_factor", "_guard", "_seen", "_taken", "_whole")

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._guard = RLock()  # a signal handler may count while its thread does
        self._seen = self._taken = 0.0
        self._whole = True

    def of(self, amount: float) -> float:
        """Return what is to be taken of one more *amount*, 0 or more and finite."""
        with self._guard:
            self._seen += amount
            self._whole = self._whole and float(amount).is_integer()
            due = self._seen * self._factor
            if self._whole:
                due = float(math.floor(due + _ROUNDED))
            before, self._taken = self._taken, max(due, self._taken)
            share = self._taken - before
        return int(share) if share.is_integer() else share
