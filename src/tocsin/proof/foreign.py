"""Rules that Tocsin did not make, and what a file of scenarios promises of them, as what is proved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from tocsin import promql
from tocsin.checks import Problem, from_files, judge
from tocsin.derive import AlertRule, Ring
from tocsin.model import (
    SCRAPE,
    Down,
    ForeignService,
    Histogram,
    Observation,
    Place,
    Scenario,
    Scenarios,
    SeenMetric,
    SeenRule,
    Signal,
    Skipped,
    TocsinError,
    Vanish,
    duration,
    seconds,
)
from tocsin.promql import Selector
from tocsin.proof.course import moving, selected
from tocsin.proof.day import steadily
from tocsin.proof.motion import motion
from tocsin.proof.proving import Proof
from tocsin.proof.rules import Book, Rule, Slice
from tocsin.proof.stage import MINUTE, SICK_NEIGHBOUR, Stage

_SCRAPED = frozenset(signal.name for signal in SCRAPE)
_SYNTHETIC = _SCRAPED | {"ALERTS", "ALERTS_FOR_STATE"}


@dataclass(frozen=True, slots=True)
class Named:
    """An alert as it was found, as a rule, and the name by which it is told from others of its name."""

    name: str
    seen: SeenRule
    rule: Rule


@dataclass(frozen=True, slots=True)
class Foreign:
    """Everything that is proved of files: the alerts that were found, and what the scenarios say."""

    observation: Observation
    scenarios: Scenarios
    alerts: tuple[Named, ...]
    book: Book

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not read, or cannot be rehearsed."""
        elsewhere = [rule for rule in self.observation.rules if not rule.compares]
        constant = [each.seen for each in self.alerts if not self.book.cut(each.rule).raw]
        return (
            *self.observation.skipped,
            *(Skipped(rule.place, f"{rule.name}: its condition is no part of its expression") for rule in elsewhere),
            *(Skipped(rule.place, f"{rule.name}: it reads no series, so nothing changes it") for rule in constant),
        )

    @property
    def stages(self) -> list[Stage]:
        """A stage for each promise, and one for each other service that an alert watches, of which it promises nothing.

        What promises nothing of a service may ring on the faults that are for others there.
        """
        staged = [stage for alert in self.alerts for stage in _of(self, alert)]
        order = [service.name for service in self.scenarios.services]
        free = {name: [each.rule.name for each in staged if _free(each, name)] for name in order}
        ordered = sorted(staged, key=lambda stage: order.index(stage.service.name))
        return [
            replace(each, rule=replace(each.rule, also=(*each.rule.also, each.rule.name, *free[each.service.name])))
            for each in ordered
        ]

    def noted(self, chosen: Sequence[Stage], proof: Proof) -> Proof:
        """Return *proof* with what is to be known beside it: what never rings, and what nobody declared."""
        heard = {verdict.rehearsal.subject for verdict in proof.verdicts if verdict.reading.firing is not None}
        heard |= {cell.alert for cell in proof.cells if cell.after is not None}
        judged = _judged(self)
        notes: list[tuple[str, str]] = []
        for alert in self.alerts:
            mine = [stage for stage in chosen if stage.rule.name == alert.name]
            silent = all(stage.rule.subject not in heard for stage in mine)
            exprs = {rule.expr for stage in mine for rule in stage.part.rules}
            wrong = [each.message for each in judged if each.passage and each.passage.text in exprs]
            notes += [(alert.name, note) for note in _notes(self, mine, wrong, silent=silent)]
        return replace(proof, notes=tuple(notes))


def foreign(observation: Observation, scenarios: Scenarios) -> Foreign:
    """Return the rules that were found in files, with what the scenarios promise of them.

    Raises:
        TocsinError: Prometheus would refuse the rules, there are none, or a promise is of no alert or changes nothing.

    """
    for refused in observation.refused:
        raise _wrong(refused.place, refused.why)
    for rule in observation.rules:
        problem = promql.syntax_problem(rule.expr.text)
        if problem:
            raise _wrong(
                rule.expr.place(problem.span.start) or rule.place, f"{rule.name} is no PromQL: {problem.message}"
            )
    rules = [(seen, _rule(seen)) for seen in observation.rules if seen.compares]
    alerts = tuple(_named([pair for pair in rules if pair[1].alerts]))
    if not alerts:
        raise TocsinError("The files of --rules hold no alert that can be rehearsed: name those that do.")
    found = Foreign(observation, scenarios, alerts, Book([rule for _, rule in rules]))
    for promise in scenarios.promised:
        if not any(promise.alert in (each.name, each.rule.name) for each in alerts):
            raise _wrong(promise.place, f"there is no alert {promise.alert!r}: choose from {_names(alerts)}")
        _require_changes(promise, next(each for each in scenarios.services if each.name == promise.service))
    return found


