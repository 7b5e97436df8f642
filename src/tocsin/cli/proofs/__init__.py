"""How a proof is written: one module for each form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from tocsin.cli.proofs import markdown, objects, text
from tocsin.proof.proving import Proof

Form = Literal["text", "json", "markdown"]

FORMS: dict[Form, Callable[[Proof], str]] = {
    "text": text.render,
    "json": objects.render,
    "markdown": markdown.render,
}
