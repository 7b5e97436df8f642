"""A field of a service's logs has another name in BigQuery.

A Cloud Logging sink spells every field in small letters, drops underscores at its beginning, and puts an underscore
where there is anything but letters, digits and underscores.

## Why it matters

The same query finds the field here and nothing there: `JSON_VALUE(fields, '$.saleID')` is NULL for every record that
came through the sink. Two names that differ in no more than that become one column, and what it holds is chance.

## Bad

```python
obs.log.info("Sale synced", saleID=7)
```

## Good

```python
obs.log.info("Sale synced", sale_id=7)
```
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tocsin.checks import logged
from tocsin.checks.case import Case
from tocsin.checks.code import parsed, span
from tocsin.checks.problem import Problem

ID = "log/field-names"

_OTHER = re.compile(r"[^a-z0-9_]")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each field whose name the sink changes, where a service first says it."""
    for service, modules in case.observation.code.items():
        told: set[str] = set()
        for passage in modules:
            tree = parsed(passage.text)
            for node in ast.walk(tree) if tree else ():
                for name, field in logged.fields(node):
                    there = _exported(name)
                    if there != name and name not in told:
                        told.add(name)
                        message = f"the field {name!r} is called {there!r} in BigQuery: call it that here too"
                        yield Problem(ID, f"{service}/{name}", message, name, "warning", passage, span(passage, field))


def _exported(name: str) -> str:
    """Return the name as a sink spells it."""
    return _OTHER.sub("_", name.lower()).lstrip("_")
