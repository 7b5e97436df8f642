"""A label holds personal data.

## Why it matters

Every scrape copies it into a database that many can read, that keeps it for months, and from which nothing can be
deleted for one person. Each person is also a series of their own.

## Bad

```python
Counter("logins_total", "Logins.", (Label("email"),))
```

## Good

```python
Counter("logins_total", "Logins.", (Label("method", ("password", "passkey")),))
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.metrics import Metric, metrics
from tocsin.checks.problem import Problem

ID = "metric/personal-label"

_PERSON = "user|customer|client|account|member|patient|visitor|person|employee|subscriber"
_PERSONAL = re.compile(
    rf"(?:{_PERSON})_?(?:id|name|email|mail|ip|key|number)|user(?:name)?|login|e_?mail(?:_?address)?|phone(?:_?number)?|mobile"
    r"|(?:first|last|full|sur|given|family)_?name|(?:client_|remote_|source_|src_|peer_)?ip(?:_?addr(?:ess)?)?|remote_addr"
    r"|session(?:_?id)?|device_?id|ssn|passport|iban|card(?:_?number)?|birth_?da(?:y|te)|street|postal_?code|zip_?code"
    r"|cookie|(?:access_|auth_|api_)?token",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(?:ip)?v?[46]", re.IGNORECASE)
_LONGEST = 254
"""Characters of an address of mail, by RFC 5321."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label that tells who somebody is."""
    for metric in metrics(case):
        for name, values in metric.labels.items():
            if values is None and (_names_somebody(metric, name) or _holds_addresses(metric, name)):
                message = f"its label {name!r} tells who somebody is: leave it out, and write it into a log or a trace"
                yield metric.problem(ID, message, "error")


def _names_somebody(metric: Metric, name: str) -> bool:
    """Tell whether a label is personal by its name, unless its values are versions, as in ip="v6"."""
    seen = metric.seen.get(name, ())
    versions = bool(seen) and all(_VERSION.fullmatch(value) for value in seen)
    return _PERSONAL.fullmatch(name) is not None and not versions


def _holds_addresses(metric: Metric, name: str) -> bool:
    return any(len(value) <= _LONGEST and _EMAIL.fullmatch(value) for value in metric.seen.get(name, ()))
