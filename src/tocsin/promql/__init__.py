"""READS: PromQL as a language; knows no service."""

from tocsin.promql.parse import Read, SyntaxProblem, reads, syntax_problem
from tocsin.promql.tempo import quicken

__all__ = ["Read", "SyntaxProblem", "quicken", "reads", "syntax_problem"]
