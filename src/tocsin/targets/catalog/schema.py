"""The JSON Schema of catalog.json.

A field may be added within a version: readers pass over what they do not know. What a field means, or that it is there,
changes only with the version.
"""

from __future__ import annotations

from typing import Any

from tocsin.model import (
    PERIOD,
    SEVERITIES,
    Availability,
    Down,
    Errors,
    Flapping,
    Latency,
    Mean,
    Ratio,
    Scale,
    Shift,
    Silence,
    Slow,
    Unreachable,
    Vanish,
)
from tocsin.targets.text import NOTICE_TEXT

SCHEMA = "catalog.schema.json"
VERSION = 1

FAULTS = (Down, Vanish, Unreachable, Errors, Slow, Silence, Shift, Scale, Flapping)
OBJECTIVES = (Availability, Latency, Ratio, Mean)

_Object = dict[str, Any]

_NAME = {"type": "string", "pattern": "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"}
_METRIC = {"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"}
_TEXT = {"type": "string", "minLength": 1}
_SECONDS = {"type": "number", "minimum": 0}
_MINUTES = {"type": "integer", "minimum": 0, "maximum": 1440}
_SHARE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}


def definition() -> _Object:
    """Return the schema of this version."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": NOTICE_TEXT,
        "title": "Tocsin's catalog",
        "description": "What services promise: their signals, objectives, alerts and faults. Times are in seconds.",
        **_record(
            {
                "$schema": _TEXT,
                "$comment": _TEXT,
                "version": {"const": VERSION},
                "scrape_interval": _SECONDS,
                "evaluation_interval": _SECONDS,
                "target_labels": _said(
                    _list(_METRIC), "Labels that the scrape puts on; a service exposes none of them."
                ),
                "teams": _list({"$ref": "#/$defs/team"}),
                "hours": _list({"$ref": "#/$defs/hours"}),
                "services": _list({"$ref": "#/$defs/service"}),
                "alerts": _said(_list({"$ref": "#/$defs/alert"}), "Those that are no service's own."),
            }
        ),
        "$defs": {
            "team": _record({"name": _NAME, "slack": _TEXT}),
            "hours": _hours(),
            "service": _service(),
            "signal": _signal(),
            "label": _label(),
            "objective": _objective(),
            "alert": _alert(),
            "fault": _fault(),
        },
    }


def _hours() -> _Object:
    day = _said({"type": "integer", "minimum": 0, "maximum": 6}, "0 is Sunday.")
    span = _record({"day": day, "opens": _MINUTES, "closes": _said(_MINUTES, "Minutes after midnight; exclusive.")})
    return _record({"name": _NAME, "zone": _said(_TEXT, "As in the IANA database."), "spans": _list(span)})


def _service() -> _Object:
    traffic = {"rps": _SECONDS, "errors": _SECONDS, "p50": _SECONDS, "p95": _SECONDS, "routes": _list(_TEXT)}
    return _record(
        {
            "name": _NAME,
            "team": _NAME,
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "because": _said(_TEXT, "What customers lose when it is down."),
            "idles": _said({"type": "boolean"}, "Whether it may be scaled to zero."),
            "public_url": _said({"type": "string"}, "Where customers come to it; empty if nobody does."),
            "jobs": _list(_NAME),
            "series": _said({"type": "integer", "minimum": 1}, "How many series of its own it may come to."),
            "traffic": _said(_record(traffic), "A healthy day: requests per second, the share that fails, quantiles."),
            "signals": _said(_list({"$ref": "#/$defs/signal"}), "Everything that it exposes."),
            "objectives": _list({"$ref": "#/$defs/objective"}),
            "alerts": _list({"$ref": "#/$defs/alert"}),
        }
    )


def _signal() -> _Object:
    return {
        **_record(
            {
                "name": _METRIC,
                "type": {"enum": ["counter", "gauge", "histogram"]},
                "unit": _said({"type": "string"}, "As its name tells it; empty if it is a plain number."),
                "help": _TEXT,
                "from": _said(
                    {"enum": ["service", "tocsin", "library"]},
                    "Who chose it: the service itself, Tocsin for all services, or the client libraries.",
                ),
                "labels": _list({"$ref": "#/$defs/label"}),
            },
            {
                "buckets": _said(_list({"type": "number"}), "Upper bounds; +Inf is added."),
                "across": _said({"enum": ["sum", "max", "min", "latest"]}, "What several workers expose together."),
            },
        ),
        "if": {"properties": {"type": {"const": "histogram"}}},
        "then": {"required": ["buckets"]},
    }


def _label() -> _Object:
    values = _said(
        {**_list({"type": "string"}), "uniqueItems": True, "minItems": 1},
        "A closed label: counters and histograms start each of them at 0, and `other` is any value that is none.",
    )
    limit = _said({"type": "integer", "minimum": 1}, "An open label: how many values it may have.")
    return {**_record({"name": _METRIC}, {"values": values, "limit": limit}), "oneOf": _either("values", "limit")}


def _objective() -> _Object:
    return _record(
        {
            "name": _NAME,
            "type": {"enum": [kind.__name__.lower() for kind in OBJECTIVES]},
            "ratio": _said(_SHARE, "The share of good events that is promised."),
            "period": _said(_SECONDS, f"The seconds over which it is judged, {PERIOD}."),
            "because": _TEXT,
        },
        {
            "of": _said(_METRIC, "The histogram that is judged."),
            "below": _SECONDS,
            "at_least": {"type": "number"},
            "bad": _said(_TEXT, "A selector of PromQL."),
            "total": _said(_TEXT, "A selector of PromQL."),
        },
    )


def _alert() -> _Object:
    return _record(
        {
            "name": _TEXT,
            "severity": {"enum": [*SEVERITIES, "none"]},
            "team": {"type": "string"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "summary": _TEXT,
            "because": _TEXT,
            "expr": _said(_TEXT, "PromQL."),
            "lasting": _said(_SECONDS, "How long it must hold before it rings."),
            "within": _said(_SECONDS, "In which time after a fault it promises to ring."),
            "during": _said({"type": ["string", "null"]}, "The hours outside of which it is silent."),
            "rings_on": _list({"$ref": "#/$defs/fault"}),
            "quiet_on": _list({"$ref": "#/$defs/fault"}),
            "runbook": _said(_TEXT, "The address of its page."),
        }
    )


def _fault() -> _Object:
    return _record(
        {"type": {"enum": [kind.__name__.lower() for kind in FAULTS]}, "says": _TEXT},
        {
            "ratio": {"type": "number"},
            "bad": _TEXT,
            "of": _TEXT,
            "seconds": _SECONDS,
            "share": {"type": "number"},
            "signal": _TEXT,
            "mean": {"type": "number"},
            "factor": {"type": "number", "minimum": 0},
            "fault": {"$ref": "#/$defs/fault"},
            "there": _SECONDS,
            "away": _SECONDS,
        },
    )


def _record(always: _Object, sometimes: _Object | None = None) -> _Object:
    return {"type": "object", "properties": {**always, **(sometimes or {})}, "required": list(always)}


def _list(of: _Object) -> _Object:
    return {"type": "array", "items": of}


def _said(what: _Object, description: str) -> _Object:
    return {**what, "description": description}


def _either(*names: str) -> list[_Object]:
    return [{"required": [name]} for name in names]
