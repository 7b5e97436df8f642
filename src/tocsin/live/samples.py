"""The grammar of an exposition's lines: Prometheus's text format, and OpenMetrics.

See Prometheus's "Exposition formats", and the OpenMetrics specification 1.0.
"""

from __future__ import annotations

import math
import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*+"
_TEXT = r'"(?:[^"\\]++|\\.)*+"'
_LABEL = rf"(?:{_NAME}|{_TEXT})\s*+(?:=\s*+{_TEXT})?+\s*+"
SAMPLE = re.compile(
    rf"(?P<name>{_NAME})?+\s*+(?:\{{\s*+(?P<labels>(?:{_LABEL}(?:,\s*+|(?=\}})))*+)\}})?+\s*+"
    r"(?P<value>\{\w++:[^}\"]*+\}|[^\s{#]++)(?:\s++[^\s#]++)?+\s*+(?:#.*)?"
)
PAIR = re.compile(rf"({_NAME}|{_TEXT})\s*+(?:=\s*+({_TEXT}))?+")
META = re.compile(rf"#\s*+(TYPE|HELP)\s++({_NAME}|{_TEXT})(?:[ \t]++(.*))?")
_ESCAPE = re.compile(r"\\(.)")

SUFFIXES = {
    "_bucket": ("histogram", "gaugehistogram"),
    "_count": ("histogram", "summary"),
    "_sum": ("histogram", "summary"),
    "_gcount": ("gaugehistogram",),
    "_gsum": ("gaugehistogram",),
    "_total": ("counter",),
    "_created": ("counter", "histogram", "summary"),
    "_info": ("info",),
}
"""Suffixes of samples, and the types of families whose samples have them."""


def is_value(text: str) -> bool:
    """Tell whether *text* is the value of a sample."""
    return text.startswith("{") or not math.isnan(as_number(text)) or text.lower() in ("nan", "+nan", "-nan")


def as_number(text: str) -> float:
    """Return the number that *text* is, NaN if it is none."""
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def bare(text: str) -> str:
    """Return a name or a value without the quotes around it."""
    return unescaped(text[1:-1]) if text.startswith('"') else text


def unescaped(text: str) -> str:
    """Return what stands behind escapes."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text) if "\\" in text else text
