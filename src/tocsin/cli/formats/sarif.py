"""Findings as SARIF 2.1.0, the static analysis results interchange format of OASIS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from tocsin.cli.findings import Finding
from tocsin.cli.pages import headline, page
from tocsin.model import Place, Skipped


def render(findings: Sequence[Finding], skipped: Sequence[Skipped]) -> str:
    """Return a log of one run."""
    checks = sorted({finding.problem.check for finding in findings})
    run = {
        "tool": {
            "driver": {"name": "Tocsin", "version": version("tocsin"), "rules": [_rule(check) for check in checks]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, checks) for finding in findings],
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": [_notification(each) for each in skipped]}
        ],
    }
    return json.dumps({"version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(check: str) -> dict[str, object]:
    text = page(check)
    return {
        "id": check,
        "shortDescription": {"text": headline(check)},
        "help": {"text": text, "markdown": text},
    }


def _result(finding: Finding, checks: list[str]) -> dict[str, object]:
    problem = finding.problem
    result: dict[str, object] = {
        "ruleId": problem.check,
        "ruleIndex": checks.index(problem.check),
        "level": problem.severity,
        "message": {"text": f"{problem.subject}: {problem.message}"},
    }
    if finding.place:
        result["locations"] = [_location(finding.place, finding.last)]
    return result


def _notification(skipped: Skipped) -> dict[str, object]:
    return {"level": "note", "message": {"text": skipped.why}, "locations": [_location(skipped.place, None)]}


def _location(place: Place, last: Place | None) -> dict[str, object]:
    region = {"startLine": place.line, "startColumn": place.column}
    if last is not None and (last.line, last.column) > (place.line, place.column):
        region |= {"endLine": last.line, "endColumn": last.column + 1}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(place.file)}, "region": region}}


def _uri(file: str) -> str:
    if "://" in file:
        return file
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file)
