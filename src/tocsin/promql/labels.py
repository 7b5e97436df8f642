"""What is known of the labels of some series: which are certainly there, may be there, or cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tocsin.promql.tree import Matcher

Values = frozenset[str] | None
"""The values that a label can have, "" among them if it may be missing; None if nobody knows them."""

MISSING: Values = frozenset(("",))


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that were heard of, each with its values; there may be *others* too.

    Every series has those that are *sure*, whatever their values; some series differ in those that are *varied* alone.
    """

    known: Mapping[str, Values] = field(default_factory=dict)
    others: bool = True
    sure: frozenset[str] = frozenset()
    varied: frozenset[str] = frozenset()

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
        values = self.known.get(name)
        return name in self.sure or (values is not None and "" not in values)

    @property
    def single(self) -> bool:
        """Whether there can be one series at most, since there are no labels."""
        return not self.others and not any(name != "__name__" for name in self.known)

    def kept(self, names: Iterable[str]) -> Labels:
        """Return these labels alone."""
        names = tuple(names)
        left = {name: self.values(name) for name in names if not self.impossible(name)}
        return Labels(left, others=False, sure=self.sure.intersection(names), varied=self.varied.intersection(names))

    def dropped(self, names: Iterable[str]) -> Labels:
        """Return all labels but these."""
        gone = dict.fromkeys(names, MISSING)
        if self.others:
            known = {**self.known, **gone}
        else:
            known = {name: values for name, values in self.known.items() if name not in gone}
        return Labels(known, self.others, self.sure.difference(gone), self.varied.difference(gone))

    def put(self, name: str, values: Values) -> Labels:
        """Return them with *values* for *name*."""
        return Labels({**self.known, name: values}, self.others, self.sure - {name}, self.varied - {name})

    def thinned(self) -> Labels:
        """Return what holds for some of the series, of which nobody knows whether they still differ."""
        return replace(self, varied=frozenset())

    def joined(self, other: Labels) -> Labels:
        """Return what holds for series of either."""
        names = {**self.known, **other.known}
        return Labels(
            {name: _either(self.values(name), other.values(name)) for name in names},
            self.others or other.others,
            frozenset(name for name in names if self.certain(name) and other.certain(name)),
            self.varied | other.varied,
        )

    def narrowed(self, matcher: Matcher) -> Labels | None:
        """Return what is left where *matcher* matches; None if that is nothing."""
        name, values = matcher.label, self.values(matcher.label)
        if values is not None:
            left = frozenset(value for value in values if matches(matcher, value))
            varied = self.varied if len(left) > 1 else self.varied - {name}
            return replace(self, known={**self.known, name: left}, varied=varied) if left else None
        missing = matches(matcher, "")
        if matcher.operator == "=":
            if missing and self.certain(name):
                return None
            return self.put(name, frozenset((matcher.value,)))
        known = {**self.known, name: None}
        return Labels(known, self.others, self.sure if missing else self.sure | {name}, self.varied - {name})


def matches(matcher: Matcher, value: str) -> bool:
    """Tell whether *matcher* matches a label of this value; true where the pattern is not one of Python's."""
    if matcher.operator in ("=", "!="):
        return (value == matcher.value) == (matcher.operator == "=")
    pattern = compiled(matcher.value)
    if pattern is None:
        return True
    return (pattern.fullmatch(value) is not None) == (matcher.operator == "=~")


_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEAT = re.compile(r"[*+{]")
_MOST_REPEATS = 6
"""RE2 takes as long as the text is; Python tries each way to share a text among the repeats of a pattern."""


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Return an RE2 pattern as one of Python's, None if it cannot be one, or if that might never be done matching."""
    if _REPEATED_GROUP.search(pattern) or len(_REPEAT.findall(pattern)) > _MOST_REPEATS:
        return None
    translated = pattern.replace(r"\pL", r"[^\W\d_]").replace(r"\z", r"\Z")
    try:
        return re.compile(translated, re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        return None


def _either(one: Values, other: Values) -> Values:
    return None if one is None or other is None else one | other
