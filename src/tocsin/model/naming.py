"""Which names the monitored world accepts.

Sources: Prometheus's documentation, "Data model" (metric and label names) and "Metric and label naming";
RFC 1123 for service names, which become host names and Kubernetes objects.
"""

from __future__ import annotations

import re

from tocsin.model.errors import DeclarationError

TARGET_LABELS = ("service", "team", "job", "instance")
"""Labels that the scrape puts on every series; no signal may declare them itself."""

_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s#]*")
_METRIC = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_HOST = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_ALERT = re.compile(r"[A-Z][A-Za-z0-9]*")


def require_metric(name: str) -> None:
    """Refuse a metric name that Prometheus refuses, or that is kept for recording rules (a colon)."""
    if not _METRIC.fullmatch(name):
        raise DeclarationError(
            f"Prometheus accepts no metric named {name!r}: "
            "use letters, digits and underscores, not starting with a digit."
        )


def require_label(name: str, owner: str) -> None:
    """Refuse a label name that Prometheus refuses, reserves, or that the scrape puts on."""
    if not _LABEL.fullmatch(name) or name.startswith("__"):
        raise DeclarationError(
            f"{owner}: Prometheus accepts no label named {name!r}: use letters, digits and underscores, "
            "starting with neither a digit nor two underscores."
        )
    if name in (*TARGET_LABELS, "le", "quantile"):
        raise DeclarationError(f"{owner}: the label {name!r} is put on by Prometheus or Tocsin: choose another name.")


def require_address(address: str, what: str) -> None:
    """Refuse a *what* that is neither empty nor an address that can be asked over HTTP."""
    if address and not _ADDRESS.fullmatch(address):
        raise DeclarationError(f"{what} {address!r} must be an address like https://shop.example/.")


def require_host(name: str, what: str) -> None:
    """Refuse a *what* (service, team, ...) whose name cannot be a host name."""
    if not _HOST.fullmatch(name):
        raise DeclarationError(
            f"The {what} name {name!r} must be lower-case letters, digits and hyphens, "
            "start with a letter and be at most 63 long."
        )


def require_alert(name: str) -> None:
    """Refuse an alert name that is not CamelCase."""
    if not _ALERT.fullmatch(name):
        raise DeclarationError(f"The alert name {name!r} must be in CamelCase, like SalesSyncStalled.")


def slug(camel: str) -> str:
    """Spell a CamelCase name with hyphens: SalesSyncStalled becomes sales-sync-stalled."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", camel).lower()


def words(camel: str) -> str:
    """Spell a CamelCase name as words: SalesSyncStalled becomes Sales sync stalled."""
    return slug(camel).replace("-", " ").capitalize()
