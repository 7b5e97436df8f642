"""How findings are written: one module for each form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from tocsin.cli.findings import Finding
from tocsin.cli.formats import github, objects, sarif
from tocsin.model import Skipped

Form = Literal["text", "json", "github", "sarif"]

MACHINE: dict[Form, Callable[[Sequence[Finding], Sequence[Skipped]], str]] = {
    "json": objects.render,
    "github": github.render,
    "sarif": sarif.render,
}
"""The forms that are read by programs; text is written as it goes."""
