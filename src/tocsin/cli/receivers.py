"""`tocsin drill --receivers`: an alert on every route of a running Alertmanager, to see that its keys still work."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tocsin.cli.status import run_folder
from tocsin.derive import Plan, Route
from tocsin.model import TocsinError
from tocsin.stack import receivers, state
from tocsin.stack.receivers import Outcome
from tocsin.stack.setup import ALERTMANAGER, INBOX


def drill_receivers(
    plan: Plan, alertmanager: str | None, folder: Path | None, *, form: str, patience: float, see_resolved: bool
) -> bool:
    """Drill the receivers of the Alertmanager at an address, or of the running stack's; return whether all is well."""
    url, runbooks = (alertmanager, plan.catalog.runbooks) if alertmanager else _running(run_folder(folder))
    console = Console(stderr=True, highlight=False)

    def notice(route: Route, said: str) -> None:
        console.print(f"  {route.receiver:<28} {said}", soft_wrap=True, markup=False)

    runbook = f"{runbooks.rstrip('/')}/tocsin/watchdog"
    try:
        outcomes = receivers.drill(url, plan, runbook, notice, patience=patience, see_resolved=see_resolved)
    except KeyboardInterrupt:
        sys.stderr.write("tocsin: The drill was interrupted; Alertmanager was told that it is over.\n")
        raise
    _write(outcomes, form)
    return not any(outcome.problem for outcome in outcomes)


def _running(folder: Path) -> tuple[str, str]:
    """Return the addresses of the running stack's Alertmanager, and of its runbooks."""
    found = state.read(folder)
    if found is None:
        raise TocsinError(f"No stack runs in {folder}: start one with `tocsin up`, or give --alertmanager an address.")
    urls = {part.name: part.url for part in found.parts}
    return urls[ALERTMANAGER], f"{urls[INBOX].rstrip('/')}/runbooks"


def _write(outcomes: list[Outcome], form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps([_as_json(outcome) for outcome in outcomes], indent=2) + "\n")
        return
    table = Table("receiver", "accepted", "routed to", "delivered", "refused", "given up", "resolve", box=None)
    for column in table.columns:
        column.overflow = "fold"
    for outcome in outcomes:
        counts = (outcome.counts.delivered, outcome.counts.refused, outcome.counts.given_up)
        accepted = "yes" if outcome.accepted else "no"
        routed = ", ".join(outcome.receivers) or "nobody"
        table.add_row(outcome.route.receiver, accepted, routed, *map(str, counts), outcome.resolved or "none")
    console = Console(highlight=False)
    console.print(table, soft_wrap=not console.is_terminal)
    problems = [outcome for outcome in outcomes if outcome.problem]
    for outcome in problems:
        said = f"{outcome.route.receiver}: {outcome.problem}."
        console.print(said, style="red", markup=False, soft_wrap=True)
    well = len(outcomes) - len(problems)
    console.print(f"{well} of {len(outcomes)} receivers were reached.", soft_wrap=True)
    if any(outcome.resolved == "told" for outcome in outcomes):
        console.print(
            "Alertmanager knows that it is over; it tells each receiver within its route's interval.", soft_wrap=True
        )


def _as_json(outcome: Outcome) -> dict[str, object]:
    route = outcome.route
    return {
        "receiver": route.receiver,
        "channel": route.channel,
        "team": route.team or None,
        "accepted": outcome.accepted,
        "routed to": list(outcome.receivers),
        "notifications": asdict(outcome.counts),
        "resolved": outcome.resolved or None,
        "problem": outcome.problem or None,
    }
