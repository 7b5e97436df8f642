"""READS: PromQL as a language; knows no service."""

from tocsin.promql.parse import SyntaxProblem, Unreadable, parse, syntax_problem
from tocsin.promql.tempo import quicken
from tocsin.promql.tree import Selector
from tocsin.promql.versions import newer

__all__ = ["Selector", "SyntaxProblem", "Unreadable", "newer", "parse", "quicken", "syntax_problem"]
