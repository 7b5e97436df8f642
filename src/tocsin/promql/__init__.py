"""READS: PromQL as a language; knows no service."""

from tocsin.promql.parse import SyntaxProblem, Unreadable, parse, syntax_problem
from tocsin.promql.tempo import quicken

__all__ = ["SyntaxProblem", "Unreadable", "parse", "quicken", "syntax_problem"]
