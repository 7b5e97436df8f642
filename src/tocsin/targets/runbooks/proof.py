"""What is promised of an alert, and what was seen of it."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import AlertRule, Proved, Ring, Trial
from tocsin.targets.runbooks.words import escaped, span


def proof(rule: AlertRule, proved: Proved | None) -> str:
    """Return the faults on which an alert rings and those on which it is silent, as promised, or as *proved*."""
    if not rule.rings:
        return "It rings always, so there is no fault to prove it by: that its beats arrive is the proof."
    how = f"`tocsin prove {rule.subject}` rehearses it with Prometheus's own engine, and `tocsin drill` in the stack."
    return "\n\n".join((how, *(_seen(proved) if proved else _promised(rule))))


def _promised(rule: AlertRule) -> Iterator[str]:
    rows = dict.fromkeys(_promise(ring) for ring in rule.rings)
    yield "| it must ring when | within | and be silent again within |\n|---|---|---|\n" + "\n".join(rows)
    quiet = "; ".join(escaped(str(fault)) for fault in rule.quiet)
    days = "a healthy day, a rolling deploy, crashes and restarts, a night without visitors"
    yield f"It must be silent on {days}{f', and when {quiet}' if quiet else ''}."


def _promise(ring: Ring) -> str:
    visits = f", with {ring.visits:g} times the visits" if ring.visits != 1 else ""
    silent = ring.silent_within or "its longest window, and a minute"
    return f"| {escaped(str(ring.fault))}{visits} | {ring.within} | {silent} |"


def _seen(proved: Proved) -> Iterator[str]:
    must = [trial for trial in proved.trials if trial.must]
    silent = dict.fromkeys(trial.what for trial in proved.trials if not trial.must and not trial.problem)
    head = "| it rang when | after | and was silent again after |\n|---|---|---|\n"
    yield f"Proved on {proved.made}:"
    yield head + "\n".join(map(_trial, must))
    if silent:
        yield f"It was silent on: {escaped('; '.join(silent))}."
    if proved.beside:
        beside = "; ".join(f"{fault} (after {span(after)})" for fault, after in proved.beside)
        yield f"It rings beside others when: {escaped(beside)}."
    if proved.deaf:
        yield f"It does not ring when: {escaped('; '.join(proved.deaf))}."
    wrong = dict.fromkeys(f"{trial.what}: {trial.problem}" for trial in proved.trials if trial.problem)
    if wrong:
        yield f"**Not proved**: {escaped('; '.join(wrong))}."


def _trial(trial: Trial) -> str:
    rang, silent = ("never" if each is None else span(each) for each in (trial.rang, trial.silent))
    return f"| {escaped(trial.what)} | {rang} | {silent} |"
