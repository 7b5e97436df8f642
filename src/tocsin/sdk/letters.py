"""What is sent to who keeps metrics for those whom nobody can scrape: Pushgateway, remote write, OTLP.

Sources: the Pushgateway's README ("API", "About the job and instance labels"); Prometheus's "Remote-Write 1.0
specification"; google/snappy's format_description.txt; "OTLP Specification" (OTLP/HTTP, JSON Protobuf Encoding).
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from tocsin.sdk.exposition import CONTENT_TYPE
from tocsin.sdk.families import Family, Labels, Sample

_LONGEST_LITERAL = 65_536
_CUMULATIVE = 2
"""OTLP's AGGREGATION_TEMPORALITY_CUMULATIVE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose metrics they are; *instance* is the job that ran, so that its next run goes on with the same series.

    *began* and *now* are seconds since the Unix epoch: when counting began, and when the numbers were read.
    *first* tells that nothing was sent since counting began.
    """

    service: str
    team: str
    version: str
    environment: str
    instance: str
    began: float
    now: float
    first: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A POST request; *path* is added to the address."""

    path: str
    body: bytes
    headers: Mapping[str, str]


def pushgateway(exposition: str, families: Sequence[Family], sender: Sender) -> Letter:
    """Return the push to a Pushgateway, in its text form.

    It is a POST, which replaces metrics of the same name alone: after a PUT by a run that failed, the time of the last
    success would be gone.
    """
    group = {"job": sender.service, "service": sender.service, "team": sender.team, "instance": sender.instance}
    names = {family.name for family in families}
    blocks = (f"# HELP {block}" for block in exposition.split("# HELP ")[1:] if block.partition(" ")[0] in names)
    path = "".join(f"/{label}/{quote(value, safe='')}" for label, value in group.items())
    return Letter(f"/metrics{path}", "".join(blocks).encode(), {"Content-Type": CONTENT_TYPE.decode()})


def remote_write(_: str, families: Sequence[Family], sender: Sender) -> Letter:
    """Return the remote write (1.0) of *families*.

    What grows is sent with a 0 at its beginning first, so that increase() sees what a process did that ended at once.
    """
    body = b"".join(_field(1, _series(family, sample, sender)) for family in families for sample in family.samples)
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    return Letter("", snappy(body), headers)


def otlp(_: str, families: Sequence[Family], sender: Sender) -> Letter:
    """Return the export request of OTLP/HTTP in JSON."""
    resource = {
        "service.name": sender.service,
        "service.version": sender.version,
        "service.instance.id": sender.instance,
        "deployment.environment.name": sender.environment,
    }
    metrics = [{"name": family.name, "description": family.help, **_points(family, sender)} for family in families]
    order = {
        "resourceMetrics": [
            {
                "resource": {"attributes": _attributes(resource.items())},
                "scopeMetrics": [{"scope": {"name": "tocsin"}, "metrics": metrics}],
            }
        ]
    }
    return Letter("/v1/metrics", orjson.dumps(order), {"Content-Type": "application/json"})


def snappy(data: bytes) -> bytes:
    """Return *data* in snappy's block format, all of it literals: valid, and not smaller."""
    parts = [_varint(len(data))]
    for start in range(0, len(data), _LONGEST_LITERAL):
        literal = data[start : start + _LONGEST_LITERAL]
        parts += (b"\xf4" + struct.pack("<H", len(literal) - 1), literal)
    return b"".join(parts)


def _series(family: Family, sample: Sample, sender: Sender) -> bytes:
    target = {"job": sender.service, "service": sender.service, "team": sender.team, "instance": sender.instance}
    labels = sorted({"__name__": sample.name, **dict(sample.labels), **target}.items())
    named = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, value.encode("utf-8", "replace")))
        for name, value in labels
        if value
    )
    began, now = int(sender.began * 1000), int(sender.now * 1000)
    starts = sender.first and family.kind != "gauge" and began < now
    values = [(0.0, began), (sample.value, now)] if starts else [(sample.value, now)]
    return named + b"".join(
        _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(stamp)) for value, stamp in values
    )


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field of a protocol buffer."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def _points(family: Family, sender: Sender) -> dict[str, Any]:
    moment = {"timeUnixNano": _nanoseconds(sender.now)}
    since = {"startTimeUnixNano": _nanoseconds(sender.began), **moment}
    if family.kind == "gauge":
        return {"gauge": {"dataPoints": [_number(sample, sender, moment) for sample in family.samples]}}
    if family.kind == "counter":
        points = [_number(sample, sender, since) for sample in family.samples]
        return {"sum": {"dataPoints": points, "aggregationTemporality": _CUMULATIVE, "isMonotonic": True}}
    points = [
        {**_distribution(family.name, samples), **since, "attributes": _of(labels, sender)}
        for labels, samples in _histograms(family)
    ]
    return {"histogram": {"dataPoints": points, "aggregationTemporality": _CUMULATIVE}}


def _number(sample: Sample, sender: Sender, moment: Mapping[str, str]) -> dict[str, Any]:
    return {"asDouble": _double(sample.value), **moment, "attributes": _of(sample.labels, sender)}


def _histograms(family: Family) -> Iterator[tuple[Labels, list[Sample]]]:
    """Return each histogram's labels, without `le`, and its samples."""

    def plain(sample: Sample) -> Labels:
        return tuple(label for label in sample.labels if label[0] != "le")

    return ((labels, list(samples)) for labels, samples in itertools.groupby(family.samples, key=plain))


def _distribution(name: str, samples: Iterable[Sample]) -> dict[str, Any]:
    bounds, counts, rest, before = [], [], {}, 0.0
    for sample in samples:
        if sample.name == f"{name}_bucket":
            bound = float(dict(sample.labels)["le"])
            bounds += [bound] if bound < math.inf else []
            counts.append(str(int(sample.value - before)))
            before = sample.value
        else:
            rest[sample.name] = sample.value
    return {
        "count": str(int(rest[f"{name}_count"])),
        "sum": _double(rest[f"{name}_sum"]),
        "bucketCounts": counts,
        "explicitBounds": bounds,
    }


def _of(labels: Labels, sender: Sender) -> list[dict[str, Any]]:
    return _attributes((*labels, ("service", sender.service), ("team", sender.team)))


def _attributes(pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in pairs]


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _nanoseconds(seconds: float) -> str:
    return str(int(seconds * 1e9))
