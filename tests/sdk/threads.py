"""Threads that begin together."""

from __future__ import annotations

import threading
from collections.abc import Callable

THREADS = 8


def in_threads(*works: Callable[[], None]) -> None:
    """Do each of *works* in a thread of its own, all beginning at once, and return when all have ended."""
    begin = threading.Barrier(len(works))

    def work(do: Callable[[], None]) -> None:
        begin.wait()
        do()

    threads = [threading.Thread(target=work, args=(do,)) for do in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
