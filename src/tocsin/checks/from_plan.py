"""A plan as what is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from tocsin import promql
from tocsin.checks.case import Board, Case, Expression, Panel, Rule
from tocsin.checks.world import Recorded, declared, recording
from tocsin.derive import AlertRule, Plan, Recording, RuleGroup
from tocsin.derive import Board as PlannedBoard
from tocsin.model import (
    ALERTMANAGER_OWN,
    PROBE,
    PROMETHEUS_OWN,
    SDK_DROPPED,
    TARGET_LABELS,
    Observation,
    Passage,
    Query,
    seconds,
)
from tocsin.promql.shape import World

_VARIABLE = re.compile(r'=~"\$\w+"')


def from_plan(plan: Plan, observation: Observation) -> Case:
    """Return the case of *plan*."""
    world = _world(plan)
    return Case(
        rules=tuple(_rule(plan, group, rule, world) for group in plan.groups for rule in group.rules),
        boards=tuple(_board(board, world) for board in plan.boards),
        world=world,
        observation=observation,
        plan=plan,
    )


def _world(plan: Plan) -> World:
    of_services = chain.from_iterable(service.exposed for service in plan.catalog.services)
    beside = (SDK_DROPPED, PROBE, *PROMETHEUS_OWN, *ALERTMANAGER_OWN)
    world = declared((*of_services, *beside), TARGET_LABELS, seconds(plan.scrape_interval))
    return recording(world, _recorded(plan))


def _recorded(plan: Plan) -> Iterator[Recorded]:
    for rule in plan.recordings:
        if promql.syntax_problem(rule.expr) is None:
            yield rule.name, promql.parse(rule.expr), rule.labels


def _rule(plan: Plan, group: RuleGroup, rule: Recording | AlertRule, world: World) -> Rule:
    interval = seconds(plan.evaluation_interval)
    if isinstance(rule, Recording):
        found = rule.labels.get("slo", rule.labels.get("service", rule.name))
        expression = Expression.of(Passage(rule.expr), rule.name, found, world)
        labels = _passages(rule.labels)
        return Rule(
            kind="recording",
            name=rule.name,
            expression=expression,
            group=group.name,
            interval=interval,
            labels=labels,
            service=rule.labels.get("service", ""),
            derived=True,
        )
    own = {"severity": rule.severity, "team": rule.team, "service": rule.service, **rule.labels}
    said = {"summary": rule.summary, "because": rule.because, "runbook_url": rule.runbook}
    return Rule(
        kind="alert",
        name=rule.name,
        expression=Expression.of(Passage(rule.expr), rule.subject, rule.name, world),
        group=group.name,
        interval=interval,
        lasting=seconds(rule.lasting),
        labels=_passages(own),
        annotations=_passages(said),
        service=rule.service,
        within=seconds(rule.within),
        faults=rule.faults,
        derived=True,
    )


def _passages(texts: Mapping[str, str]) -> dict[str, Passage]:
    return {name: Passage(text) for name, text in texts.items() if text}


def _board(board: PlannedBoard, world: World) -> Board:
    panels = []
    for panel in (pane.panel for pane in board.panes):
        subject = f"{board.title}/{panel.title}"
        expressions = tuple(_expression(query, subject, panel.title, world) for query in panel.queries)
        panels.append(
            Panel(
                title=panel.title,
                kind=panel.kind,
                unit=panel.unit,
                expressions=expressions,
                subject=subject,
                declared=panel.title,
                passage=expressions[0].passage,
            )
        )
    return Board(title=board.title, panels=tuple(panels), declared=board.service, passage=Passage(board.title))


def _expression(query: Query, subject: str, title: str, world: World) -> Expression:
    """Return a panel's expression, in which a variable may stand for anything."""
    return Expression.of(Passage(_VARIABLE.sub('=~".+"', query.expr)), subject, title, world)
