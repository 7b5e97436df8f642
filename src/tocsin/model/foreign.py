"""Services and signals that others made and named: what Prometheus accepts, whatever our own conventions ask.

Source: Prometheus's documentation, "Data model".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tocsin.model.builtin import HTTP_DURATION, HTTP_IN_FLIGHT, HTTP_REQUESTS, SCRAPE
from tocsin.model.errors import DeclarationError
from tocsin.model.fault import Fault
from tocsin.model.service import Service
from tocsin.model.signal import Counter, Gauge, Histogram, Label, Selector, Signal, require_buckets

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class ForeignLabel(Label):
    """A label of any name; its values are those that somebody says."""

    __slots__ = ()

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.name):
            raise DeclarationError(
                f"Prometheus accepts no label named {self.name!r}: use letters, digits and underscores."
            )


class ForeignCounter(Counter):
    """A counter of any name."""

    __slots__ = ()

    def __post_init__(self) -> None:
        _require(self)


class ForeignGauge(Gauge):
    """A gauge of any name."""

    __slots__ = ()

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True, slots=True)
class ForeignHistogram(Histogram):
    """A histogram of any name and unit; *spelled* says how its label `le` spells each bound."""

    spelled: tuple[str, ...] = field(kw_only=True)

    def __post_init__(self) -> None:
        _require(self)
        require_buckets(self)

    @property
    def bounds(self) -> tuple[tuple[float, str], ...]:
        """The bounds of its buckets, each with how its label `le` spells it; +Inf is left out."""
        return tuple(zip(self.buckets, self.spelled, strict=True))


def _require(signal: Signal) -> None:
    if not _METRIC.fullmatch(signal.name):
        raise DeclarationError(
            f"Prometheus accepts no metric named {signal.name!r}: use letters, digits, underscores and colons."
        )


@dataclass(frozen=True, slots=True)
class Becomes(Fault):
    """These series of a gauge stand at a *value*; those of a counter count so many a second, even if none before."""

    of: Selector
    value: float

    def __post_init__(self) -> None:
        if isinstance(self.of.signal, Counter) and self.value < 0:
            raise DeclarationError(f"Becomes({self.of}, {self.value:g}): a counter cannot count backwards.")

    def __str__(self) -> str:
        return f"{self.of} {self.how}"

    @property
    def how(self) -> str:
        """What becomes of the series."""
        return f"counts {self.value:g} a second" if isinstance(self.of.signal, Counter) else f"becomes {self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignService(Service):
    """A service that Tocsin does not instrument: it exposes its *signals* and nothing else.

    *http* is the histogram of its requests, if it exposes `http_requests_total` and `http_request_duration_seconds` as
    its traffic says. *labels* are what its scrape puts on; those named *apart* tell its instances apart. *never* names
    the days that do not happen to it.
    """

    team: str = ""
    port: int = 0
    because: str = ""
    http: Histogram | None = None
    labels: tuple[tuple[str, str], ...] = ()
    apart: tuple[str, ...] = ("instance",)
    never: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._once("metric", (name for signal in self.exposed for name in signal.series_names))

    @property
    def http_duration(self) -> Histogram:
        """The histogram of this service's requests."""
        return self.http or HTTP_DURATION

    @property
    def recorded(self) -> tuple[Signal, ...]:
        """Every signal that the service's own code records."""
        return self.signals

    @property
    def target(self) -> tuple[tuple[str, str], ...]:
        """The labels that the scrape puts on every series, beside those that tell instances apart."""
        return self.labels

    @property
    def telling_apart(self) -> tuple[str, ...]:
        """The names of the labels that tell the instances of this service apart."""
        return self.apart

    @property
    def exposed(self) -> tuple[Signal, ...]:
        """Every signal that was declared, and what Prometheus adds for the target."""
        http = (HTTP_REQUESTS, self.http, HTTP_IN_FLIGHT) if self.http else ()
        return (*self.signals, *http, *SCRAPE)
