"""Promtool, the real Prometheus engine, as the judge of rehearsals.

Source: Prometheus's documentation, "Unit testing for rules". Nothing is expected of any test, so that promtool says
what it got instead; all that it says is read, and what nobody can read is an error.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tocsin.model import TocsinError
from tocsin.proof.rehearsal import Reading, Rehearsal


class Refused(TocsinError):  # noqa: N818 - what became of the rules
    """Rules that promtool does not evaluate."""


_QUERIES = {
    "pending": 'min(min_over_time(timestamp(ALERTS{alertstate="pending"})[%ds:%ds]))',
    "firing": 'min(min_over_time(timestamp(ALERTS{alertstate="firing"})[%ds:%ds]))',
    "last": 'max(max_over_time(timestamp(ALERTS{alertstate="firing"})[%ds:%ds]))',
}

_ALERT = re.compile(r"    alertname: (?P<alert>.*), time: .*")
_EXPR = re.compile(r"    expr: (?P<expr>\".*\"), time: .*")
_GOT = re.compile(r"        got: ?\{\} (?P<value>\S+)")
_SAID = re.compile(r"              (?P<what>Labels|Annotations):\{(?P<inside>.*)\}")
_PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"vector\((\d+)\)")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_UNPRINTABLE = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF)}
"""What YAML takes for the end of a line, or refuses, where JSON does not."""


def spelled(rehearsals: Sequence[Rehearsal], rules: str) -> str:
    """Return the test file of rehearsals that share their slice and their step, whose rules are in the file *rules*."""
    step = rehearsals[0].pace.step
    tests = [_test(number, rehearsal) for number, rehearsal in enumerate(rehearsals)]
    return _yaml({"rule_files": [rules], "evaluation_interval": f"{step}s", "tests": tests})


def rule_file(rehearsals: Sequence[Rehearsal]) -> str:
    """Return the rule file of rehearsals that share their slice."""
    rules = [rule.spelled() for rule in rehearsals[0].part.rules]
    return _yaml({"groups": [{"name": "proof", "rules": rules}]})


def run(promtool: Path, rehearsals: Sequence[Rehearsal]) -> list[Reading]:
    """Return what comes of rehearsals that share their slice and their step.

    Raises:
        TocsinError: promtool cannot be run; Refused, if it refuses the rules.

    """
    with tempfile.TemporaryDirectory(prefix="tocsin-proof-") as folder:
        rules, tests = Path(folder) / "rules.json", Path(folder) / "tests.json"
        rules.write_text(rule_file(rehearsals), encoding="utf-8")
        tests.write_text(spelled(rehearsals, rules.name), encoding="utf-8")
        try:
            done = subprocess.run(
                [promtool, "test", "rules", str(tests)],
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
                env={**os.environ, "GOGC": "400"},  # memory for time: a fifth less, and each run is short
            )
        except OSError as error:
            raise TocsinError(f"{promtool} cannot be run ({error.strerror}): run `make setup` again.") from None
    return read(done.stdout + done.stderr, rehearsals)


def read(said: str, rehearsals: Sequence[Rehearsal]) -> list[Reading]:
    """Return the readings in what promtool said.

    Raises:
        Refused: it is not what promtool says of tests.

    """
    found = [Reading() for _ in rehearsals]
    values: dict[str, str] = {}
    messages: dict[str, tuple[tuple[str, str], ...]] = {}
    expr, ended = "", 0
    for line in said.splitlines():
        if match := _EXPR.fullmatch(line):
            expr = json.loads(match["expr"])
        elif match := _SAID.fullmatch(line):
            messages.setdefault(match["what"].lower(), tuple(_pairs(match["inside"])))
        elif match := _GOT.fullmatch(line):
            if number := _NUMBER.fullmatch(expr):
                found[int(number[1])] = _reading(values, messages, rehearsals[int(number[1])])
                values, messages, ended = {}, {}, ended + 1
            else:
                values[expr] = match["value"]
    if ended != len(rehearsals):
        subject = rehearsals[0].subject
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise Refused(f"promtool could not rehearse {subject}: {lines[-1] if lines else 'it said nothing'}.")
    return found


def _reading(
    values: Mapping[str, str], messages: Mapping[str, tuple[tuple[str, str], ...]], rehearsal: Rehearsal
) -> Reading:
    def time(name: str) -> float | None:
        value = values.get(_query(name, rehearsal))
        return None if value is None else float(value)

    return Reading(
        pending=time("pending"),
        firing=time("firing"),
        last=time("last"),
        labels=messages.get("labels", ()),
        annotations=messages.get("annotations", ()),
    )


def _test(number: int, rehearsal: Rehearsal) -> dict[str, object]:
    end = f"{_aligned(rehearsal.day.ends, rehearsal.pace.step)}s"
    exprs = (*(_query(name, rehearsal) for name in _QUERIES), f"vector({number})")
    return {
        "interval": f"{rehearsal.pace.sample}s",
        "input_series": [{"series": name, "values": values} for name, values in rehearsal.series.items()],
        "alert_rule_test": [
            {
                "eval_time": f"{_aligned(rehearsal.look, rehearsal.pace.step)}s",
                "alertname": rehearsal.part.alert.name,
                "exp_alerts": [],
            }
        ],
        "promql_expr_test": [{"expr": expr, "eval_time": end} for expr in exprs],
    }


def _query(name: str, rehearsal: Rehearsal) -> str:
    return _QUERIES[name] % (
        _aligned(rehearsal.day.ends, rehearsal.pace.step) + rehearsal.pace.step,
        rehearsal.pace.step,
    )


def _aligned(at: float, step: int) -> int:
    return int(at // step) * step


def _pairs(inside: str) -> Iterator[tuple[str, str]]:
    for name, value in _PAIR.findall(inside):
        yield name, _ESCAPE.sub(_unescaped, value)


def _unescaped(found: re.Match[str]) -> str:
    """Return the character that Go's `strconv.Quote` has escaped."""
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else _LETTERS.get(found[4], found[4])


def _yaml(thing: object) -> str:
    """Return JSON that is YAML too, which knows no surrogates."""
    return json.dumps(thing, ensure_ascii=False).translate(_UNPRINTABLE)
