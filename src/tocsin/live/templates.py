"""Tells texts that are made into YAML or JSON by something else first."""

from __future__ import annotations

import re

_HELM = re.compile(
    r"\{\{-?\s*(?:/\*|`\{\{|\"\{\{|(?:[a-zA-Z]+\s+)*\(?\s*\$?\.(?:Values|Release|Chart|Capabilities|Files|Template)\b"
    r"|(?:include|define|toYaml|tpl|fail|required)\s)"
)
_JINJA = re.compile(r"\{%|\{#\s")
_ANY = re.compile(r"\{\{|\{%")


def engine(text: str) -> tuple[str, int] | None:
    """Return whose template *text* certainly is, and where that is seen; None if it need not be one.

    `{{ $labels.instance }}` in an annotation is Prometheus's own.
    """
    for name, pattern in (("Helm", _HELM), ("Jinja", _JINJA)):
        if found := pattern.search(text):
            return name, found.start()
    return None


def marked(text: str) -> bool:
    """Tell whether anything in *text* looks like a template."""
    return _ANY.search(text) is not None
