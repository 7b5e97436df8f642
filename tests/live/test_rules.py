from __future__ import annotations

from pathlib import Path

import pytest

from tocsin import source
from tocsin.live.rules import RulesFound, read_rules
from tocsin.live.written import Source

RULES = """\
# tocsin: allow promql/undeclared because they are in another cluster
groups:
- name: shop
  interval: 30s
  rules:
  # tocsin: allow promql/topk-in-alert because there are only three
  - alert: Slow
    expr: >-
      sum(rate(a_total[5m]))
        > 5
    for: 1m
    labels: {severity: page}
    annotations:
      summary: "it's {{ $value }}"  # tocsin: allow nothing

  - record: a:b
    expr: 'up{job=''x''}'
"""
RESOURCE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: x}
spec:
  groups:
  - {name: g, rules: [{record: a, expr: up}]}
"""
GRAFANA = """\
apiVersion: 1
groups:
- orgId: 1
  name: g
  folder: f
  interval: 1m
  rules:
  - uid: u
    title: Slow
    condition: C
    data:
    - refId: A
      datasourceUid: prom
      model: {expr: 'rate(a_total[5m])', refId: A}
    - refId: B
      datasourceUid: __expr__
      model: {type: reduce, reducer: last, expression: A, refId: B}
    - refId: C
      datasourceUid: __expr__
      model:
        type: threshold
        expression: B
        conditions: [{evaluator: {type: gt, params: [7]}}]
    for: 5m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.x }}", value: "{{ $values.A }}"}