def _notes(found: Foreign, mine: Sequence[Stage], wrong: Sequence[str], *, silent: bool) -> Iterator[str]:
    if not mine:
        return
    promised = any(stage.rule.rings for stage in mine)
    unread = dict.fromkeys(_unread(found, mine[0].part))
    if promised and silent:
        yield f"it never rings: {'; '.join(dict.fromkeys(wrong) or unread) or 'no check knows why'}"
    else:
        yield from unread
    if not promised:
        yield "no fault is declared for it: it is only shown to be silent when all is well"


def _rule(seen: SeenRule) -> Rule:
    return Rule(
        name=seen.name,
        expr=seen.expr.text,
        alerts=seen.kind == "alert",
        place=seen.group,
        lasting=_spelled(seen.lasting),
        keeping=_spelled(seen.keeping) if seen.keeping else "",
        labels={name: passage.text for name, passage in seen.labels.items()},
        annotations={name: passage.text for name, passage in seen.annotations.items()},
    )


def _named(rules: Sequence[tuple[SeenRule, Rule]]) -> Iterator[Named]:
    """Yield the alerts; those that share a name are told apart by their severity, or else by their number."""
    for name in dict.fromkeys(rule.name for _, rule in rules):
        same = [(seen, rule) for seen, rule in rules if rule.name == name]
        severities = [rule.labels.get("severity", "") for _, rule in same]
        told = severities if len(set(severities)) == len(same) else [str(number) for number in range(1, len(same) + 1)]
        for (seen, rule), apart in zip(same, told, strict=True):
            yield Named(f"{name}/{apart}" if len(same) > 1 else name, seen, rule)


def _free(stage: Stage, service: str) -> bool:
    return stage.service.name == service and not stage.rule.rings


def _of(found: Foreign, alert: Named) -> Iterator[Stage]:
    part = found.book.cut(alert.rule)
    if not part.raw:
        return
    services = {service.name: service for service in found.scenarios.services}
    promises = [each for each in found.scenarios.promised if each.alert in (alert.name, alert.rule.name)]
    for promise in promises:
        yield _stage(found, _promised(alert, part, promise), part, services[promise.service])
    told = {promise.service for promise in promises}
    for name in _watched(part, found.scenarios.services, told):
        yield _stage(found, _alert(alert, name, within="0s"), part, services[name])


def _promised(alert: Named, part: Slice, promise: Scenario) -> AlertRule:
    silent = part.reach + seconds(alert.rule.lasting) + alert.seen.keeping + MINUTE
    rings = tuple(
        Ring(
            fault=fault,
            within=promise.within,
            not_before=promise.not_before,
            silent_within=promise.silent_within or _spelled(silent),
        )
        for fault in promise.rings_on
    )
    rule = _alert(alert, promise.service, within=promise.within)
    return replace(rule, rings=rings, quiet=promise.quiet_on, also=promise.also)


def _alert(alert: Named, service: str, within: str) -> AlertRule:
    return AlertRule(
        name=alert.name,
        expr=alert.rule.expr,
        severity="",  # whatever theirs means: nobody promises that a warning is silent while its service is down
        service=service,
        team="",
        summary="",
        because="",
        within=within,
        lasting=alert.rule.lasting,
    )


