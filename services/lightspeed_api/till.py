"""The shop's till: which sales there are at any moment, by arithmetic on the clock, so that nothing has to be kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services import shop

OPENED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""The moment of the till's first event."""
INTERVAL = 2.0
"""Seconds between two events: mostly a sale, now and then the void of an earlier one."""

_VOID_EVERY, _VOID_REACHES = 20, 7
_MALFORMED_EVERY = 211


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sale in its latest version, and the event that made it so."""

    event: int
    sale: shop.Sale
    voided: bool

    @property
    def changed(self) -> datetime:
        """When this version came to be."""
        return datetime.fromtimestamp(OPENED + self.event * INTERVAL, UTC)

    def document(self) -> dict[str, Any]:
        """Spell it as R-Series does: every value is a text.

        Now and then a receipt has no total, as receipts of real tills do.
        """
        return {
            "saleID": str(self.sale.id),
            "timeStamp": self.changed.isoformat(),
            "completed": "true",
            "voided": str(self.voided).lower(),
            "customerID": str(self.sale.customer.id),
            "calcTotal": _money(self.sale.total) if self.sale.id % _MALFORMED_EVERY else "",
            "SaleLines": {
                "SaleLine": [
                    {
                        "saleLineID": str(self.sale.id * 10 + position),
                        "itemID": str(line.product.id),
                        "unitQuantity": str(line.quantity),
                        "unitPrice": _money(line.product.price),
                    }
                    for position, line in enumerate(self.sale.lines)
                ]
            },
        }


def first_event(since: datetime) -> int:
    """Return the number of the first event at or after a moment."""
    return max(0, math.ceil((since.timestamp() - OPENED) / INTERVAL))


def receipts(event: int, now: float) -> Iterator[Receipt]:
    """Yield every sale whose latest version, at the time *now*, was made by *event* or a later one, oldest first."""
    last = math.floor((now - OPENED) / INTERVAL)
    for number in range(event, last + 1):
        if _is_void(number):
            yield Receipt(number, shop.sale(number - _VOID_REACHES), voided=True)
        elif not (_is_void(number + _VOID_REACHES) and number + _VOID_REACHES <= last):
            yield Receipt(number, shop.sale(number), voided=False)


def _is_void(event: int) -> bool:
    return event % _VOID_EVERY == _VOID_EVERY - 1


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
