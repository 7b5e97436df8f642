"""An exposition read back into families and samples, for whoever wants numbers instead of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Labels = tuple[tuple[str, str], ...]

_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: *name* has the suffix of a histogram's series, *labels* hold `le`."""

    name: str
    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name as declared, its kind, its help text, and its samples in the order of the exposition."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def read(exposition: str) -> Iterator[Family]:
    """Return the families of *exposition*, which is one of ours (HELP, TYPE, then the samples); those with samples."""
    for block in exposition.split("# HELP ")[1:] if exposition else ():
        about, kind, *lines = block.rstrip("\n").split("\n")
        name, _, text = about.partition(" ")
        samples = tuple(_sample(line) for line in lines)
        if samples:
            yield Family(name, kind.rpartition(" ")[2], _unescaped(text), samples)


def _sample(line: str) -> Sample:
    found = _SAMPLE.fullmatch(line)
    if found is None:
        raise ValueError(f"This line of an exposition is no sample: {line!r}")
    name, labels, value = found.groups()
    return Sample(name, tuple((key, _unescaped(text)) for key, text in _LABEL.findall(labels or "")), float(value))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text)