"""


def read(text: str, file: str = "r.yaml") -> RulesFound:
    return read_rules(Source(file, text))


def test_rules_are_read_with_where_they_stand() -> None:
    found = read(RULES)
    slow, recorded = found.rules
    assert (slow.kind, slow.name, slow.group, slow.lasting, slow.interval) == ("alert", "Slow", "shop", 60, 30)
    assert slow.expr.text == "sum(rate(a_total[5m]))\n  > 5"
    places = [slow.expr.place(0), slow.expr.place(slow.expr.text.index(">")), slow.place]
    assert [(each.line, each.column) for each in places if each] == [(9, 7), (10, 9), (7, 5)]
    assert slow.ends == 14
    quoted = recorded.expr.place(recorded.expr.text.index("x"))
    assert quoted is not None
    assert (quoted.line, quoted.column) == (17, 21)
    assert not found.refused
    assert not found.skipped


def test_allowances_belong_to_the_rule_below_them_or_around_them() -> None:
    found = [(each.check, each.because, each.first.line, each.last.line) for each in read(RULES).allowances]
    assert found == [
        ("promql/undeclared", "they are in another cluster", 1, 1),
        ("promql/topk-in-alert", "there are only three", 7, 14),
        ("nothing", "", 7, 14),
    ]


@pytest.mark.parametrize("kind", ["PrometheusRule", "Rules", "ClusterRules", "GlobalRules"])
def test_resources_are_rule_files_too(kind: str) -> None:
    found = read(RESOURCE.replace("PrometheusRule", kind))
    assert [rule.name for rule in found.rules] == ["a"]
    assert ("endpoint" in found.targets) == (kind == "PrometheusRule")
    assert ("cluster" in found.targets) == (kind != "PrometheusRule")
    assert "pod" in found.targets


def test_labels_of_a_group_are_those_of_its_rules() -> None:
    text = "groups: [{name: a, labels: {team: x, b: c}, rules: [{alert: A, expr: up, labels: {b: d}}]}]"
    (rule,) = read(text).rules
    assert {name: label.text for name, label in rule.labels.items()} == {"team": "x", "b": "d"}


def test_several_documents_lists_config_maps_and_json() -> None:
    inner = "".join(f"    {line}\n" for line in RESOURCE.splitlines())
    listed = f"kind: List\nitems:\n- {RESOURCE.replace(chr(10), chr(10) + '  ')}"
    mapped = "kind: ConfigMap\ndata:\n  a.yaml: |\n    groups:\n    - name: g\n      rules: [{record: b, expr: up}]\n"
    found = read(f"---\n{RULES}---\n{listed}\n---\n{mapped}---\n---\nother: {{}}\n")
    assert [rule.name for rule in found.rules] == ["Slow", "a:b", "a", "b"]
    nested = found.rules[-1].expr.place()
    assert nested is not None
    assert f"---\n{RULES}---\n{listed}\n---\n{mapped}".splitlines()[nested.line - 1][nested.column - 1 :] == "up}]"
    assert inner
    as_json = read('{"groups": [{"name": "g", "rules": [{"record": "a", "expr": "up{a=\\"b\\"}"}]}]}', "r.json")
    assert [rule.expr.text for rule in as_json.rules] == ['up{a="b"}']


def test_a_bare_list_is_refused_and_read_all_the_same() -> None:
    found = read("- alert: A\n  expr: up == 0\n- alert: B\n  expr: up\n")
    assert [rule.name for rule in found.rules] == ["A", "B"]
    (refused,) = found.refused
    assert "bare list" in refused.why
    assert (refused.place.line, refused.place.column) == (1, 3)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("groups: [{rules: []}]", 1, "without a name"),
        ("groups:\n- {name: a}\n- {name: a}\n", 3, "a second group"),
        ("groups: [{name: a, rules: [{alert: A, record: b, expr: up}]}]", 1, "either an alert or a record"),
        ("groups: [{name: a, rules: [{expr: up}]}]", 1, "`alert` or `record`"),
        ("groups: [{name: a, rules: [{alert: A}]}]", 1, "needs an expression"),
        ("groups: [{name: a, rules: [{record: b, expr: up, for: 1m}]}]", 1, "has no `for`"),
        ("groups: [{name: a, rules: [{record: b c, expr: up}]}]", 1, "no name of a metric"),
        ("groups: [{name: a, rules: [{alert: b, expr: up, severity: page}]}]", 1, "no field 'severity'"),
        ("groups: [{name: a, rules: [{alert: b, expr: up, for: 5}]}]", 1, "'5' is no duration"),
        ("groups: [{name: a, rules: [{alert: b, expr: up, labels: {a: [1]}}]}]", 1, "label 'a' is no text"),
        ("groups: [{name: a, rules: [{alert: b, expr: up, labels: {a-b: c}}]}]", 1, "'a-b' is no name for one"),
        ("groups:\n- name: a\n  rules:\n  - alert: b\n    alert: c\n    expr: up\n", 5, "'alert' is there twice"),
        ("groups:\n\t- name: a\n", 2, "cannot read it"),
        ("groups: [\n", 2, "cannot read it"),
    ],
)
def test_what_prometheus_refuses(text: str, line: int, why: str) -> None:
    (refused,) = read(text).refused
    assert why in refused.why
    assert refused.place.line == line


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("groups:\n{{- range .Values.rules }}\n- name: {{ .name }}\n{{- end }}\n", "a template of Helm"),
        ("groups:\n- name: a\n  rules: [{alert: A, expr: 'up > {{ .Values.most }}'}]", "a template of Helm"),
        ("groups:\n{% for x in y %}\n- name: {{ x }}\n{% endfor %}", "a template of Jinja"),
        ("groups:\n- name: {{ x }}-{{ y }}\n", "seems to be a template"),
        ("groups: [{name: a, rules: [{alert: A, expr: 'up > ${most}'}]}]", "it is a template"),
        ('groups: [{name: a, rules: [{alert: A, expr: \'sum(rate({a="b"} |= "c" [5m]))\'}]}]', "LogQL"),
        ("kind: AlertingRule\nspec: {groups: []}", "Loki"),
        ("a: b", "no groups of rules"),
        ("", "no groups of rules"),
    ],
)
def test_what_cannot_be_read_is_skipped_with_a_word(text: str, why: str) -> None:
    found = read(text)
    assert not found.rules
    assert not found.refused
    (skipped,) = found.skipped
    assert why in skipped.why


def test_rules_that_grafana_manages_bear_their_threshold() -> None:
    (rule,) = read(GRAFANA).rules
    assert rule.expr.text == "(rate(a_total[5m])\n) > 7"
    assert rule.compares
    bound = rule.expr.place(len(rule.expr.text) - 1)
    assert bound is not None
    assert GRAFANA.splitlines()[bound.line - 1][bound.column - 1] == "7"
    assert (rule.name, rule.lasting, rule.interval) == ("Slow", 300, 60)
    assert set(rule.annotations) == {"summary"}


def test_a_condition_that_cannot_be_followed_is_left_out() -> None:
    (rule,) = read(GRAFANA.replace("reducer: last", "reducer: count")).rules
    assert (rule.expr.text, rule.compares) == ("rate(a_total[5m])", False)


def test_the_math_of_grafana_is_a_comparison() -> None:
    before, _, _ = GRAFANA.partition("        type: threshold")
    (rule,) = read(f"{before}        {{type: math, expression: '$B >= 0.5'}}\n").rules
    assert rule.expr.text == "(rate(a_total[5m])\n) >= 0.5"


@pytest.mark.parametrize("file", sorted((source.project_root() / "monitoring/prometheus/rules").glob("*.yaml")))
def test_our_own_rules_are_read_whole(file: Path) -> None:
    raw = file.read_text()
    found = read(raw)
    assert len(found.rules) == raw.count("\n  - record: ") + raw.count("\n  - alert: ")
    assert not found.skipped
    assert not found.refused
    for rule in found.rules:
        place = rule.expr.place()
        assert place is not None
        assert raw.splitlines()[place.line - 1][place.column - 1] == rule.expr.text[0]
