"""What is known of the labels of some series: which are certainly there, may be there, or cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tocsin.promql.tree import Matcher

Values = frozenset[str] | None
"""The values that a label can have, "" among them if it may be missing; None if nobody knows them."""

MISSING: Values = frozenset(("",))


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that were heard of, each with its values; there may be *others* too."""

    known: Mapping[str, Values] = field(default_factory=dict)
    others: bool = True

    def values(self, name: str) -> Values:
        """Return the values that *name* can have."""
        if name in self.known:
            return self.known[name]
        return None if self.others else MISSING

    def impossible(self, name: str) -> bool:
        """Tell whether no series can have the label."""
        return self.values(name) == MISSING

    def certain(self, name: str) -> bool:
        """Tell whether every series has the label."""
        return name in self.known and self.known[name] is not None and "" not in self.known[name]  # type: ignore[operator]  # it is a set here

    def several(self, name: str) -> bool:
        """Tell whether the label is known to have more than one value."""
        values = self.known.get(name)
        return values is not None and len(values) > 1

    def kept(self, names: Iterable[str]) -> Labels:
        """Return these labels alone."""
        return Labels({name: self.values(name) for name in names if not self.impossible(name)}, others=False)

    def dropped(self, names: Iterable[str]) -> Labels:
        """Return all labels but these."""
        gone = dict.fromkeys(names, MISSING)
        if self.others:
            return Labels({**self.known, **gone})
        return Labels({name: values for name, values in self.known.items() if name not in gone}, others=False)

    def put(self, name: str, values: Values) -> Labels:
        """Return them with *values* for *name*."""
        return Labels({**self.known, name: values}, self.others)

    def joined(self, other: Labels) -> Labels:
        """Return what holds for series of either."""
        names = {**self.known, **other.known}
        others = self.others or other.others
        return Labels({name: _either(self.values(name), other.values(name)) for name in names}, others)

    def narrowed(self, matcher: Matcher) -> Labels | None:
        """Return what is left where *matcher* matches; None if that is nothing."""
        values = self.values(matcher.label)
        if values is None:
            exact = matcher.operator == "="
            return self.put(matcher.label, frozenset((matcher.value,))) if exact else self
        left = frozenset(value for value in values if matches(matcher, value))
        return self.put(matcher.label, left) if left else None


def matches(matcher: Matcher, value: str) -> bool:
    """Tell whether *matcher* matches a label of this value; true where the pattern is not one of Python's."""
    if matcher.operator in ("=", "!="):
        return (value == matcher.value) == (matcher.operator == "=")
    pattern = compiled(matcher.value)
    if pattern is None:
        return True
    return (pattern.fullmatch(value) is not None) == (matcher.operator == "=~")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Return an RE2 pattern as one of Python's, None if it cannot be one."""
    translated = pattern.replace(r"\pL", r"[^\W\d_]").replace(r"\z", r"\Z").replace("(?P<", "(?P<")
    try:
        return re.compile(translated, re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        return None


def _either(one: Values, other: Values) -> Values:
    return None if one is None or other is None else one | other
