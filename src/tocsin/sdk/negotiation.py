"""What a scraper accepts: the form of the exposition, and whether it may be compressed.

Source: RFC 9110, "Content Negotiation" (12.4.2 quality values, 12.5.1 Accept, 12.5.3 Accept-Encoding).
"""

from __future__ import annotations

from collections.abc import Iterator

OPENMETRICS = "application/openmetrics-text"
_VERSIONS = ("1.0.0", "")


def wants_openmetrics(accept: str) -> bool:
    """Tell whether OpenMetrics 1.0 is asked for by name, and not less than the text format; else it is the latter."""
    best: dict[str, float] = {}
    for kind, parameters, quality in _ranges(accept):
        if kind != OPENMETRICS or parameters.get("version", "") in _VERSIONS:
            best[kind] = max(quality, best.get(kind, 0))
    text = next((best[kind] for kind in ("text/plain", "text/*", "*/*") if kind in best), 0)
    return best.get(OPENMETRICS, 0) > 0 and best[OPENMETRICS] >= text


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether the body may be sent in gzip's form."""
    known = {kind: quality for kind, _, quality in _ranges(accept_encoding)}
    return known.get("gzip", known.get("x-gzip", known.get("*", 0))) > 0


def _ranges(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Return what a header lists, each with its parameters and its quality; what has no readable one is refused."""
    for part in header.lower().split(","):
        kind, *rest = (piece.strip() for piece in part.split(";"))
        parameters = {name.strip(): value.strip(' "') for name, _, value in (piece.partition("=") for piece in rest)}
        try:
            quality = float(parameters.pop("q", "1"))
        except ValueError:
            quality = 0
        if kind:
            yield kind, parameters, quality if 0 <= quality <= 1 else 0
