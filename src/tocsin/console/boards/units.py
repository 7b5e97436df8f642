"""Values in Grafana's units, as texts, and as constant JavaScript for the axes of charts.

The names of the units are Grafana's: https://github.com/grafana/grafana, packages/grafana-data/src/valueFormats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_SHORT = ((1.0, ""), (1e3, " K"), (1e6, " Mil"), (1e9, " Bil"), (1e12, " Tri"))
_RATE = ((1.0, ""), (1e3, "K"), (1e6, "M"), (1e9, "B"))
_BINARY = ((1.0, " B"), (1024.0, " KiB"), (1024.0**2, " MiB"), (1024.0**3, " GiB"), (1024.0**4, " TiB"))
_DECIMAL = ((1.0, " B"), (1e3, " kB"), (1e6, " MB"), (1e9, " GB"), (1e12, " TB"))
_SECONDS = (
    (1e-9, " ns"),
    (1e-6, " µs"),
    (1e-3, " ms"),
    (1.0, " s"),
    (60.0, " min"),
    (3600.0, " hour"),
    (86400.0, " day"),
)
_PLAIN = ((1.0, ""),)
_PER = {
    "reqps": " req/s",
    "rps": " rd/s",
    "wps": " wr/s",
    "ops": " ops/s",
    "cps": " c/s",
    "iops": " io/s",
    "eps": " evt/s",
    "mps": " msg/s",
    "cpm": " c/m",
    "opm": " ops/m",
    "rpm": " rd/m",
    "wpm": " wr/m",
}
_BOOLEANS = {"bool": ("False", "True"), "bool_yes_no": ("No", "Yes"), "bool_on_off": ("Off", "On")}


@dataclass(frozen=True, slots=True)
class _Scale:
    """How a unit is written: its *steps*, each a size and its suffix, for *factor* times the value, and a *suffix*."""

    steps: tuple[tuple[float, str], ...]
    factor: float = 1.0
    suffix: str = ""


_SCALES = {
    "": _Scale(_SHORT),
    "none": _Scale(_PLAIN),
    "short": _Scale(_SHORT),
    "percent": _Scale(_PLAIN, suffix="%"),
    "percentunit": _Scale(_PLAIN, factor=100.0, suffix="%"),
    "s": _Scale(_SECONDS),
    "ms": _Scale(_SECONDS, factor=1e-3),
    "µs": _Scale(_SECONDS, factor=1e-6),
    "ns": _Scale(_SECONDS, factor=1e-9),
    "m": _Scale(_SECONDS, factor=60.0),
    "h": _Scale(_SECONDS, factor=3600.0),
    "d": _Scale(_SECONDS, factor=86400.0),
    "bytes": _Scale(_BINARY),
    "decbytes": _Scale(_DECIMAL),
    "binBps": _Scale(_BINARY, suffix="/s"),
    "Bps": _Scale(_DECIMAL, suffix="/s"),
    **{name: _Scale(_RATE, suffix=suffix) for name, suffix in _PER.items()},
}


KNOWN = frozenset({*_SCALES, *_BOOLEANS})
"""The units that are written in a way of their own."""


def spelled(value: float, unit: str = "", decimals: int | None = None) -> str:
    """Return *value* in *unit* with as many digits as say something, or with *decimals* of them after the point.

    A unit that Grafana does not know is written behind the value, as Grafana does.
    """
    if math.isnan(value):
        return "no value"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if unit in _BOOLEANS:
        return _BOOLEANS[unit][bool(value)]
    scale, before, after = _scale(unit)
    scaled = value * scale.factor
    size, suffix = _step(abs(scaled), scale.steps)
    return f"{before}{_digits(scaled / size, decimals)}{suffix}{scale.suffix}{after}"


def _scale(unit: str) -> tuple[_Scale, str, str]:
    if unit in _SCALES:
        return _SCALES[unit], "", ""
    kind, colon, text = unit.partition(":")
    if colon and kind == "prefix":
        return _SCALES["short"], text, ""
    return _SCALES["none"], "", f" {text if colon and kind == 'suffix' else unit}"


def _step(size: float, steps: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    fitting = [step for step in steps if step[0] <= size]
    return fitting[-1] if fitting else next((step for step in steps if step[0] == 1.0 or size), steps[0])


def _digits(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if not value:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(places, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(unit: str, least: float) -> float | None:
    """Return a round distance of *least* or more between two ticks; nothing where tens are round, as ECharts counts."""
    if unit in {"bytes", "binBps"} and least > 0:
        size = 1024.0 ** math.floor(math.log(least, 1024))
        return next((size * step for step in _TENS if size * step >= least), size * 1024)
    factor = {"s": 1.0, "ms": 1e-3, "m": 60.0, "h": 3600.0}.get(unit, 0.0)
    if least * factor < _MINUTELY:
        return None
    return next((step / factor for step in _TIMES if step >= least * factor), None)


_TENS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
_MINUTELY = 20.0
_TIMES = (30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0, 86400.0)


def script(unit: str) -> str:
    """Return the JavaScript function that writes a value in *unit* on an axis, made of this module's words alone."""
    if unit in _BOOLEANS:
        no, yes = _BOOLEANS[unit]
        return f"value => value ? '{yes}' : '{no}'"
    scale = _SCALES.get(unit, _SCALES["none"])
    steps = ",".join(f"[{size!r},'{suffix}']" for size, suffix in reversed(scale.steps))
    return (
        "value => { if (value == null || isNaN(value)) return ''; "
        f"const scaled = value * {scale.factor!r}; const steps = [{steps}]; "
        "const step = steps.find(each => each[0] <= Math.abs(scaled)) || (scaled ? steps[steps.length - 1] : [1, '']); "
        f"return +(scaled / step[0]).toPrecision(3) + step[1] + '{scale.suffix}'; }}"
    )
