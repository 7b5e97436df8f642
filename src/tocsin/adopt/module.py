"""A module of declarations, made of the rules of others, and the list of what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tocsin.adopt.alerts import alert, given, unreadable, why_not
from tocsin.adopt.left import Left
from tocsin.adopt.names import Names, one_line
from tocsin.adopt.objectives import Promise, Promises, all_fives, failing, parsed, promises
from tocsin.adopt.python import assigned, call, holed, quoted, sequence
from tocsin.adopt.signals import Signals, signals
from tocsin.model import DeclarationError, Histogram, Matcher, Place, SeenRule, TocsinError, slug
from tocsin.model.naming import require_host
from tocsin.promql.tree import Node, Selector

UNNAMED = "imported"
"""The service to which rules are declared that name none."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """The *text* of a module, what is *left*, and where each alert and objective comes from, by its name."""

    service: str
    text: str
    left: tuple[Left, ...]
    places: dict[str, Place]


@dataclass
class _Adopting:
    rules: Sequence[SeenRule]
    service: str
    trees: dict[int, Node]
    promised: Promises
    signals: Signals
    names: Names
    left: list[Left] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def tell(self, rule: SeenRule, why: str) -> None:
        self.left.append(Left(rule.place, rule.name, why))


def adopt(rules: Sequence[SeenRule], service: str, team: str, port: int) -> Adopted:
    """Return the declarations of *rules* for one *service*; without its name it is the job that all rules speak of.

    Raises:
        TocsinError: they speak of several jobs, and no service is named.

    """
    promised = promises(rules)
    trees = {index: tree for index, rule in enumerate(rules) if (tree := parsed(one_line(rule.expr.text)))}
    named = service or _only(trees.values(), rules)
    kept = [
        (tree, rules[index].place)
        for index, tree in trees.items()
        if index not in promised.taken and not elsewhere(rules[index], tree, named)
    ]
    kept += [(tree, each.place) for each in promised.found if (tree := each.tree)]
    recorded = {rule.name for index, rule in enumerate(rules) if rule.kind == "recording"}
    found = signals(kept, recorded)
    adopting = _Adopting(rules, named, trees, promised, found, Names(found.declared))
    for signal in dict.fromkeys(found.declared.values()):
        adopting.names.signal(signal)
    _record(adopting)
    objectives = [source for each in promised.found if (source := _objective(adopting, each))]
    alerts = list(_alerts(adopting))
    text = _module(adopting, objectives, alerts, team, port)
    left = (*promised.left, *found.left, *adopting.left)
    order = {rule.place.file: index for index, rule in reversed([*enumerate(rules)])}
    return Adopted(
        named, text, tuple(sorted(left, key=lambda each: (order[each.place.file], each.place.line))), adopting.places
    )


def _only(trees: Iterable[Node], rules: Iterable[SeenRule]) -> str:
    named = {rule.labels["sloth_service"].text for rule in rules if "sloth_service" in rule.labels}
    jobs = sorted({job for tree in trees for job in _jobs(tree)} or set(filter(_is_host, named)))
    if len(jobs) > 1:
        some = ", ".join(jobs[:5])
        raise TocsinError(f"The rules speak of {len(jobs)} jobs: choose one with --service, like {some}.")
    return jobs[0] if jobs else UNNAMED


def elsewhere(rule: SeenRule, tree: Node, service: str) -> str:
    """Return why an alert is not one of a service's own, "" if it is."""
    jobs = _jobs(tree)
    if rule.kind == "alert" and not given(rule, tree) and jobs and service not in jobs:
        return f"it is about the job {min(jobs)}: import it with --service {min(jobs)}"
    return given(rule, tree) if rule.kind == "alert" else ""


def _jobs(tree: Node) -> set[str]:
    """Return the jobs and services that an expression names and that can be those of a service."""
    found = set()
    for node in tree.walk():
        for matcher in node.matchers if isinstance(node, Selector) else ():
            if matcher.label in ("job", "service") and matcher.operator == "=" and _is_host(matcher.value):
                found.add(matcher.value)
    return found


