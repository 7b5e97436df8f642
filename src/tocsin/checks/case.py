"""What is judged: rules and boards, from a catalog or from anybody's files, with what is known of their expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tocsin import promql
from tocsin.checks.problem import Problem, Severity
from tocsin.derive import Plan
from tocsin.model import Allowance, Fault, Observation, Passage
from tocsin.promql.infer import Shapes, infer
from tocsin.promql.shape import Shape, World
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Node


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """An expression, what a person calls its place, and the text by which its declaration is found.

    *tree* is None, and *shapes* are empty, if it is no PromQL.
    """

    passage: Passage
    subject: str
    declared: str
    tree: Node | None
    shapes: Shapes

    @classmethod
    def of(cls, passage: Passage, subject: str, declared: str, world: World) -> Expression:
        """Return the expression of *passage* with what it can be in *world*."""
        try:
            tree = promql.parse(passage.text)
        except promql.Unreadable:
            return cls(passage, subject, declared, None, {})
        return cls(passage, subject, declared, tree, infer(tree, world))

    @property
    def text(self) -> str:
        """The expression itself."""
        return self.passage.text

    def nodes(self) -> Iterator[tuple[Node, Shape]]:
        """Yield every part with its shape, from left to right."""
        return reversed(self.shapes.items())  # which are found from the leaves on

    def part(self, span: Span) -> str:
        """Return the text of a part, on one line."""
        return " ".join(self.text[span.start : span.end].split())

    def problem(self, check: str, span: Span, message: str, severity: Severity = "error") -> Problem:
        """Return a problem with the part at *span*."""
        return Problem(check, self.subject, message, self.declared, severity, self.passage, span)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule:
    """A rule; times in seconds. *within*, *faults* and *runbook* are those of a catalog's alert.

    *paced* tells that the interval is known, and not Prometheus's own.
    """

    kind: Literal["alert", "recording"]
    name: str
    expression: Expression
    group: str
    interval: float
    paced: bool = True
    lasting: float = 0.0
    labels: Mapping[str, Passage] = field(default_factory=dict)
    annotations: Mapping[str, Passage] = field(default_factory=dict)
    service: str = ""
    within: float | None = None
    faults: tuple[Fault, ...] = ()
    compares: bool = True
    """Whether its expression itself decides when it rings."""

    derived: bool = False
    """Whether it was written by Tocsin, from a catalog."""

    def problem(
        self,
        check: str,
        message: str,
        severity: Severity = "error",
        about: Passage | None = None,
        span: Span | None = None,
    ) -> Problem:
        """Return a problem with the rule, or with the label or annotation *about* it, at *span*."""
        expression = self.expression
        found = about or expression.passage
        return Problem(check, expression.subject, message, expression.declared, severity, found, span)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Panel:
    """A panel of a board; *unit* is Grafana's name of one."""

    title: str
    kind: str
    unit: str
    expressions: tuple[Expression, ...]
    subject: str
    declared: str
    passage: Passage

    def problem(self, check: str, message: str, severity: Severity = "error") -> Problem:
        """Return a problem with the panel."""
        return Problem(check, self.subject, message, self.declared, severity, self.passage)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Board:
    """A board: *variables* by name, each with how it is defined, and *uses*, all text that may speak of one."""

    title: str
    panels: tuple[Panel, ...]
    declared: str
    passage: Passage
    variables: Mapping[str, str] = field(default_factory=dict)
    uses: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Case:
    """Everything that is judged together; *plan* is None for files that no catalog made."""

    rules: tuple[Rule, ...]
    boards: tuple[Board, ...]
    world: World
    observation: Observation
    plan: Plan | None = None
    unused: tuple[Allowance, ...] = ()
    """Allowances that nothing needed, known once all other checks are through."""

    @property
    def alerts(self) -> Iterator[Rule]:
        """Every alerting rule."""
        return (rule for rule in self.rules if rule.kind == "alert")

    @property
    def recordings(self) -> Iterator[Rule]:
        """Every recording rule."""
        return (rule for rule in self.rules if rule.kind == "recording")

    @property
    def expressions(self) -> Iterator[Expression]:
        """Every expression, those of rules first."""
        yield from (rule.expression for rule in self.rules)
        yield from (each for board in self.boards for panel in board.panels for each in panel.expressions)
