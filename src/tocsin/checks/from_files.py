"""Anybody's rule files and dashboards as what is judged."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import promql
from tocsin.checks.case import Board, Case, Expression, Panel, Rule
from tocsin.checks.world import Recorded, recording, seen
from tocsin.model import Observation, Passage, SeenBoard, SeenPanel, SeenRule
from tocsin.promql.shape import World

USUAL_INTERVAL = 60.0
"""Prometheus's own default for scrapes and evaluations, in seconds."""


def from_files(observation: Observation, scrape: float = 0.0) -> Case:
    """Return the case of what was observed in files; *scrape* is the interval of scrapes in seconds, 0 if unknown."""
    world = _world(observation, scrape)
    return Case(
        rules=tuple(_rule(rule, world) for rule in observation.rules),
        boards=tuple(_board(board, world) for board in observation.boards),
        world=world,
        observation=observation,
    )


def _world(observation: Observation, scrape: float) -> World:
    world = seen(observation.metrics, observation.target_labels, scrape)
    return recording(world, _recorded(observation), again=True)


def _recorded(observation: Observation) -> Iterator[Recorded]:
    for rule in observation.rules:
        if rule.kind == "recording" and promql.syntax_problem(rule.expr.text) is None:
            labels = {name: passage.text for name, passage in rule.labels.items()}
            yield rule.name, promql.parse(rule.expr.text), labels


def _rule(rule: SeenRule, world: World) -> Rule:
    return Rule(
        kind=rule.kind,
        name=rule.name,
        expression=Expression.of(rule.expr, rule.name, rule.name, world),
        group=rule.group,
        interval=rule.interval or USUAL_INTERVAL,
        paced=bool(rule.interval),
        lasting=rule.lasting,
        labels=rule.labels,
        annotations=rule.annotations,
        compares=rule.compares,
    )


def _board(board: SeenBoard, world: World) -> Board:
    panels = tuple(_panel(board, panel, world) for panel in board.panels)
    return Board(
        title=board.title,
        panels=panels,
        declared=board.title,
        passage=Passage.at(board.title, board.place),
        variables=board.variables,
        uses=board.uses,
    )


def _panel(board: SeenBoard, panel: SeenPanel, world: World) -> Panel:
    subject = f"{board.title}/{panel.title}"
    expressions = tuple(Expression.of(query, subject, panel.title, world) for query in panel.queries)
    return Panel(
        title=panel.title,
        kind=panel.kind,
        unit=panel.unit,
        expressions=expressions,
        subject=subject,
        declared=panel.title,
        passage=Passage.at(panel.title, panel.place),
    )
