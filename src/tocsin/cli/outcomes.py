"""What became of a drill, written for people, for programs, and as JUnit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET  # writes, and reads nothing

from rich.console import Console
from rich.table import Column, Table

from tocsin.derive import AlertRule
from tocsin.stack.cases import Left
from tocsin.stack.drill import STEPS, Outcome

WIDTH = 160
"""Columns of a table that no terminal limits."""

Form = Literal["text", "json", "junit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was drilled, and what was left; *opened* names the shops whose hours were kept open, *took* is seconds."""

    outcomes: list[Outcome]
    left: tuple[Left, ...]
    opened: tuple[str, ...]
    speed: int
    prometheus: str
    took: float

    @property
    def problems(self) -> list[Outcome]:
        """Those that did not go well."""
        return [outcome for outcome in self.outcomes if outcome.problem]

    @property
    def by_reason(self) -> dict[str, list[str]]:
        """The alerts that were left, by why."""
        found: dict[str, list[str]] = {}
        for left in self.left:
            found.setdefault(left.because, []).append(left.rule.subject)
        return found


def write(report: Report, form: Form) -> None:
    """Write a report to stdout."""
    _WRITERS[form](report)


def _text(report: Report) -> None:
    title = f"Seconds at {report.speed} times the speed, on Prometheus {report.prometheus}"
    table = Table(Column("alert", no_wrap=True), "fault", *STEPS[1:], box=None, title=title, title_justify="left")
    for outcome in report.outcomes:
        seconds = (f"{outcome.steps[step]:.2f}" if step in outcome.steps else "-" for step in STEPS[1:])
        table.add_row(outcome.case.rule.subject, type(outcome.case.fault).__name__, *seconds)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    console.print(table, soft_wrap=not console.is_terminal)
    for outcome in report.problems:
        console.print(f"{outcome.case.rule.subject}: {outcome.problem}.", style="red", markup=False, soft_wrap=True)
    if report.opened:
        console.print(f"Hours were kept open for the drill: {', '.join(report.opened)}.", soft_wrap=True)
    for because, subjects in report.by_reason.items():
        said = f"Left to `tocsin prove`, not drilled: {', '.join(subjects)}, because {because}."
        console.print(said, markup=False, soft_wrap=True)
    drilled, rang = len(report.outcomes), len(report.outcomes) - len(report.problems)
    said = f"{rang} of {drilled} alerts rang, were delivered, and were resolved, in {report.took:.0f} seconds."
    console.print(said, soft_wrap=True)


def _json(report: Report) -> None:
    said = {
        "speed": report.speed,
        "prometheus": report.prometheus,
        "seconds": round(report.took, 3),
        "hours_kept_open": list(report.opened),
        "drilled": [_as_json(outcome) for outcome in report.outcomes],
        "left": [{**_named(left.rule), "because": left.because} for left in report.left],
    }
    sys.stdout.write(json.dumps(said, indent=2) + "\n")


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        **_named(outcome.case.rule),
        "severity": outcome.case.rule.severity,
        "fault": repr(outcome.case.fault),
        "receiver": outcome.case.route.receiver,
        "seconds": {step: round(seconds, 3) for step, seconds in outcome.steps.items()},
        "problem": outcome.problem or None,
    }


def _named(rule: AlertRule) -> dict[str, str]:
    return {"alert": rule.name, "service": rule.service, **rule.labels}


def _junit(report: Report) -> None:
    suite = ET.Element(
        "testsuite",
        name="tocsin drill",
        tests=str(len(report.outcomes) + len(report.left)),
        failures=str(len(report.problems)),
        errors="0",
        skipped=str(len(report.left)),
        time=f"{report.took:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    told = {"speed": str(report.speed), "prometheus": report.prometheus, "hours kept open": ", ".join(report.opened)}
    for name, value in told.items():
        ET.SubElement(properties, "property", name=name, value=value)
    for outcome in report.outcomes:
        case = _case(suite, outcome.case.rule.subject, max(outcome.steps.values(), default=0.0))
        if outcome.problem:
            ET.SubElement(case, "failure", message=f"{outcome.problem}.")
        steps = (f"{step}: {seconds:.3f} s" for step, seconds in outcome.steps.items())
        ET.SubElement(case, "system-out").text = "\n".join(steps)
    for left in report.left:
        case = _case(suite, left.rule.subject, 0.0)
        ET.SubElement(case, "skipped", message=f"Left to `tocsin prove`, because {left.because}.")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    sys.stdout.write(ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n")


def _case(suite: ET.Element, subject: str, seconds: float) -> ET.Element:
    service, _, alert = subject.partition("/")
    return ET.SubElement(suite, "testcase", classname=service, name=alert, time=f"{seconds:.3f}")


_WRITERS: dict[Form, Callable[[Report], None]] = {"text": _text, "json": _json, "junit": _junit}
