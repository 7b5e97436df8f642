"""`tocsin check`: judge the catalog and what is derived from it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from tocsin.checks import Problem
from tocsin.cli.project import CatalogOption, Project, load, report
from tocsin.model import TocsinError


def check(
    secrets: Annotated[
        Path | None, typer.Option(help="The folder of Alertmanager's keys, to find missing ones.")
    ] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write the problems.")] = "text",
    catalog: CatalogOption = None,
) -> None:
    """Judge the catalog: exit 0 when nothing is wrong, 1 when something is."""
    project = load(catalog)
    if secrets is not None and not secrets.is_dir():
        raise TocsinError(f"{secrets} is no folder: give the folder that holds Alertmanager's keys.")
    problems = project.problems(secrets)
    if form == "json":
        sys.stdout.write(json.dumps([_as_json(project, problem) for problem in problems], indent=2) + "\n")
    else:
        report(project, problems)
        sys.stdout.write(_verdict(project, problems))
    raise typer.Exit(1 if problems else 0)


def _as_json(project: Project, problem: Problem) -> dict[str, object]:
    place = project.place(problem)
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


def _verdict(project: Project, problems: tuple[Problem, ...]) -> str:
    if problems:
        return f"{len(problems)} problems.\n"
    plan = project.plan
    alerts, recordings = len(list(plan.alerts)), len(list(plan.recordings))
    return f"{len(plan.catalog.services)} services, {alerts} alerts, {recordings} recordings: nothing is wrong.\n"
