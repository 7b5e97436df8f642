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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tocsin.model import TocsinError, seconds
from tocsin.proof.rehearsal import Reading, Rehearsal


class Refused(TocsinError):  # noqa: N818 - what became of the rules
    """Rules that promtool does not evaluate."""


_QUERIES = {
    "pending": 'min(min_over_time(timestamp(ALERTS{alertstate="pending"})[%ds:%ds]))',
    "firing": 'min(min_over_time(timestamp(ALERTS{alertstate="firing"})[%ds:%ds]))',
    "last": 'max(max_over_time(timestamp(ALERTS{alertstate="firing"})[%ds:%ds]))',
}

_ALERT = re.compile(r"    alertname: (?P<alert>.*), time: .*")
_EXPR = re.compile(r"    expr: (?P<expr>\".*\"), time: (?P<time>\w+).*")
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
    tests = [_test(number, rehearsal) for number, rehearsal in enumerate(rehearsals)]
    return _file(rules, rehearsals[0].pace.step, tests)


def _file(rules: str, step: int, tests: Sequence[Mapping[str, object]]) -> str:
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
    said = _judged(promtool, rule_file(rehearsals), lambda rules: spelled(rehearsals, rules))
    return read(said, rehearsals)


def values(
    promtool: Path, rehearsal: Rehearsal, queries: Iterable[str], times: Sequence[int]
) -> dict[tuple[str, int], float]:
    """Return what each query gives at each of some *times*, seconds of the day, where it gives anything.

    A query must have one result at most, without labels.

    Raises:
        TocsinError: promtool cannot be run; Refused, if it refuses the rules.

    """
    ends = "vector(0)"
    asked = [(query, at) for query in dict.fromkeys(queries) for at in times]
    test = _fed(rehearsal) | {
        "promql_expr_test": [{"expr": expr, "eval_time": f"{at}s"} for expr, at in (*asked, (ends, times[-1]))]
    }
    said = _judged(promtool, rule_file([rehearsal]), lambda rules: _file(rules, rehearsal.pace.step, [test]))
    found: dict[tuple[str, int], float] = {}
    key = ("", 0)
    for line in said.splitlines():
        if match := _EXPR.fullmatch(line):
            key = json.loads(match["expr"]), int(seconds(match["time"]))
        elif match := _GOT.fullmatch(line):
            found[key] = float(match["value"])
    if (ends, times[-1]) not in found:
        raise _refused(rehearsal, said)
    return found


def _judged(promtool: Path, rules: str, tests: Callable[[str], str]) -> str:
    """Return what promtool says of *tests*, which are told the name of the file of their rules."""
    with tempfile.TemporaryDirectory(prefix="tocsin-proof-") as folder:
        rule_file, test_file = Path(folder) / "rules.json", Path(folder) / "tests.json"
        rule_file.write_text(rules, encoding="utf-8")
        test_file.write_text(tests(rule_file.name), encoding="utf-8")
        try:
            done = subprocess.run(
                [promtool, "test", "rules", str(test_file)],
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
                env={**os.environ, "GOGC": "400"},  # memory for time: a fifth less, and each run is short
            )
        except OSError as error:
            raise TocsinError(f"{promtool} cannot be run ({error.strerror}): run `make setup` again.") from None
    return done.stdout + done.stderr


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
        raise _refused(rehearsals[0], said)
    return found


def _refused(rehearsal: Rehearsal, said: str) -> Refused:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return Refused(f"promtool could not rehearse {rehearsal.subject}: {lines[-1] if lines else 'it said nothing'}.")


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
    return _fed(rehearsal) | {
        "alert_rule_test": [
            {
                "eval_time": f"{_aligned(rehearsal.look, rehearsal.pace.step)}s",
                "alertname": rehearsal.part.alert.name,
                "exp_alerts": [],
            }
        ],
        "promql_expr_test": [{"expr": expr, "eval_time": end} for expr in exprs],
    }


def _fed(rehearsal: Rehearsal) -> dict[str, object]:
    return {
        "interval": f"{rehearsal.pace.sample}s",
        "input_series": [{"series": name, "values": values} for name, values in rehearsal.series.items()],
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
