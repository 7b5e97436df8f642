"""TypeScript: what each service has to expose, as constants that prom-client takes as they are.

A counter, gauge or histogram is made of its constant. A closed label has its values and a type that admits no other;
a counter or histogram of which all are closed has the labels of every series, to be started at 0.
Sources: TypeScript's handbook, "Literal Types" and `const` assertions; prom-client's types of its configurations, by
which buckets must be a mutable array.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from tocsin.derive import Plan
from tocsin.model import PROCESS, SCRAPE, Gauge, Histogram, Label, Service, Signal
from tocsin.targets.artifact import Artifact
from tocsin.targets.site import Site
from tocsin.targets.text import NOTICE_SLASHES


def render(plan: Plan, _: Site) -> Iterator[Artifact]:
    """Yield a module for each service."""
    for service in plan.catalog.services:
        yield Artifact(f"typescript/{service.name}.ts", "\n".join((NOTICE_SLASHES, *_module(service))))


def _module(service: Service) -> Iterator[str]:
    yield f"export const SERVICE = {_text(service.name)};\nexport const PORT = {service.port};\n"
    for signal in service.exposed:
        if signal not in (*SCRAPE, *PROCESS):
            yield "".join(f"{line}\n" for line in _signal(signal))


def _signal(signal: Signal) -> Iterator[str]:
    constant, kind = signal.name.upper(), _type(signal.name)
    for label in signal.labels:
        if label.closed:
            values = _of(constant, label)
            yield f"export const {values} = [{', '.join(map(_text, _values(signal, label)))}] as const;"
            yield f"export type {kind}{_type(label.name)} = (typeof {values})[number];"
    yield f"/** A {signal.kind}: {_remark(signal.help)} */"
    yield f"export const {constant} = {{"
    yield f"  name: {_text(signal.name)},"
    yield f"  help: {_text(signal.help)},"
    yield f"  labelNames: [{', '.join(_text(label.name) for label in signal.labels)}] as const,"
    if isinstance(signal, Histogram):
        yield f"  buckets: [{', '.join(spelled for _, spelled in signal.bounds)}],"
    yield "};"
    if signal.labels:
        fields = ", ".join(f"{label.name}: {_domain(kind, label)}" for label in signal.labels)
        yield f"export type {kind}Labels = {{ {fields} }};"
    if signal.labels and signal.closed and not isinstance(signal, Gauge):
        yield "/** The labels of every series, to be started at 0. */"
        yield f"export const {constant}_SERIES: readonly {kind}Labels[] ="
        yield f"  {_series(constant, signal.labels)};"


def _values(signal: Signal, label: Label) -> tuple[str, ...]:
    """Return the values that a label may have: of a gauge, there is no other."""
    return label.values if isinstance(signal, Gauge) else label.domain


def _domain(kind: str, label: Label) -> str:
    return f"{kind}{_type(label.name)}" if label.closed else "string"


def _series(constant: str, labels: Sequence[Label]) -> str:
    """Spell every combination of the values of closed labels."""
    text = f"({{ {', '.join(label.name for label in labels)} }})"
    for depth, label in enumerate(reversed(labels)):
        text = f"{_of(constant, label)}.{'flatMap' if depth else 'map'}(({label.name}) => {text})"
    return text


def _of(constant: str, label: Label) -> str:
    """Return what the values of a label are called."""
    return f"{constant}_{label.name.upper()}_VALUES"


def _type(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split("_+", name))


def _remark(text: str) -> str:
    return " ".join(text.split()).replace("*/", "* /")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
