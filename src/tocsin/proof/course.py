"""A day as promtool's input series.

Source: Prometheus's documentation, "Unit testing for rules": `a+bxn` is a and n further samples, `_xn` are n missing
ones, `stale` ends a series.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tocsin.model import PROBE, Fault, Matcher, Service, Unreachable
from tocsin.promql import Selector
from tocsin.proof.day import FLEET, Day, Instance, Stretch
from tocsin.proof.motion import Labels, Moving, motion

GRID = 2.0**20
"""What grows is rounded to so many parts of 1, whose sums are exact: a rounding must not look like a reset."""

SCRAPED = (("scrape_duration_seconds", 0.01), ("scrape_samples_scraped", 300.0))
"""What Prometheus itself writes for every target, beside `up`."""


@dataclass(slots=True)
class _Track:
    """The samples of one series so far: *written* of them, the last of which was *there* or not."""

    written: int
    parts: list[str] = field(default_factory=list)
    value: float = 0.0
    life: int | None = None
    there: bool = False

    def miss(self, samples: int, *, ended: bool) -> None:
        """Write that so many samples are missing, since the series has *ended* or nobody looked."""
        if samples == 0:
            return
        if ended and self.there:
            self.parts.append("stale")
            self._missing(samples - 1)
            self.there = False
        else:
            self._missing(samples)
        self.written += samples

    def _missing(self, samples: int) -> None:
        if samples:
            self.parts.append(f"_x{samples}")

    def write(self, first: float, growth: float, samples: int) -> None:
        """Write so many samples."""
        self.parts.append(f"{_spelled(first)}+{_spelled(growth)}x{samples - 1}")
        self.there = True
        self.written += samples


def series(
    service: Service, neighbour: Service | None, day: Day, step: int, wanted: Collection[Selector]
) -> dict[str, str]:
    """Return the values of each series that is *wanted*, with a sample each *step* seconds."""
    found = _course(service, day.stretches, day.begins, step, frozenset(wanted))
    if service.public_url and any(each.metric == PROBE.name for each in wanted):
        found.update(_probed(service, day, step))
    if neighbour is not None:
        beside = tuple(Stretch(each.seconds, 1.0, each.beside, FLEET, (), each.scraped) for each in day.stretches)
        found.update(_course(neighbour, beside, day.begins, step, frozenset(wanted)))
    return found


def samples(stretch: Stretch, step: int) -> int:
    """Return how many samples a stretch has."""
    return max(1, round(stretch.seconds / step))


def _course(
    service: Service, stretches: Sequence[Stretch], begins: float, step: int, wanted: frozenset[Selector]
) -> dict[str, str]:
    tracks: dict[tuple[str, str, Labels], _Track] = {}
    at = round(begins / step)
    for stretch in stretches:
        count = samples(stretch, step)
        for instance, each in _exposed(service, stretch, wanted):
            track = tracks.setdefault((instance.name, each.name, each.labels), _Track(0))
            track.miss(at - track.written, ended=True)
            _move(track, each, instance, range(at, at + count), step, scraped=stretch.scraped)
        at += count
        for track in tracks.values():
            track.miss(at - track.written, ended=stretch.scraped)
    own, apart = service.target, service.telling_apart
    return {
        _name(name, (*labels, *own, *((label, instance) for label in apart))): " ".join(track.parts)
        for (instance, name, labels), track in tracks.items()
    }


def _probed(service: Service, day: Day, step: int) -> dict[str, str]:
    """Return what a prober says of the public URL."""
    at = round(day.begins / step)
    track = _Track(0)
    track.miss(at, ended=True)
    for stretch in day.stretches:
        count = samples(stretch, step)
        if stretch.scraped:
            track.write(float(_reached(service, stretch)), 0.0, count)
        else:
            track.miss(count, ended=False)
    return {_name(PROBE.name, (("job", service.probe), ("instance", service.public_url))): " ".join(track.parts)}


def _reached(service: Service, stretch: Stretch) -> bool:
    """Tell whether a probe gets an answer; where a service idles, the probe itself lets an instance start."""
    if any(isinstance(fault, Unreachable) for fault in stretch.faults):
        return False
    return any(instance.answers for instance in stretch.fleet) or (service.idles and not stretch.fleet)


def _exposed(service: Service, stretch: Stretch, wanted: frozenset[Selector]) -> Iterator[tuple[Instance, Moving]]:
    answering = [instance for instance in stretch.fleet if instance.answers]
    for instance in stretch.fleet:
        for name, value in (("up", float(instance.answers)), *SCRAPED):
            if any(each.metric == name for each in wanted):
                yield instance, Moving(name, (), "gauge", value)
    for each in moving(service, stretch.visits, stretch.faults, wanted):
        share = each.value / len(answering) if each.kind == "counter" and answering else each.value
        for instance in answering:
            yield instance, replace(each, value=share)


@lru_cache(maxsize=8192)
def moving(
    service: Service, visits: float, faults: tuple[Fault, ...], wanted: frozenset[Selector]
) -> tuple[Moving, ...]:
    """Return how those series move that are *wanted*."""
    own = dict(service.target)
    return tuple(
        found
        for name, series in motion(service, visits, faults).items()
        if (asking := [each for each in wanted if each.metric == name])
        for found in series
        if any(selected(each, {**own, **dict(found.labels)}, service.telling_apart) for each in asking)
    )


def selected(selector: Selector, labels: Mapping[str, str], apart: Collection[str]) -> bool:
    """Tell whether a selector may take a series; of which instance it is, is not known yet."""
    return all(
        Matcher(each.operator, each.value).holds(labels.get(each.label, ""))
        for each in selector.matchers
        if each.label not in apart
    )


def _move(track: _Track, each: Moving, instance: Instance, numbers: range, step: int, *, scraped: bool) -> None:
    """Write one series' samples of these numbers."""
    reborn = track.life != instance.life
    track.life = instance.life
    first, growth = each.value, 0.0
    if each.kind == "counter":
        growth = round(each.value * step * GRID) / GRID
        first = 0.0 if reborn and not each.late else (0.0 if reborn else track.value) + growth
    elif each.kind == "born":
        first = float(numbers[0] * step) if reborn else track.value
    elif each.kind == "beats":
        first, growth = (float(numbers[0] * step), float(step)) if each.value else (track.value, 0.0)
    track.value = first + growth * (len(numbers) - 1)
    unseen = each.late and track.value == 0 and not each.observed and not track.there
    if not scraped or unseen:
        track.miss(len(numbers), ended=scraped)
    else:
        track.write(first, growth, len(numbers))


def _name(name: str, labels: Labels) -> str:
    return name + "{" + ",".join(f'{label}="{_escaped(value)}"' for label, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _spelled(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:.20f}".rstrip("0")
