"""The catalog for readers that do not speak Python: a JSON document, and the JSON Schema that it follows.

Source: JSON Schema, draft 2020-12.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tocsin.derive import Plan
from tocsin.targets.artifact import Artifact
from tocsin.targets.catalog.document import document
from tocsin.targets.catalog.schema import SCHEMA, definition
from tocsin.targets.site import Site


def render(plan: Plan, site: Site) -> Iterator[Artifact]:
    """Yield catalog.json and its schema."""
    yield Artifact("catalog.json", _spelled(document(plan, site)))
    yield Artifact(SCHEMA, _spelled(definition()))


def _spelled(tree: object) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