def _is_host(name: str) -> bool:
    try:
        require_host(name, "service")
    except DeclarationError:
        return False
    return True


def _record(adopting: _Adopting) -> None:
    """Keep the expressions of recording rules as texts, each after those that it reads."""
    waiting = [
        (rule, adopting.trees[index])
        for index, rule in enumerate(adopting.rules)
        if rule.kind == "recording" and index not in adopting.promised.taken and index in adopting.trees
    ]
    names = {rule.name for rule, _ in waiting}
    before = -1
    while len(waiting) != before:
        before = len(waiting)
        waiting = [each for each in waiting if not _recorded(adopting, *each, names)]
    for rule, _ in waiting:
        adopting.signals.undeclared[rule.name] = f"it reads {rule.name}, which is not declared"
        adopting.tell(rule, "it reads itself, or what another rule records: write it out")


def _recorded(adopting: _Adopting, rule: SeenRule, tree: Node, names: set[str]) -> bool:
    """Keep a recording rule as text, or say why not; return False if it has to wait for others."""
    read = {node.metric for node in tree.walk() if isinstance(node, Selector)} & names
    known = {*adopting.names.recorded, *adopting.signals.undeclared}
    if not read <= known or (rule.name in read and rule.name not in known):
        return False
    why = adopting.signals.why_not(tree) or unreadable(tree, adopting.names)
    if rule.name in adopting.names.recorded:
        why = "another rule records the same name: only the first is kept"
    elif rule.labels:
        why = why or f"it adds the label{'s' if len(rule.labels) > 1 else ''} {', '.join(rule.labels)}: write it out"
    if why:
        adopting.tell(rule, why)
        if rule.name not in adopting.names.recorded:
            adopting.signals.undeclared[rule.name] = f"it reads {rule.name}, which is not declared"
        return True
    parts = adopting.names.holes(one_line(rule.expr.text), tree)
    text = adopting.names.text(parts)
    adopting.names.recorded[rule.name] = adopting.names.add(rule.name, holed(parts), text)
    adopting.tell(rule, "it is a text now, which alerts read: nothing records it for boards any more")
    return True


def _alerts(adopting: _Adopting) -> Iterable[str]:
    taken: set[str] = set()
    for index, rule in enumerate(adopting.rules):
        if rule.kind != "alert" or index in adopting.promised.taken:
            continue
        tree = adopting.trees.get(index)
        if tree is None:
            adopting.tell(rule, "Prometheus cannot read its expression")
            continue
        why = elsewhere(rule, tree, adopting.service) or why_not(rule, tree, adopting.signals, adopting.names)
        if why:
            adopting.places.setdefault(rule.name, rule.place)
            adopting.tell(rule, why)
            continue
        parts = adopting.names.holes(one_line(rule.expr.text), tree)
        declared = alert(rule, parts, adopting.names, taken, lambda said, rule=rule: adopting.tell(rule, said))  # type: ignore[misc]  # a lambda's default has the type of its argument
        if declared is not None:
            adopting.places[declared.name] = rule.place
            yield adopting.names.add(slug(declared.name), declared.source)


def _objective(adopting: _Adopting, promise: Promise) -> str:
    """Return the source of an objective, "" if one of its signals cannot be declared."""
    jobs = _jobs(promise.tree) if promise.tree else set()
    if jobs and adopting.service not in jobs:
        why = f"it is about the job {min(jobs)}: import it with --service {min(jobs)}"
        adopting.left.append(Left(promise.place, promise.name, why))
        return ""
    named = [f"name={quoted(promise.name)}", f"because={quoted(promise.because or 'TODO: say what customers lose.')}"]
    kind, arguments = _of(adopting, promise)
    if not kind or promise.name in adopting.places:
        why = "another objective has its name" if kind else "its signals cannot be declared: declare it by hand"
        adopting.left.append(Left(promise.place, promise.name, why))
        return ""
    adopting.names.imported.add(kind)
    adopting.places[promise.name] = promise.place
    ratio = f"{promise.ratio:.10g}"
    return call(kind, [f"ratio={ratio}" if kind == "Ratio" else ratio, *arguments, *named], 4)


