"""prometheus_client's registries beside our own metrics, and ours as a collector in one of those.

prometheus_client is imported only when one of its registries, or the collector, is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from tocsin.model import PROCESS, SCRAPE, Service

if TYPE_CHECKING:
    from prometheus_client import Metric


class Registry(Protocol):
    """What prometheus_client's CollectorRegistry can do, as far as it matters here."""

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""


class Registries:
    """Registries that are served beside the metrics of *service*, whose names win.

    *failed* is told in a sentence of what cannot be served, as often as it cannot; *notice* once of each name that is
    taken.
    """

    def __init__(
        self,
        registries: Iterable[Registry],
        service: Service,
        failed: Callable[[str], None],
        notice: Callable[[str, str], None],
    ) -> None:
        self._registries = tuple(registries)
        self._own = {
            name: signal.help
            for signal in service.exposed
            if signal not in SCRAPE
            for name in (signal.name, *signal.series_names)
        }
        self._failed = failed
        self._notice = notice

    def render(self, *, openmetrics: bool) -> str:
        """Return the lines of every registry, without an EOF."""
        taken = dict(self._own)
        return "".join([self._rendered(registry, taken, openmetrics=openmetrics) for registry in self._registries])

    def _rendered(self, registry: Registry, taken: dict[str, str], *, openmetrics: bool) -> str:
        try:
            spoken = _spoken(_Collected(tuple(self._free(registry, taken))), openmetrics=openmetrics)
        except Exception as error:  # noqa: BLE001 - a stranger's collector may raise anything
            self._failed(f"A registry of prometheus_client could not be served: {type(error).__name__}: {error}.")
            return ""
        return spoken.removesuffix("# EOF\n")

    def _free(self, registry: Registry, taken: dict[str, str]) -> Iterator[Metric]:
        """Return the metrics of *registry* whose names are not taken, and take them."""
        for metric in registry.collect():
            names = _names(metric)
            lost = next((name for name in names if name in taken), None)
            if lost is None:
                taken.update(dict.fromkeys(names, metric.documentation))
                yield metric
            elif taken[lost] != metric.documentation and lost not in _PROCESS:
                self._notice(
                    f"registry {lost}",
                    f"The metric {lost} of a prometheus_client registry is not served, since that name is taken: "
                    "rename it, or leave it to Tocsin.",
                )


class Collector:
    """Our metrics as a collector of prometheus_client: `registry.register(obs.collector)`.

    What is known of the process is left to the registry's own ProcessCollector.
    """

    def __init__(self, render: Callable[[], bytes]) -> None:
        self._render = render

    def collect(self) -> Iterator[Metric]:
        """Return the metrics."""
        from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415 - only if used

        for metric in text_string_to_metric_families(self._render().decode()):
            if not _PROCESS.intersection(_names(metric)):
                yield metric

    def describe(self) -> Iterator[Metric]:
        """Return the metrics too, so that a registry can tell whose names are taken already."""
        return self.collect()


class _Collected:
    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics = metrics

    def collect(self) -> tuple[Metric, ...]:
        return self._metrics


def _spoken(metrics: _Collected, *, openmetrics: bool) -> str:
    from prometheus_client import exposition  # noqa: PLC0415 - only if used
    from prometheus_client.openmetrics import exposition as om_exposition  # noqa: PLC0415 - only if used

    speak: Callable[[_Collected], bytes] = om_exposition.generate_latest if openmetrics else exposition.generate_latest
    return speak(metrics).decode()


_PROCESS: frozenset[str] = frozenset(signal.name for signal in PROCESS)
"""Every client library exposes these, and means the same."""


def _names(metric: Metric) -> tuple[str, ...]:
    """Return the names that a metric's family and samples have in an exposition."""
    family = f"{metric.name}_total" if metric.type == "counter" else metric.name
    samples = dict.fromkeys(sample.name for sample in metric.samples)
    return (family, *(name for name in samples if not name.endswith("_created")))
