"""What Grafana lets a panel say of its fields: how all are shown, overrides for some, and words in place of values.

Sources: Grafana's documentation, "Configure field overrides" and "Configure value mappings", and its JSON model,
`fieldConfig.defaults` and `fieldConfig.overrides`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.console.boards.tree import number, table, tables

_PATTERN = re.compile(r"/(?P<pattern>.*)/(?P<flags>[dgimsuvy]*)", re.DOTALL)
_MATCHERS = frozenset({"byName", "byRegexp", "byType"})


@dataclass(frozen=True, slots=True)
class Threshold:
    """From *value* on, or from the beginning, it is *colour*."""

    value: float | None
    colour: str


@dataclass(frozen=True, slots=True)
class Override:
    """What is shown otherwise of the fields that *matcher* finds by *wanted*."""

    matcher: str
    wanted: str
    changes: Mapping[str, Any]

    def fits(self, name: str, kind: str) -> bool:
        """Tell whether it is about the field *name* of a *kind*, "number" or "string"."""
        if self.matcher == "byType":
            return self.wanted == kind
        if self.matcher == "byName":
            return self.wanted == name
        pattern = compiled(self.wanted)
        return pattern is not None and pattern.search(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remap:
    """What stands in place of the values that a mapping finds, and its colour."""

    kind: str
    wanted: str = ""
    low: float | None = None
    high: float | None = None
    text: str = ""
    colour: str = ""


def changes(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `fieldConfig.defaults` say, under the names of a panel's parts."""
    custom = {f"custom.{key}": value for key, value in table(defaults, "custom").items()}
    found: dict[str, Any] = {}
    for key, value in {**defaults, **custom}.items():
        if key in _READ:
            found |= _READ[key](value)
    return found


def overrides(config: Mapping[str, Any]) -> tuple[Override, ...]:
    """Return the overrides that can be drawn."""
    return tuple(
        Override(str(matcher.get("id")), str(matcher.get("options") or ""), _properties(each))
        for each in tables(config, "overrides")
        if (matcher := table(each, "matcher")).get("id") in _MATCHERS
    )


def _properties(override: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in tables(override, "properties"):
        if (key := str(each.get("id"))) in _READ:
            found |= _READ[key](each.get("value"))
    return found


def unmapped(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of the overrides and mappings is not drawn."""
    for each in tables(config, "overrides"):
        matcher = table(each, "matcher").get("id")
        if matcher not in _MATCHERS:
            yield f"its overrides {matcher}"
        yield from (
            f"its overrides of {key.get('id')}" for key in tables(each, "properties") if key.get("id") not in _READ
        )
    for each in tables(table(config, "defaults"), "mappings"):
        if each.get("type") not in _MAPPED:
            yield f"its value mappings {each.get('type')}"


def compiled(text: str) -> re.Pattern[str] | None:
    """Return the expression that *text* is in Grafana, with slashes around it or without; nothing if it is none."""
    found = _PATTERN.fullmatch(text)
    flags = re.IGNORECASE if found and "i" in found["flags"] else re.NOFLAG
    try:
        return re.compile(found["pattern"] if found else text, flags)
    except re.error:
        return None


def mapped(mappings: Iterable[Remap], value: float | str) -> tuple[str, str] | None:
    """Return the text and the colour that the first fitting one of *mappings* puts in place of *value*."""
    for each in mappings:
        text = _MAPPED[each.kind](each, value)
        if text is not None:
            return text, each.colour
    return None


def _equal(each: Remap, value: float | str) -> str | None:
    if isinstance(value, str):
        return each.text if value == each.wanted else None
    try:
        return each.text if float(each.wanted) == value else None
    except ValueError:
        return None


def _between(each: Remap, value: float | str) -> str | None:
    if isinstance(value, str):
        return None
    low = -math.inf if each.low is None else each.low
    high = math.inf if each.high is None else each.high
    return each.text if low <= value <= high else None


def _like(each: Remap, value: float | str) -> str | None:
    pattern = compiled(each.wanted)
    found = pattern.search(value) if pattern and isinstance(value, str) else None
    if found is None:
        return None
    groups = (found[0], *found.groups(""))
    text = re.sub(r"\$(\d)", lambda use: groups[int(use[1])] if int(use[1]) < len(groups) else use[0], each.text)
    return f"{found.string[: found.start()]}{text}{found.string[found.end() :]}"


def _special(each: Remap, value: float | str) -> str | None:
    nothing = not isinstance(value, str) and math.isnan(value)
    fits = {"null": nothing, "nan": nothing, "null+nan": nothing}
    fits |= {"true": value == 1, "false": value == 0, "empty": value == ""}
    return each.text if fits.get(each.wanted) else None


_MAPPED: Mapping[str, Callable[[Remap, float | str], str | None]] = {
    "value": _equal,
    "range": _between,
    "regex": _like,
    "special": _special,
}


def _mappings(value: Any) -> Iterator[Remap]:
    for each in tables({"": value}, ""):
        kind, options = str(each.get("type")), table(each, "options")
        if kind == "value":
            yield from (_remap(kind, table(options, key), wanted=str(key)) for key in options)
        elif kind in _MAPPED:
            wanted = str(options.get("pattern" if kind == "regex" else "match") or "")
            ends = {"low": number(options, "from"), "high": number(options, "to")}
            yield _remap(kind, table(options, "result"), wanted=wanted, **ends)


def _remap(kind: str, result: Mapping[str, Any], **more: Any) -> Remap:
    return Remap(kind=kind, text=str(result.get("text") or ""), colour=str(result.get("color") or ""), **more)


def _thresholds(value: Any) -> tuple[Threshold, ...]:
    steps = tables(table({"": value}, ""), "steps")
    return tuple(Threshold(number(step, "value"), str(step.get("color") or "")) for step in steps)


def _mode(value: Any, *, of: str = "mode", without: str = "none") -> bool:
    return str(table({"": value}, "").get(of) or without) != without


def _fixed(value: Any) -> str:
    told = table({"": value}, "")
    return str(told.get("fixedColor") or "") if told.get("mode") in {"fixed", "shades"} else ""


def _figure(value: Any) -> float | None:
    return number({"": value}, "")


def _digits(value: Any) -> int | None:
    return None if (digits := _figure(value)) is None else int(digits)


_READ: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "unit": lambda value: {"unit": str(value or "")},
    "decimals": lambda value: {"decimals": _digits(value)},
    "min": lambda value: {"least": _figure(value)},
    "max": lambda value: {"most": _figure(value)},
    "noValue": lambda value: {"no_value": str(value or "")},
    "displayName": lambda value: {"display": str(value or "")},
    "color": lambda value: {"colour": _fixed(value)},
    "mappings": lambda value: {"mappings": tuple(_mappings(value))},
    "thresholds": lambda value: {"thresholds": _thresholds(value)},
    "custom.axisSoftMin": lambda value: {"grounded": _figure(value) == 0},
    "custom.thresholdsStyle": lambda value: {"dashed": _mode(value, without="off")},
    "custom.fillOpacity": lambda value: {"fill": _figure(value) or 0.0},
    "custom.lineWidth": lambda value: {"width": 1.0 if (width := _figure(value)) is None else width},
    "custom.stacking": lambda value: {"stacked": _mode(value)},
    "custom.drawStyle": lambda value: {"style": str(value or "line")},
    "custom.axisPlacement": lambda value: {"right": value == "right"},
    "custom.hideFrom": lambda value: {"unseen": bool(table({"": value}, "").get("viz"))},
}
"""How each property is read that can be drawn, of the defaults and of overrides alike."""
