"""A dashboard's variables: which values are chosen, and how they are put into an expression, as Grafana does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.console import times
from tocsin.console.boards.models import Variable
from tocsin.console.metrics import Window

ALL = "$__all"
"""The value that stands for all others."""

SCRAPE = 15.0
"""Seconds between scrapes, of which `$__rate_interval` takes four at least."""

USE = re.compile(r"\$(\w+)|\$\{([\w.]+)(?::(\w+))?\}|\[\[(\w+)\]\]")
"""Where a variable is used: its name is the first, second or fourth group, how it is written the third."""
_LABEL_VALUES = re.compile(r"\s*label_values\(\s*(?:(?P<series>.+?)\s*,\s*)?(?P<label>[a-zA-Z_]\w*)\s*\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable, the *values* that it can have, and those that are *chosen*, `$__all` among them."""

    variable: Variable
    values: tuple[str, ...]
    chosen: tuple[str, ...]
    problem: str = ""

    @property
    def all_chosen(self) -> bool:
        """Whether it stands for all values."""
        return ALL in self.chosen


def chosen(variable: Variable, values: tuple[str, ...], wanted: tuple[str, ...], problem: str = "") -> Choice:
    """Return what is chosen: what is *wanted*, else what the dashboard says, else all or the first.

    An empty selection is all values where these may be chosen, as an expression without any would match nothing.
    """
    asked = tuple(each for each in (wanted or variable.chosen) if each)
    if "All" in asked and "All" not in values:
        asked = (ALL,)
    if not variable.all:
        asked = tuple(each for each in asked if each != ALL)
    elif not asked:
        asked = (ALL,)
    if ALL in asked:
        asked = (ALL,)
    picked = asked or values[:1]
    return Choice(variable, values, picked if variable.several else picked[:1], problem)


def label_values(query: str) -> tuple[str, str] | None:
    """Return the series and the label of `label_values(series, label)`, or nothing if *query* is none."""
    found = _LABEL_VALUES.fullmatch(query)
    return None if found is None else (found["series"] or "", found["label"])


def inserted(text: str, choices: Mapping[str, Choice], window: Window) -> str:
    """Return the expression with variables replaced by their values; what is no variable stays as it is."""
    own = _own(window)

    def value(use: re.Match[str]) -> str:
        name = use[1] or use[2] or use[4]
        if name in own:
            return own[name]
        return _expression(choices[name], use[3] or "") if name in choices else use[0]

    return USE.sub(value, text)


def _own(window: Window) -> dict[str, str]:
    length = window.end - window.start
    return {
        "__interval": times.short(window.step),
        "__interval_ms": f"{window.step * 1000:.0f}",
        "__rate_interval": times.short(max(window.step + SCRAPE, 4 * SCRAPE)),
        "__range": f"{length:.0f}s",
        "__range_s": f"{length:.0f}",
        "__range_ms": f"{length * 1000:.0f}",
        "__from": f"{window.start * 1000:.0f}",
        "__to": f"{window.end * 1000:.0f}",
    }


def _expression(choice: Choice, form: str) -> str:
    variable = choice.variable
    if choice.all_chosen and variable.all_value:
        return variable.all_value
    values = choice.values if choice.all_chosen else choice.chosen
    if form == "raw" or not (variable.several or variable.all):
        return "|".join(values) if form else ",".join(_quoted(value) for value in values)
    escaped = [_quoted(_escaped(value)) for value in values]
    if form == "pipe":
        return "|".join(escaped)
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _escaped(value: str) -> str:
    """Return the regular expression that matches *value* alone, as Go reads it."""
    return re.sub(r"[\\^$*+?.()|{}\[\]]", lambda sign: f"\\{sign[0]}", value)


def _quoted(value: str) -> str:
    """Return *value* as it stands within a string of PromQL in double quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
