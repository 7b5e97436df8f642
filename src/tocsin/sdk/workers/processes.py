"""What the operating system knows of all workers of a service together."""

from __future__ import annotations

from tocsin.model import PROCESS, Gauge
from tocsin.sdk.process import Process
from tocsin.sdk.workers.opening import SPENT, Membership

_TOGETHER = {signal.name: min if signal.across == "min" else sum for signal in PROCESS if isinstance(signal, Gauge)}


class Processes:
    """The processes that own the pages of *membership*'s file.

    The time that a worker has spent stands in its page, written by whoever is scraped: what it spends between the last
    scrape and its end is not known to anybody.
    """

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._known: dict[int, tuple[tuple[int, int], Process]] = {}

    def read(self, live: list[int]) -> dict[str, float]:
        """Return what is known of the owners of all *live* pages, by name; the mutex must be held."""
        self._known = {page: known for page, known in self._known.items() if page in live}
        found = [self._values(page) for page in live]
        spent_at = self._membership.keys.starts.get(SPENT)
        for page, values in zip(live, found, strict=True):
            if spent_at is not None and SPENT.name in values:
                slots = self._membership.pages.slots(page)
                slots[spent_at] = max(slots[spent_at], values[SPENT.name])
        return {
            name: float(combine(values[name] for values in found))
            for name, combine in _TOGETHER.items()
            if all(name in values for values in found)
        }

    def _values(self, page: int) -> dict[str, float]:
        owner = pid, born = self._membership.pages.owner(page)
        if self._known.get(page, (None,))[0] != owner:
            self._known[page] = owner, Process(None if page == self._membership.page else pid)
        process = self._known[page][1]
        return process.values() if page == self._membership.page else process.values(born) if born else {}
