"""Alerts of rule files as declared ones: what the rule says, and a remark where it does not say enough."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tocsin.adopt.names import Names, Parts
from tocsin.adopt.objectives import parsed
from tocsin.adopt.python import call, holed, quoted
from tocsin.adopt.signals import Signals
from tocsin.model import Alert, Counter, DeclarationError, SeenRule, Severity, duration, slug
from tocsin.promql.functions import RATES
from tocsin.promql.tree import Aggregate, Binary, Call, Node, Number, Selector, Subquery, bare

BUILT_IN = ("ServiceDown", "HighErrorRate", "HighLatency", "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "Watchdog")
"""The alerts that are there without a declaration."""

_SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(("critical", "crit", "page", "pageteam", "emergency", "fatal", "high", "p1", "sev1"), "critical"),
    **dict.fromkeys(("warning", "warn", "ticket", "info", "notice", "low", "medium", "none", "p2", "p3"), "warning"),
}
_EVALUATIONS = 60.0
"""Seconds that are added to a window and a `for`, for scrapes and evaluations."""

_LABELS = ("severity",)
_TOLD = ("summary", "title", "description", "message", "because", "runbook_url", "runbook")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Declared:
    """An alert under its new name, and its source."""

    name: str
    source: str


def given(rule: SeenRule, tree: Node) -> str:
    """Return why nobody needs to declare a rule, "" if somebody does."""
    if rule.name in BUILT_IN:
        return "every service has an alert of this name for nothing"
    return "every service has ServiceDown for nothing, which rings when no instance answers" if _down(tree) else ""


def why_not(rule: SeenRule, tree: Node, signals: Signals, names: Names) -> str:
    """Return why a rule is not declared, "" if it can be."""
    if not rule.compares:
        return "Grafana decides when it rings: write its threshold into an expression"
    return signals.why_not(tree) or unreadable(tree, names)


def unreadable(tree: Node, names: Names) -> str:
    """Return which recorded series an expression reads in a way that its text cannot stand in for."""
    for node in tree.walk():
        plain = isinstance(node, Selector) and not (node.matchers or node.range is not None or node.offset)
        if isinstance(node, Selector) and node.metric in names.recorded and not plain:
            return f"it reads {node.metric}, which a rule records, by its labels or over time: write what that records"
    return ""


def alert(rule: SeenRule, parts: Parts, names: Names, taken: set[str], tell: Tell) -> Declared | None:
    """Return the declaration of a rule whose expression is in *parts*, and *tell* what it leaves open."""
    text = names.text(parts)
    tree = parsed(text)
    name = _name(rule, taken)
    if not name or tree is None:
        tell("its name has no letters to make one in CamelCase of" if not name else "it is no PromQL")
        return None
    if name != rule.name:
        tell(f"it is called {name} now")
    lasting, within = _times(rule, tree)
    told = _told(rule)
    severity = _severity(rule, tell)
    page = f"runbooks/{slug(name)}.md"
    silent = _silent(tree, names)
    try:
        Alert(name, when=text, severity=severity, because=told["because"], within=within, runbook=page, lasting=lasting)
    except DeclarationError as cause:
        tell(str(cause).rstrip("."))
        return None
    arguments = [
        quoted(name),
        f"when={holed(parts)}",
        *([f"lasting={quoted(lasting)}"] if lasting != "0s" else []),
        f"within={quoted(within)}",
        f"severity={quoted(severity)}",
        *([f"summary={quoted(told['summary'])}"] if told["summary"] else []),
        f"because={quoted(told['because'])}",
        f"rings_on=Silence({silent})" if silent else "# TODO: rings_on=..., the fault that it is for.",
        f"runbook={quoted(page)}",
    ]
    names.imported.update(("Alert", "Silence") if silent else ("Alert",))
    _remarks(rule, tell, told)
    taken.add(name)
    return Declared(name, call("Alert", arguments))


def _name(rule: SeenRule, taken: set[str]) -> str:
    words = re.findall(r"[A-Za-z0-9]+", rule.name)
    name = "".join(word[:1].upper() + word[1:] for word in words).lstrip("0123456789")
    name = name[:1].upper() + name[1:]
    severity = rule.labels["severity"].text if "severity" in rule.labels else ""
    wishes = (name, name + "".join(re.findall(r"[A-Za-z0-9]+", severity.title())))
    free = (wish for wish in wishes if wish not in taken)
    numbered = (f"{name}{number}" for number in range(2, len(taken) + 3) if f"{name}{number}" not in taken)
    return next(free, next(numbered, "")) if name else ""


def _times(rule: SeenRule, tree: Node) -> tuple[str, str]:
    """Return how long it must hold, and within which time it then rings at the latest."""
    ranges = (node.range for node in tree.walk() if isinstance(node, Selector | Subquery))
    window = max((each for each in ranges if each is not None), default=0.0)
    return _spelled(rule.lasting), _spelled(rule.lasting + window + _EVALUATIONS)


def _spelled(seconds: float) -> str:
    return duration(math.ceil(seconds * 1000)) if seconds else "0s"


def _told(rule: SeenRule) -> dict[str, str]:
    texts = {name: passage.text.strip() for name, passage in rule.annotations.items()}
    summary = texts.get("summary") or texts.get("title") or ""
    because = texts.get("because") or texts.get("description") or texts.get("message") or summary
    return {"summary": summary, "because": because or "TODO: say what it means for customers."}


def _severity(rule: SeenRule, tell: Tell) -> Severity:
    said = rule.labels["severity"].text if "severity" in rule.labels else ""
    severity = _SEVERITIES.get(said.lower())
    if severity is None:
        tell(f"its severity is {said!r}: warning is declared" if said else "it has no severity: warning is declared")
    return severity or "warning"


def _remarks(rule: SeenRule, tell: Tell, told: dict[str, str]) -> None:
    if told["because"].startswith("TODO"):
        tell("no annotation says what it means: say it in `because`")
    if rule.keeping:
        tell("keep_firing_for is left out: write a longer window, so that it does not flap")
    for kind, mine, known in (("label", rule.labels, _LABELS), ("annotation", rule.annotations, _TOLD)):
        if others := [name for name in mine if name not in known]:
            tell(f"its {kind}{'s' if others[1:] else ''} {', '.join(others)} {'are' if others[1:] else 'is'} left out")
    for name in ("runbook_url", "runbook"):
        if name in rule.annotations and rule.annotations[name].text.strip():
            tell(f"its runbook is {rule.annotations[name].text.strip()}: bring that page here")
            break


def _zero(tree: Node) -> Iterator[Node]:
    """Yield what an expression compares with 0, if it rings when that is there."""
    node = bare(tree)
    if isinstance(node, Binary) and node.op in ("==", "<=") and node.filters:
        right = bare(node.right)
        if isinstance(right, Number) and right.value == 0:
            yield bare(node.left)


def _down(tree: Node) -> bool:
    return any(isinstance(node, Selector) and node.metric == "up" for node in _zero(tree))


def _silent(tree: Node, names: Names) -> str:
    """Return the constant of the counter whose standing still makes an expression true, "" if there is none."""
    for node in _zero(tree):
        inner = node
        while isinstance(inner, Aggregate) and inner.op in ("sum", "max"):
            inner = bare(inner.expr)
        if isinstance(inner, Call) and inner.function in RATES:
            selector = bare(inner.args[0])
            found = names.signals.get(selector.metric) if isinstance(selector, Selector) else None
            if isinstance(found, Counter):
                return names.signal(found)
    return ""
