"""Findings as annotations of GitHub Actions; see its "Workflow commands for GitHub Actions"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.cli.findings import Finding
from tocsin.model import Place, Skipped


def render(findings: Sequence[Finding], skipped: Sequence[Skipped]) -> str:
    """Return a workflow command for each finding, and a notice for what was skipped."""
    return "".join((*(_command(each) for each in findings), *(_notice(each) for each in skipped)))


def _command(finding: Finding) -> str:
    problem = finding.problem
    parts = [*_where(finding.place, finding.last), f"title={_property(f'{problem.check}: {problem.subject}')}"]
    return f"::{problem.severity} {','.join(parts)}::{_data(problem.message)}\n"


def _notice(skipped: Skipped) -> str:
    return f"::notice {','.join((*_where(skipped.place, None), 'title=skipped'))}::{_data(skipped.why)}\n"


def _where(place: Place | None, last: Place | None) -> Iterator[str]:
    if place is None:
        return
    yield f"file={_property(place.file)}"
    yield f"line={place.line}"
    if last is not None and last.line > place.line:
        yield f"endLine={last.line}"
    yield f"col={place.column}"
    if last is not None and last.line == place.line and last.column > place.column:
        yield f"endColumn={last.column + 1}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
