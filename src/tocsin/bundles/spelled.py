"""What a bundle is handed: the texts that targets spell for a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tocsin.targets import Site

Spelled = Callable[[Site], Mapping[str, str]]
"""Returns what the targets spell for a site: texts by their paths."""
