"""What is inferred of an expression holds for what Prometheus really makes of it."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.promql.expressions import EXPRESSIONS, SERIES, WORLD
from tocsin import promql
from tocsin.promql.infer import infer
from tocsin.promql.shape import Shape

Run = Callable[..., subprocess.CompletedProcess[str]]
_SAMPLE = re.compile(r"([\w:]*)\{([^}]*)\} ([-+.\w]+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Sample:
    labels: dict[str, str]
    value: float


def evaluated(run_tool: Run, folder: Path, expressions: list[str]) -> Iterator[list[Sample] | None]:
    """Yield what promtool makes of each expression, None where it cannot evaluate it."""
    asked = [
        {"expr": expr, "eval_time": "9m", "exp_samples": [{"labels": "never", "value": 1}]} for expr in expressions
    ]
    series = [{"series": name, "values": values} for name, values in SERIES.items()]
    tests = [{"interval": "15s", "input_series": series, "promql_expr_test": asked}]
    file = folder / "tests.yaml"
    file.write_text(json.dumps({"evaluation_interval": "15s", "tests": tests}))
    said = run_tool("promtool", "test", "rules", file)
    answers = re.split(r"^    expr: ", said.stdout + said.stderr, flags=re.MULTILINE)[1:]
    assert len(answers) == len(expressions), said.stdout + said.stderr
    for answer in answers:
        got = re.search(r"^        got: ?(.*)$", answer, re.MULTILINE)
        yield None if got is None else [_sample(*found) for found in _SAMPLE.findall(got[1])]


def _sample(name: str, labels: str, value: str) -> Sample:
    return Sample(dict(_LABEL.findall(labels)) | ({"__name__": name} if name else {}), float(value))


def holds(shape: Shape, samples: list[Sample]) -> bool:
    """Tell whether *samples* are what *shape* says of them."""
    if shape.presence == "never":
        return not samples
    if shape.presence == "always" and not samples:
        return False
    return all(_within(shape, sample) for sample in samples)


def _within(shape: Shape, sample: Sample) -> bool:
    room = 1e-9 * max(1.0, abs(sample.value)) if math.isfinite(sample.value) else 0.0
    low, high = shape.values.low - room, shape.values.high + room
    if not math.isnan(sample.value) and not low <= sample.value <= high:
        return False
    for name, value in sample.labels.items():
        known = shape.labels.values(name)
        if known is not None and value not in known:
            return False
    return all(name in sample.labels for name in shape.labels.known if shape.labels.certain(name))


@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(EXPRESSIONS, min_size=25, max_size=60, unique=True))
def test_what_is_inferred_holds(run_tool: Run, tmp_path: Path, expressions: list[str]) -> None:
    for expr, samples in zip(expressions, evaluated(run_tool, tmp_path, expressions), strict=True):
        if samples is not None:
            tree = promql.parse(expr)
            shape = infer(tree, WORLD)[tree]
            assert holds(shape, samples), f"{expr}\n{samples}\n{shape}"
