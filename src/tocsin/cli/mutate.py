"""`tocsin prove --mutate`: break the rules and routes on purpose, and count what the proofs notice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import typer

from tocsin import source
from tocsin.checks import Problem
from tocsin.cli.findings import Finding, findings
from tocsin.cli.formats import text
from tocsin.cli.project import Project
from tocsin.derive import Plan
from tocsin.model import Passage
from tocsin.proof.mutating import Hunt, Mutation, Outcome, routed
from tocsin.proof.proving import Proof, book, choose, stages
from tocsin.proof.routing import misrouted
from tocsin.proof.theatre import Notice, Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION, alertmanager

MEMORIES = Path(".tocsin") / "proof" / "mutants.json"
"""Where it is kept, below the project, what came of earlier mutants' rehearsals."""

ENOUGH = 0.95
"""The share of the mutants that proofs must notice."""

_CHECK = "survivor"


def told(plan: Plan, proof: Proof) -> Proof:
    """Return a proof with whom Alertmanager tells wrongly."""
    return replace(proof, misrouted=tuple(misrouted(tools.find("amtool"), plan, _configuration(plan))))


def mutated(plan: Plan, names: Sequence[str], notice: Notice) -> Mutation:
    """Return what becomes of every mutant of what some alerts read; of the routes too, if that are all alerts."""
    rules = book(plan, PRODUCTION)
    everybody = stages(plan, rules)
    theatre = Theatre(tools.find("promtool"), source.project_root() / MEMORIES)
    mutation = Hunt(theatre, rules, choose(everybody, names), everybody).run(notice)
    if names:
        return mutation
    routes = routed(tools.find("amtool"), plan, _configuration(plan))
    return Mutation((*mutation.outcomes, *routes.outcomes))


def _configuration(plan: Plan) -> str:
    return next(alertmanager.render(plan, PRODUCTION)).text


def report(project: Project, mutation: Mutation, form: str) -> NoReturn:
    """Write what became of all mutants, then exit: 0 when enough were noticed, else 1."""
    if form == "json":
        sys.stdout.write(json.dumps(_objects(mutation), indent=2) + "\n")
    else:
        text.report(_survivors(project, mutation.survivors))
        sys.stdout.writelines(f"{line}\n" for line in _told(mutation))
    raise typer.Exit(0 if mutation.score >= ENOUGH else 1)


def _survivors(project: Project, outcomes: Iterable[Outcome]) -> tuple[Finding, ...]:
    return findings(map(_problem, outcomes), project.place)


def _problem(outcome: Outcome) -> Problem:
    return Problem(
        check=_CHECK,
        subject=outcome.subject,
        message=f"no proof notices when {outcome.change}",
        declared=(*outcome.subject.split("/"), "")[1],
        severity="warning",
        passage=Passage(outcome.text),
        span=outcome.edit.span,
    )


def _told(mutation: Mutation) -> Iterable[str]:
    for name, caught, whole in mutation.operators:
        yield f"{name:<12} {caught:>5} of {whole}"
    caught, whole = len(mutation.outcomes) - len(mutation.survivors), len(mutation.outcomes)
    yield f"{caught} of {whole} mutants were noticed: {mutation.score:.1%}."


def _objects(mutation: Mutation) -> dict[str, object]:
    return {
        "score": round(mutation.score, 4),
        "operators": [{"name": name, "caught": caught, "of": whole} for name, caught, whole in mutation.operators],
        "survivors": [
            {
                "subject": each.subject,
                "operator": each.operator,
                "part": each.edit.part,
                "change": each.change,
                "text": each.text,
                "start": each.edit.span.start,
                "end": each.edit.span.end,
                "readers": list(each.readers),
            }
            for each in mutation.survivors
        ],
    }
