"""The exposition in OpenMetrics 1.0, with exemplars.

Source: the OpenMetrics specification 1.0, "Text format" (MetricFamily metadata, exemplars, the final EOF). It is made
of the text exposition: the samples are the same, only what is said about them differs, and exemplars are added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CONTENT_TYPE = b"application/openmetrics-text; version=1.0.0; charset=utf-8"
EOF = "# EOF\n"

_ABOUT = re.compile(r"^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$", re.MULTILINE)


def translated(exposition: str, exemplars: Mapping[str, str]) -> str:
    """Return *exposition*, which is one of ours, in OpenMetrics' form, without the EOF.

    *exemplars* are what stands behind the value of a sample, by how its line begins up to the value.
    """
    if exemplars:
        exposition = "".join([_with_exemplar(line, exemplars) for line in exposition.splitlines(keepends=True)])
    return _ABOUT.sub(_about, exposition)


def exemplar(trace_id: str, span_id: str, value: float, at: float) -> str:
    """Spell an exemplar: *value* was observed *at* a time, in seconds since the Unix epoch, within a trace."""
    span = f',span_id="{span_id}"' if span_id else ""
    return f' # {{trace_id="{trace_id}"{span}}} {value!r} {at:.3f}'


def _with_exemplar(line: str, exemplars: Mapping[str, str]) -> str:
    found = exemplars.get(line[: line.rfind(" ") + 1])
    return f"{line[:-1]}{found}\n" if found else line


def _about(found: re.Match[str]) -> str:
    name, text, kind = found.groups()
    if kind == "counter":
        name = name.removesuffix("_total")
    escaped = text.replace('"', '\\"')
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}"
