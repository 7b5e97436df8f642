from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.pages import declared, problems, rules
from tocsin.checks import CHECKS, templates
from tocsin.model import SeenMetric

HTTP = {
    "http_requests_total": SeenMetric(
        name="http_requests_total", kind="counter", labels={"code": frozenset()}, series=3
    )
}


def alert(expr: str, **more: object) -> str:
    return yaml.safe_dump([{"alert": "Planted", "expr": expr, **more}])


def found(check: str, expr: str, **more: object) -> list[str]:
    return [problem.message for problem in problems(alert(expr, **more), check)]


@pytest.mark.parametrize(
    ("expr", "rings_always"),
    [
        ("rate(errors_total[5m])", True),
        ("up == bool 0", True),
        ("sum(up > bool 0) / count(up)", True),
        ("vector(scalar(up > 1))", True),
        ("up == 0 or vector(0) * up", True),
        ("vector(1)", False),
        ("count(up == 0)", False),
        ("absent(up)", False),
        ("up unless up == 1", False),
        ("up and on () hour() > 9", False),
        ("(a > 1) * on () group_left () b", False),
        ('ALERTS{alertstate="firing"}', False),
        ("max_over_time((up == 0)[5m:1m])", False),
    ],
)
def test_an_alert_that_compares_nothing_is_found(expr: str, *, rings_always: bool) -> None:
    assert bool(found("alert/no-comparison", expr)) == rings_always


def test_a_recorded_condition_is_a_comparison() -> None:
    text = yaml.safe_dump([{"record": "job:down", "expr": "up == 0"}, {"alert": "Down", "expr": "job:down"}])
    assert problems(text, "alert/no-comparison") == []


@pytest.mark.parametrize(
    ("expr", "template", "empty"),
    [
        ("sum by (code) (rate(http_requests_total[5m])) > 1", "{{ $labels.code }}", False),
        ("sum by (code) (rate(http_requests_total[5m])) > 1", "{{ $labels.job }}", True),
        ("sum(rate(http_requests_total[5m])) > 1", '{{ index $labels "code" }}', True),
        ("sum(rate(http_requests_total[5m])) > 1", "{{ if $labels.code }}of {{ $labels.code }}{{ end }}", False),
        ("rate(http_requests_total[5m]) > 1", "{{ $labels.service }}", True),
        ("rate(http_requests_total[5m]) > 1", "{{ $labels.severity }}", True),
        ("rate(http_requests_total[5m]) > 1", "{{ $labels.instance }}", False),
        ('absent(up{job="shop"})', "{{ $labels.job }}", False),
        ('absent(up{job="shop"})', "{{ $labels.instance }}", True),
        ("rate(unseen_total[5m]) > 1", "{{ $labels.whatever }}", False),
    ],
)
def test_a_label_that_is_always_empty_is_found(expr: str, template: str, *, empty: bool) -> None:
    text = alert(expr, labels={"severity": "page"}, annotations={"summary": template})
    assert bool(problems(text, "alert/impossible-label", metrics=HTTP)) == empty


def test_the_label_that_is_empty_is_pointed_at() -> None:
    text = alert("sum(up) < 1", annotations={"summary": "Down: {{ $labels.job }}"})
    (problem,) = problems(text, "alert/impossible-label")
    assert problem.passage is not None
    assert problem.span is not None
    assert problem.passage.text[problem.span.start : problem.span.end] == "$labels.job"
    assert "the result has no labels at all" in problem.message


