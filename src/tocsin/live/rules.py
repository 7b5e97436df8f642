"""Reads rule files: Prometheus's own, and those for its operator, Google's managed one, and Grafana."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tocsin.live import grafana_rules, templates
from tocsin.live.allowances import in_comments
from tocsin.live.jsons import document
from tocsin.live.written import Source, Table, Tree, Written
from tocsin.live.yamls import Unreadable, documents
from tocsin.model import Allowance, DeclarationError, Passage, Place, Refused, SeenRule, Skipped, seconds

MOST = 10_000
"""Rules that are read of one file."""

_OPERATOR = ("namespace", "pod", "container", "endpoint", "service", "node")
_MANAGED = ("project_id", "location", "cluster", "namespace", "pod", "container", "node")

_KINDS = {"PrometheusRule": _OPERATOR, "Rules": _MANAGED, "ClusterRules": _MANAGED, "GlobalRules": _MANAGED}
"""Resources of monitoring.coreos.com and monitoring.googleapis.com whose spec is a rule file.

Each with the labels that the scrapes of its world add: those of a PodMonitor or a ServiceMonitor, and those of Google's
PodMonitoring and ClusterPodMonitoring.
"""

_FOREIGN_KINDS = {
    "AlertingRule": "Loki's rules are no PromQL",
    "RecordingRule": "Loki's rules are no PromQL",
    "VMRule": "VictoriaMetrics reads more than PromQL",
}
_FIELDS = {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"}
_ALERT_ONLY = ("for", "keep_firing_for", "annotations")
_LOGQL = re.compile(
    r"\|[=~>]|\|\s*(?:json|logfmt|pattern|regexp|unwrap|unpack|line_format|label_format|decolorize)\b"
    r"|\bbytes_(?:rate|over_time)\s*\("
)
_PLACEHOLDER = re.compile(r"\$\{|\$\(|\{\{|\{%|<<")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass
class RulesFound:
    """What a rule file holds; *targets* are the labels that scrapes add where such files are used."""

    rules: list[SeenRule] = field(default_factory=list)
    allowances: list[Allowance] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    targets: dict[str, None] = field(default_factory=dict)


def read_rules(source: Source, *, named: bool = True) -> RulesFound:
    """Return the rules of a file, *named* by the user or only met; what cannot be read is skipped or refused."""
    found = RulesFound()
    if template := templates.engine(source.text):
        if named or re.search(r"^\s*(?:- )?(?:alert|record):", source.text, re.MULTILINE):
            why = f"it is a template of {template[0]}: check what is made of it"
            found.skipped.append(Skipped(source.place(template[1]), why))
        return found
    reading = _Reading(found)
    try:
        trees = [document(source)] if source.file.endswith(".json") else list(documents(source))
    except Unreadable as cause:
        place = source.place(cause.index)
        if templates.marked(source.text):
            found.skipped.append(Skipped(place, "it seems to be a template: check what is made of it"))
        elif named or "groups:" in source.text:
            found.refused.append(Refused(place, f"Prometheus cannot read it: {cause.why}"))
        return found
    for tree in trees:
        reading.document(tree)
    if named and not reading.met:
        found.skipped.append(Skipped(source.place(0), "it holds no groups of rules"))
    found.allowances.extend(
        in_comments(source, ((rule.place, Place(source.file, rule.ends, 1)) for rule in found.rules))
    )
    return found


@dataclass
class _Reading:
    found: RulesFound
    met: bool = False
    """Whether there were rules, or something that is known to hold other ones."""

    def document(self, tree: Tree) -> None:
        if isinstance(tree, list):
            self._bare(tree)
        if not isinstance(tree, Table):
            return
        kind = str(tree.text("kind") or "")
        if kind.endswith("List"):
            for item in tree.tables("items"):
                self.document(item)
        elif kind in _KINDS:
            self.met = True
            self.found.targets.update(dict.fromkeys(_KINDS[kind]))
            self._groups(tree.table("spec"))
        elif kind in _FOREIGN_KINDS:
            self.met = True
            self._skip(tree.place, f"{kind}: {_FOREIGN_KINDS[kind]}")
        elif kind == "ConfigMap":
            self._config_map(tree)
        elif "groups" in tree:
            self.met = True
            self._groups(tree)
        elif ("alert" in tree or "record" in tree) and "expr" in tree:
            self._bare([tree])

    def _config_map(self, tree: Table) -> None:
        for value in tree.table("data").values():
            if isinstance(value, Written) and re.search(r"^groups:", value, re.MULTILINE):
                nested = value.as_source()
                try:
                    for inner in documents(nested):
                        self.document(inner)
                except Unreadable as cause:
                    self._refuse(nested.place(cause.index), f"Prometheus cannot read it: {cause.why}")

    def _bare(self, tree: list[Tree]) -> None:
        rules = [each for each in tree if isinstance(each, Table) and ("alert" in each or "record" in each)]
        if rules:
            self.met = True
            said = "Prometheus refuses a bare list of rules: put it below `groups:`, `- name: ...` and `rules:`"
            self._refuse(rules[0].place, said)
        for rule in rules:
            self._rule(rule, "", None, {})

    def _groups(self, tree: Table) -> None:
        names: set[str] = set()
        for group in tree.tables("groups"):
            self._repeated(group)
            name = group.text("name")
            if not name:
                self._refuse(group.place, "Prometheus refuses a group without a name")
            elif name in names:
                self._refuse(name.place, f"Prometheus refuses a second group with the name {str(name)!r} in a file")
            names.add(str(name or ""))
            interval = self._duration(group, "interval")
            labels = self._texts(group, "labels")
            for rule in group.tables("rules"):
                if len(self.found.rules) >= MOST:
                    self._skip(rule.place, f"it has more than {MOST} rules: the rest is not read")
                    return
                if "data" in rule:
                    self.found.rules.extend(grafana_rules.rules(rule, str(name or ""), interval, self._skip))
                else:
                    self._rule(rule, str(name or ""), interval, labels)

    def _rule(self, rule: Table, group: str, interval: float | None, labels: Mapping[str, Passage]) -> None:
        self._repeated(rule)
        name, expr = rule.text("alert", "record"), rule.text("expr")
        for why in _flaws(rule):
            self._refuse(rule.place, f"Prometheus refuses it: {why}")
        if not name or not expr:
            return
        if unread := _unread(name, expr):
            self._skip(expr.place, f"{name}: {unread}")
            return
        alert = "alert" in rule
        self.found.rules.append(
            SeenRule(
                kind="alert" if alert else "recording",
                name=str(name),
                expr=expr.passage(),
                group=group,
                place=rule.place,
                ends=rule.ends.line,
                lasting=self._duration(rule, "for") or 0.0,
                keeping=self._duration(rule, "keep_firing_for") or 0.0,
                interval=interval,
                labels={**labels, **self._texts(rule, "labels")},
                annotations=self._texts(rule, "annotations"),
            )
        )

    def _duration(self, table: Table, name: str) -> float | None:
        said = table.text(name)
        if not said:
            return None
        try:
            return 0.0 if said == "0" else seconds(said)
        except DeclarationError:
            self._refuse(said.place, f"{name}: {str(said)!r} is no duration: write one like 30s, 5m or 1h30m")
            return None

    def _texts(self, rule: Table, name: str) -> dict[str, Passage]:
        texts = rule.table(name)
        self._repeated(texts)
        for key, value in texts.items():
            if not _LABEL.fullmatch(key):
                self._refuse(key.place, f"Prometheus refuses it: {str(key)!r} is no name for one of the {name}")
            if not isinstance(value, Written):
                self._refuse(key.place, f"Prometheus refuses it: {name[:-1]} {str(key)!r} is no text")
        return {str(key): value.passage() for key, value in texts.items() if isinstance(value, Written)}

    def _repeated(self, table: Table) -> None:
        for key in table.twice:
            self._refuse(key.place, f"Prometheus refuses it: the key {str(key)!r} is there twice")

    def _refuse(self, place: Place, why: str) -> None:
        self.found.refused.append(Refused(place, why))

    def _skip(self, place: Place, why: str) -> None:
        self.found.skipped.append(Skipped(place, why))


def _flaws(rule: Table) -> Iterator[str]:
    """Yield why Prometheus would refuse a rule; see `RuleNode.Validate` in its package rulefmt."""
    if "alert" in rule and "record" in rule:
        yield "a rule is either an alert or a record"
    elif not rule.text("alert", "record"):
        yield "a rule needs `alert` or `record`"
    if not rule.text("expr"):
        yield "a rule needs an expression, `expr`"
    record = rule.text("record")
    if record:
        yield from (f"a recording rule has no `{name}`" for name in _ALERT_ONLY if name in rule)
        if not _NAME.fullmatch(record):
            yield f"{str(record)!r} is no name of a metric"
    yield from (f"a rule has no field {str(key)!r}" for key in rule if key not in _FIELDS)


def _unread(name: Written, expr: Written) -> str | None:
    if _PLACEHOLDER.search(expr) or templates.marked(name):
        return "it is a template: check what is made of it"
    if is_logql(expr):
        return "it is LogQL, not PromQL"
    return None


def is_logql(expr: str) -> bool:
    """Tell whether an expression is certainly Loki's, not Prometheus's."""
    return _LOGQL.search(expr) is not None
