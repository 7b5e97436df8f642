"""How long, and how much of it, a store keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, in days, and how much, in bytes of Parquet, a store keeps; whole days go, the oldest first."""

    days: int = 30
    size: int = 10 << 30