def _of(adopting: _Adopting, promise: Promise) -> tuple[str, list[str]]:
    """Return the kind of an objective, and what it is of."""
    shares, names = promise.of, adopting.names
    status = failing(shares)
    if status is not None and status.label != "status_code":
        why = f"requests have the label {status.label} there, and status_code here"
        adopting.left.append(Left(promise.place, promise.name, why))
    if status is not None and all_fives(status):
        return "Availability", []
    if shares.good is not None:
        bound = next(each.value for each in shares.good.matchers if each.label == "le")
        base = shares.good.metric.removesuffix("_bucket")
        own = adopting.signals.declared.get(shares.good.metric)
        try:
            below = float(bound)
        except ValueError:
            return "", []
        if isinstance(own, Histogram):
            return "Latency", [f"below={below!r}", f"of={names.signal(own)}"]
        return ("Latency", [f"below={below!r}"]) if base == "http_request_duration_seconds" else ("", [])
    bad, total = _status(adopting, shares.bad, status), _status(adopting, shares.total, status)
    return ("Ratio", [f"bad={bad}", f"total={total}"]) if bad and total else ("", [])


def _status(adopting: _Adopting, selector: Selector | None, status: object) -> str:
    """Return the name of a selection; of our own requests with the label that their status has with us."""
    if selector is None:
        return ""
    if status is None:
        return adopting.names.selected(selector) if selector.metric.endswith("_total") else ""
    return adopting.names.requests({each.label: Matcher(each.operator, each.value) for each in selector.matchers})


def _module(adopting: _Adopting, objectives: list[str], alerts: list[str], team: str, port: int) -> str:
    names, service = adopting.names, adopting.service
    names.imported.update(("Catalog", "Service", "Team"))
    body = dict(names.written)
    signals = [names.signal(each) for each in dict.fromkeys(adopting.signals.declared.values())]
    arguments = [
        f"name={quoted(service)}",
        f"team={quoted(team)}",
        f"port={port}",
        f"because={quoted('TODO: say what customers lose when it is down.')}",
        *([f"signals={sequence(signals, '    signals=', 4)}"] if signals else []),
        *(["objectives=OBJECTIVES"] if objectives else []),
        *([f"alerts={sequence(alerts, '    alerts=', 4)}"] if alerts else []),
    ]
    if objectives:
        body["OBJECTIVES"] = sequence(objectives, "OBJECTIVES = ")
    own = names.add(service, call("Service", arguments))
    body[own] = names.written[own]
    body["CATALOG"] = _catalog(own, team)
    files = ", ".join(dict.fromkeys(rule.place.file for rule in adopting.rules))
    first = f"What {service} promises, imported from {files}: each TODO is what the rules did not say."
    told = first.replace("\\", "/").replace('"', "'")
    imports = call("from tocsin import ", sorted(names.imported, key=_order))
    parts = (f'"""{told}"""', imports, *(assigned(name, source) for name, source in body.items()))
    return "\n\n".join(parts) + "\n"


def _order(name: str) -> tuple[int, str]:
    """Sort as ruff sorts what is imported: constants, classes, functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def _catalog(service: str, team: str) -> str:
    named = call("Team", [f"name={quoted(team)}", f"slack={quoted(f'#{team}')}"], 8)
    return call(
        "Catalog",
        [
            f"services=({service},)",
            f"teams={sequence([named], '    teams=', 4)}",
            'runbooks="https://runbooks.example"',
            'heartbeat="https://heartbeat.example"',
        ],
    )
