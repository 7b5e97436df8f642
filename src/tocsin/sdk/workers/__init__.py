"""Several worker processes of one service, exposed as one: a shared file in which each has a page of its own.

A recording is in the file when its call returns, so that it outlives its process; whichever worker is scraped answers
for all. The file has one size for ever, however many workers come and go.
"""

from tocsin.sdk.workers.cells import (
    SharedCounterCell,
    SharedFlight,
    SharedGaugeCell,
    SharedHistogramCell,
    SharedRequestCell,
)
from tocsin.sdk.workers.keys import Key
from tocsin.sdk.workers.place import place, wanted
from tocsin.sdk.workers.store import Store

__all__ = [
    "Key",
    "SharedCounterCell",
    "SharedFlight",
    "SharedGaugeCell",
    "SharedHistogramCell",
    "SharedRequestCell",
    "Store",
    "place",
    "wanted",
]
