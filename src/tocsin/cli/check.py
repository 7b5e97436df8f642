"""`tocsin check`: judge the catalog and what is derived from it, or anybody's files."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from tocsin import live
from tocsin.checks import from_files, judge
from tocsin.cli.findings import Finding, findings
from tocsin.cli.formats import MACHINE, Form, text
from tocsin.cli.project import CatalogOption, asked, load
from tocsin.model import DeclarationError, Observation, Skipped, TocsinError, seconds


class Spread(TyperCommand):
    """A command whose --rules, --dashboards and --metrics take several values each, as a shell spreads a pattern.

    --live takes one or none.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Say the option again before each further value, and the usual address where --live has none."""
        spread: list[str] = []
        current = ""
        for index, each in enumerate(args):
            if each.startswith("-"):
                current = each if each in _SPREAD else ""
            elif current and args[index - 1] != current:
                spread.append(current)
            spread.append(each)
            if each == "--live" and (index + 1 == len(args) or args[index + 1].startswith("-")):
                spread.append(live.LOCAL)
        return super().parse_args(ctx, spread)


_SPREAD = ("--rules", "--dashboards", "--metrics")

Files = Annotated[
    list[str] | None,
    typer.Option("--rules", help="Rule files, folders or patterns: Prometheus, its operator, Grafana."),
]
Boards = Annotated[list[str] | None, typer.Option("--dashboards", help="Grafana dashboards: files, folders, patterns.")]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metrics", help="Expositions: files or addresses, to know which metrics there are."),
]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found and what was left out, and what is said where nothing is wrong."""

    found: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    verdict: str


def check(  # noqa: PLR0917 - typer hands them over by name
    rules: Files = None,
    dashboards: Boards = None,
    metrics: Metrics = None,
    target_labels: Annotated[
        str | None, typer.Option(help="Labels that a scrape adds, like job,instance,namespace.")
    ] = None,
    scrape_interval: Annotated[str | None, typer.Option(help="How often targets are scraped, like 15s.")] = None,
    secrets: Annotated[
        Path | None, typer.Option(help="The folder of Alertmanager's keys, to find missing ones.")
    ] = None,
    prometheus: Annotated[
        str | None,
        typer.Option("--live", metavar="[URL]", help=f"Judge a running Prometheus too, at {live.LOCAL} if not said."),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write the problems.")] = "text",
    catalog: CatalogOption = None,
) -> None:
    """Judge the catalog, or the files that are named: exit 0 when nothing is wrong, 1 when something is."""
    gc.disable()  # trees have no cycles, yet each collection would walk all that were read so far
    if rules or dashboards or metrics:
        targets = [each.strip() for each in (target_labels or "").split(",") if each.strip()]
        seen = live.look_into(rules or [], dashboards or [], metrics or [], targets, _seconds(scrape_interval))
        judged = _files(seen, _seconds(scrape_interval), prometheus)
    else:
        judged = _catalog(catalog, secrets, prometheus)
    told(judged, form)


def told(judged: Judged, form: Form) -> None:
    """Write what was found, and exit with 1 if that is anything.

    Raises:
        Exit: always.

    """
    if form == "text":
        text.report(judged.found, judged.skipped)
        sys.stdout.write(_verdict(judged))
    else:
        sys.stdout.write(MACHINE[form](judged.found, judged.skipped))
    raise typer.Exit(1 if judged.found else 0)


def _files(seen: Observation, scrape: float, prometheus: str | None) -> Judged:
    case = from_files(seen, scrape)
    found = findings(judge(asked(case, prometheus) if prometheus else case), lambda problem: problem.place)
    verdict = f"{len(seen.rules)} rules, {len(seen.boards)} dashboards, {len(seen.metrics or ())} metrics"
    return Judged(found, seen.skipped, verdict)


def _catalog(catalog: str | None, secrets: Path | None, prometheus: str | None) -> Judged:
    project = load(catalog)
    if secrets is not None and not secrets.is_dir():
        raise TocsinError(f"{secrets} is no folder: give the folder that holds Alertmanager's keys.")
    plan = project.plan
    alerts, recordings = len(list(plan.alerts)), len(list(plan.recordings))
    verdict = f"{len(plan.catalog.services)} services, {alerts} alerts, {recordings} recordings"
    return Judged(findings(project.problems(secrets, prometheus), project.place), (), verdict)


def _seconds(interval: str | None) -> float:
    try:
        return seconds(interval) if interval else 0.0
    except DeclarationError as cause:
        raise TocsinError(f"--scrape-interval: {cause}") from None


def _verdict(judged: Judged) -> str:
    if not judged.found:
        return f"{judged.verdict}: nothing is wrong.\n"
    return f"{len(judged.found)} problem{'s' if judged.found[1:] else ''}.\n"