TEMPLATES = [
    "no action at all }}",
    "{{ $labels.instance }} of {{ .Labels.job }} at {{ $value | humanize }}",
    "{{- $value -}}",
    "{{ $value   -}} ",
    "{{ $labels.instance }",
    "{{ $labels.instance",
    "{{ $label.instance }}",
    "{{ labels.instance }}",
    "{{ $labels.foo-bar }}",
    "{{ $value | humanise }}",
    "{{ $value | }}",
    "{{ | humanize }}",
    "{{ }}",
    "{{ if $value }}yes{{ end }}",
    "{{ if $value }}yes",
    "{{ end }}",
    "{{ else }}",
    "{{ if gt $value 3.0 }}a{{ else if lt $value 1.0 }}b{{ else }}c{{ end }}",
    '{{ with query "up" }}{{ . | first | value }}{{ end }}',
    '{{ range $i, $x := query "up" }}{{ $x.Labels.job }}{{ $i }}{{ end }}',
    "{{ range query `up` }}{{ .Value }}{{ end }}",
    '{{ printf "%.2f" $value }}',
    '{{ printf "%.2f $value }}',
    '{{ (query "up" | first).Value }}',
    "{{ ($value }}",
    "{{ $value) }}",
    "{{ $x := $value }}{{ $x }}",
    "{{ $x }}",
    "{{/* a comment */}}text",
    "{{- /* a comment */ -}} text",
    "{{/* open }}",
    '{{ $labels.job | reReplaceAll "a" "b" | toUpper }}',
    "{{ $value + 1 }}",
    "{{ $externalLabels.cluster }}{{ $externalURL }}{{ externalURL }}{{ pathPrefix }}",
    "{{ 'a' }}{{ -3 }}{{ 1e-3 }}{{ true }}{{ nil }}",
    "{{ . }}{{ $ }}{{ .Labels }}",
    "{{ {{ }}",
    "${{ $value }} spent",
    "{{$labels.job}}:{{$value}}",
    "{{\n$value\n}}",
]


def test_templates_are_read_as_promtool_reads_them(
    tmp_path: Path, run_tool: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for number, template in enumerate(TEMPLATES):
        rule = {"alert": "A", "expr": "up == 0", "annotations": {"summary": template}}
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}))
    files = [tmp_path / f"{number}.yaml" for number in range(len(TEMPLATES))]
    said = run_tool("promtool", "check", "rules", *files).stderr

    refused = [template for file, template in zip(files, TEMPLATES, strict=True) if f"{file}: " in said]
    assert 10 < len(refused) < 25
    assert [template for template in TEMPLATES if templates.read(template).fault] == refused


@given(
    st.lists(
        st.sampled_from(["{{", "}}", "-", " ", "$labels", ".job", '"', "`", "|", "(", ")", "if", "end", "x", "\n"])
    )
)
def test_whatever_is_written_is_read(words: list[str]) -> None:
    text = "".join(words)
    template = templates.read(text)
    assert all(text[word.span.start : word.span.end] == word.text for word in template.words)
    assert template.fault is None or 0 <= template.fault.span.start <= template.fault.span.end <= len(text)


@pytest.mark.parametrize(
    ("template", "changes"),
    [
        ("{{ $value }}", True),
        ("{{ $value | humanize }}", True),
        ('{{ printf "%f" $value }}', True),
        ("{{ if gt $value 0.9 }}page{{ else }}warning{{ end }}", False),
        ("{{ $labels.job }}", False),
    ],
)
def test_a_label_that_changes_with_the_value_is_found(template: str, *, changes: bool) -> None:
    assert bool(found("alert/value-in-labels", "up == 0", labels={"severity": template})) == changes


def test_alerts_without_runbooks_are_one_problem_if_none_of_a_file_has_one() -> None:
    two = yaml.safe_dump([{"alert": name, "expr": "up == 0"} for name in ("A", "B")])
    (problem,) = problems(two, "alert/no-runbook")
    assert "none of the 2 alerts of this file has a runbook_url" in problem.message


def test_one_alert_without_a_runbook_among_others_is_named() -> None:
    known = {"alert": "A", "expr": "up == 0", "annotations": {"runbook": "https://runbooks.example/a"}}
    (problem,) = problems(yaml.safe_dump([known, {"alert": "B", "expr": "up == 0"}]), "alert/no-runbook")
    assert problem.subject == "B"


STALLED = "rate(sales_synced_total[10m]) == 0"


@pytest.mark.parametrize(
    ("others", "silent"),
    [
        ([], True),
        (['up{job="service"} == 0'], True),
        (["up == 0"], False),
        (['absent(up{job="sales"})'], False),
        (["absent(sales_synced_total)"], False),
        (["absent(orders_total)"], True),
        (["up == 1"], False),
    ],
)
def test_an_alert_that_is_silent_when_its_series_vanish_is_found(others: list[str], *, silent: bool) -> None:
    text = yaml.safe_dump([{"alert": f"A{number}", "expr": expr} for number, expr in enumerate([STALLED, *others])])
    assert ("A0" in [problem.subject for problem in problems(text, "alert/blind")]) == silent


