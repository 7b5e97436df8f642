"""Reads what one service exposes, line by line, so that each of its series can be held to what was declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.live.files import exposed_text
from tocsin.live.samples import META, PAIR, SAMPLE, SUFFIXES, bare, is_value, unescaped
from tocsin.model import Exposed, Observation, Place, Refused, SeenFamily, SeenSample, TocsinError

_END = "# EOF"
"""How OpenMetrics ends."""

_MORE = {"counter": "_total", "info": "_info"}
"""What the series are called of OpenMetrics's families of a type, beyond the family's name."""


@dataclass
class _Family:
    place: Place
    kind: str = ""
    help: str = ""
    samples: list[SeenSample] = field(default_factory=list)


def look_at(service: str, name: str, libraries: Sequence[str] = ()) -> Observation:
    """Return what *service* exposes: the exposition in the file, or at the address, *name*.

    Raises:
        TocsinError: it cannot be read, or is no exposition.

    """
    if "://" not in name and not Path(name).exists():
        raise TocsinError(f"{name} does not exist: name a file, or the address of the service's /metrics.")
    families, refused = read_families(exposed_text(name), name)
    if refused and not families:
        raise TocsinError(f"{name} is no exposition: give a text of metrics as Prometheus reads it.")
    return Observation(exposed=Exposed(service, families, tuple(libraries)), refused=refused)


def read_families(text: str, file: str) -> tuple[dict[str, SeenFamily], tuple[Refused, ...]]:
    """Return the metrics of an exposition, by name, and the lines for which Prometheus would refuse all of it."""
    families: dict[str, _Family] = {}
    refused = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped, place = line.strip(), Place(file, number, len(line) - len(line.lstrip()) + 1)
        if stripped.startswith("#"):
            if about := META.match(stripped):
                _describe(families, about, place)
        elif stripped and not _take(families, stripped, place):
            refused.append(Refused(place, "the line is no sample, and Prometheus refuses the whole scrape: mend it"))
    more = _MORE if text.rstrip().endswith(_END) else {}
    seen = (_seen(name, family, more.get(family.kind, "")) for name, family in families.items())
    return {family.name: family for family in seen}, tuple(refused)


def _describe(families: dict[str, _Family], about: re.Match[str], place: Place) -> None:
    named = Place(place.file, place.line, place.column + about.start(2))
    family = families.setdefault(bare(about[2]), _Family(named))
    if about[1] == "TYPE":
        family.kind = (about[3] or "").strip()
    else:
        family.help = unescaped(about[3] or "")


def _take(families: dict[str, _Family], line: str, place: Place) -> bool:
    """Tell whether a line is a sample, and put it into its family."""
    found = SAMPLE.fullmatch(line)
    if found is None or not is_value(found["value"]):
        return False
    pairs = PAIR.findall(found["labels"] or "")
    name = found["name"] or next((bare(key) for key, value in pairs if not value), "")
    if name:
        labels = {bare(key): bare(value) for key, value in pairs if value}
        family = families.setdefault(_family(name, families), _Family(place))
        family.samples.append(SeenSample(name, labels, place))
    return bool(name)


def _family(name: str, families: dict[str, _Family]) -> str:
    """Return the name of the family that a sample belongs to."""
    stem, underscore, last = name.rpartition("_")
    known = families.get(name)
    if (known is None or not known.kind) and stem in families:
        return stem if families[stem].kind in SUFFIXES.get(underscore + last, ()) else name
    return name


def _seen(name: str, family: _Family, suffix: str) -> SeenFamily:
    """Return a family under the name of its series; the times at which they were created are no series of theirs."""
    whole = name if name.endswith(suffix) else f"{name}{suffix}"
    samples = tuple(sample for sample in family.samples if not sample.name.endswith("_created") or sample.name == name)
    return SeenFamily(whole, family.kind, family.help, samples, family.place)