def _stage(found: Foreign, rule: AlertRule, part: Slice, service: ForeignService) -> Stage:
    """Return a stage; a neighbour is there only if the alert reads what the service itself does not expose."""
    own = frozenset(part.raw)
    lacking = frozenset(each for each in own if not _exposes(service, each))
    others = (each for each in found.scenarios.services if each is not service)
    neighbour = next((each for each in others if any(_exposes(each, selector) for selector in lacking)), None)
    skips = service.never | {SICK_NEIGHBOUR} | (frozenset() if rule.rings else {"scaled to zero"})
    return Stage(rule, part, service, neighbour, found.scenarios.scrape, skips)


def _watched(part: Slice, services: Sequence[ForeignService], told: Collection[str]) -> list[str]:
    """Return the services beside those *told* that expose all that an alert reads, or else one that exposes most."""
    exposed = {service.name: sum(_exposes(service, each) for each in part.raw) for service in services}
    whole = [name for name, count in exposed.items() if count == len(part.raw) and name not in told]
    return whole if whole or told else [max(exposed, key=lambda name: exposed[name])]


def _exposes(service: ForeignService, selector: Selector) -> bool:
    if selector.metric in _SCRAPED:
        return selected(selector, dict(service.target), service.telling_apart)
    return bool(moving(service, 1.0, (), frozenset((selector,))))


def _require_changes(promise: Scenario, service: ForeignService) -> None:
    for fault in (*promise.rings_on, *promise.quiet_on):
        inner = steadily(fault)
        if not isinstance(inner, Down | Vanish) and motion(service, 1.0, (inner,)) == motion(service, 1.0, ()):
            raise _wrong(promise.place, f"{promise.alert}: that {fault} changes nothing that {service.name} exposes")


def _unread(found: Foreign, part: Slice) -> Iterator[str]:
    """Yield what an alert reads and no service exposes."""
    metrics = {name for service in found.scenarios.services for name in motion(service, 1.0, ())} | _SYNTHETIC
    for selector in part.raw:
        if selector.metric not in metrics:
            yield f"it reads {selector.metric or 'series without a name'}, which no service declares"
        elif selector.metric not in _SYNTHETIC and not any(
            _exposes(service, selector) for service in found.scenarios.services
        ):
            labels = ", ".join(f"{each.label}{each.operator}{each.value!r}" for each in selector.matchers)
            yield f"it reads {selector.metric} with {labels}, which no service exposes"


def _judged(found: Foreign) -> list[Problem]:
    """Return what the checks say of expressions that cannot be right, given what the services expose."""
    services = found.scenarios.services
    targets = dict.fromkeys(name for service in services for name in (*dict(service.target), *service.apart))
    seen = replace(found.observation, metrics=_metrics(services), target_labels=tuple(targets))
    problems = judge(from_files(seen, found.scenarios.scrape))
    return [each for each in problems if each.check.startswith("promql/") and each.severity == "error"]


def _metrics(services: Sequence[ForeignService]) -> dict[str, SeenMetric]:
    """Return the metrics of services as they would be seen in their expositions."""
    kinds: dict[str, list[Signal]] = {}
    rows: dict[str, list[dict[str, str]]] = {}
    for service in services:
        for signal in service.exposed:
            name = f"{signal.name}_count" if isinstance(signal, Histogram) else signal.name
            series = (dict(each.labels) for each in motion(service, 1.0, ()).get(name, ()))
            own = dict(service.target)
            rows.setdefault(signal.name, []).extend([own] if signal.name in _SCRAPED else series)
            kinds.setdefault(signal.name, []).append(signal)
    return {name: _metric(signals, rows[name]) for name, signals in kinds.items()}


def _metric(signals: Sequence[Signal], rows: Sequence[Mapping[str, str]]) -> SeenMetric:
    return SeenMetric(
        name=signals[0].name,
        kind=signals[0].kind,
        labels={
            name: frozenset(row.get(name, "") for row in rows) for name in dict.fromkeys(chain.from_iterable(rows))
        },
        bounds=tuple(sorted({bound for each in signals if isinstance(each, Histogram) for bound in each.buckets})),
        series=len(rows),
    )


def _spelled(time: float) -> str:
    return duration(round(time * 1000)) if time else "0s"


def _names(alerts: Iterable[Named]) -> str:
    return ", ".join(alert.name for alert in alerts)


def _wrong(place: Place, sentence: str) -> TocsinError:
    return TocsinError(f"{place.file}:{place.line}:{place.column}: {sentence}.")
