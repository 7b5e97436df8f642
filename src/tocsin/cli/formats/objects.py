"""Findings as a list of JSON objects."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tocsin.cli.findings import Finding
from tocsin.model import Skipped


def render(findings: Sequence[Finding], _: Sequence[Skipped]) -> str:
    """Return the findings as JSON."""
    return json.dumps([_object(finding) for finding in findings], indent=2) + "\n"


def _object(finding: Finding) -> dict[str, object]:
    problem, place = finding.problem, finding.place
    return {
        "check": problem.check,
        "severity": problem.severity,
        "subject": problem.subject,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "message": problem.message,
        "help": f"tocsin explain {problem.check}",
    }