@pytest.mark.parametrize(
    ("expr", "silent"),
    [
        ("sum(increase(orders_total[1h])) < 3", True),
        ("time() - max(sync_last_success_timestamp_seconds) > 900", True),
        (
            "time() - max(sync_last_success_timestamp_seconds) > 900 or absent(sync_last_success_timestamp_seconds)",
            False,
        ),
        ('up{job="shop"} == 0', True),
        ('up{job="shop"} == 0 or absent(up{job="shop"})', False),
        ('sum(up{job="shop"}) < 2', True),
        ("up == 0", False),
        ("(sum(rate(orders_total[5m])) or vector(0)) == 0", False),
        ("time() - process_start_time_seconds < 300", False),
        ("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1", False),
        ("sum(rate(orders_total[5m])) / sum(rate(visits_total[5m])) < 0.1", False),
        ("rate(errors_total[5m]) > 1", False),
    ],
)
def test_only_what_waits_for_something_to_stop_is_blind(expr: str, *, silent: bool) -> None:
    assert bool(found("alert/blind", expr)) == silent


@pytest.mark.parametrize(
    ("expr", "lasting", "text", "at_odds"),
    [
        (STALLED, "15m", "No sales synced in 15 minutes", True),
        (STALLED, "15m", "No sales synced for 25 minutes", False),
        (STALLED, "15m", "No sales synced in 10m", False),
        ("up == 0", "1m", "{{ $labels.instance }} has been down for more than 5 minutes", True),
        ("up == 0", "5m", "{{ $labels.instance }} has been down for more than 5 minutes", False),
        ("up == 0", "300s", "down for 5 min", False),
        ("rate(errors_total[5m]) > 1", "10m", "Many errors for 15 minutes", False),
        ("predict_linear(free_bytes[6h], 4 * 3600) < 0", "30m", "full in 4 hours", False),
        ("temperature_celsius > 40", "10m", "Hot for 10 minutes, too hot for 2 days of work", False),
        ("up == 0", "5m", "{{ $value }} down in 3 regions", False),
    ],
)
def test_a_text_that_names_another_delay_is_found(expr: str, lasting: str, text: str, *, at_odds: bool) -> None:
    assert bool(found("alert/text-delay", expr, annotations={"summary": text}, **{"for": lasting})) == at_odds


def test_the_delay_that_a_rule_really_has_is_said() -> None:
    (message,) = found("alert/text-delay", STALLED, annotations={"summary": "None in 15 minutes"}, **{"for": "15m"})
    assert message.endswith("it rings after 25m at the soonest: 10m without an event, then `for`")


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("up == 0", "up  ==  0", True),
        ("rate(a_total[5m]) > 1", "rate(a_total[5m]) + rate(b_total[5m]) > 1", True),
        ('rate(a_total{job="x"}[5m]) > 1', 'rate(a_total{job="y"}[5m]) > 2', False),
        ("mysql_up == 0", "postgres_up == 0", False),
        ("sum(a) > 1", "max(b) > 2", True),
        (
            "rate(a_total[1h]) > 14.4 and rate(a_total[5m]) > 14.4",
            "rate(a_total[6h]) > 6 and rate(a_total[30m]) > 6",
            False,
        ),
    ],
)
def test_alerts_that_are_one_to_alertmanager_are_found(one: str, other: str, *, clash: bool) -> None:
    text = yaml.safe_dump([{"alert": "A", "expr": expr} for expr in (one, other)])
    assert bool(problems(text, "alert/same-name")) == clash


def test_alerts_of_two_severities_may_share_a_name() -> None:
    text = yaml.safe_dump(
        [{"alert": "A", "expr": "up == 0", "labels": {"severity": each}} for each in ("page", "warn")]
    )
    assert problems(text, "alert/same-name") == []


def test_nobody_judges_an_interval_that_is_not_known() -> None:
    text = alert("up == 0", **{"for": "10s"})
    assert [*CHECKS["alert/short-for"](rules(text, interval=30.0))]
    assert not [*CHECKS["alert/short-for"](rules(text, interval=None))]


@pytest.mark.parametrize(("within", "late"), [("15m", True), ("18m", False)])
def test_an_age_must_be_reached_before_an_alert_can_ring(within: str, *, late: bool) -> None:
    text = f"""
LAST = Gauge("run_last_success_timestamp_seconds", "When.", across="latest")
LAST
Alert(
    "RunsStalled", when="time() - max(run_last_success_timestamp_seconds) > 900", lasting="1m", within="{within}",
    severity="warning", because="Old.", rings_on=Silence(LAST), runbook="runbooks/runs-stalled.md",
)
"""
    assert bool([*CHECKS["alert/late"](declared(text))]) == late
