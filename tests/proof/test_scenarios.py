"""Rules that Tocsin did not make, proved by the real promtool: those of the specification, and hand-written ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.checks.test_spec_alerts import ALERTS
from tocsin.live import look_into
from tocsin.live.scenarios import scenarios
from tocsin.live.written import Source
from tocsin.model import FALSE_ALARMS, TocsinError
from tocsin.proof.days import of_an_alert
from tocsin.proof.foreign import Foreign, foreign
from tocsin.proof.proving import Proof, choose, prove
from tocsin.proof.theatre import Theatre

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "foreign"
NEVER = {"ServiceDown", "HighLatency", "LowRecommendationQuality", "VoiceConversionDrop"}
"""The alerts of the specification that can never ring, by its corrections 6, 1 with 2, 8 and 9."""


def example(folder: Path) -> Foreign:
    rules = look_into([str(folder / "alerts.yaml")], (), (), (), 0.0)
    said = (folder / "scenarios.yaml").read_text(encoding="utf-8")
    return foreign(rules, scenarios(Source("scenarios.yaml", said)))


def written(tmp_path: Path, rules: str, said: str) -> Foreign:
    """Return the rules of one group, and the scenarios of a file."""
    indented = "".join(f"  {line}\n" for line in rules.strip().splitlines())
    (tmp_path / "rules.yaml").write_text(f"groups:\n- name: group\n  rules:\n{indented}", encoding="utf-8")
    seen = look_into([str(tmp_path / "rules.yaml")], (), (), (), 0.0)
    return foreign(seen, scenarios(Source("scenarios.yaml", said)))


def proof(theatre: Theatre, found: Foreign, *names: str) -> Proof:
    everybody = found.stages
    chosen = choose(everybody, names)
    return found.noted(chosen, prove(theatre, chosen, everybody, lambda _, __: None))


def test_exactly_those_alerts_of_the_specification_never_ring_that_its_corrections_say(theatre: Theatre) -> None:
    found = proof(theatre, example(EXAMPLE))
    assert {alert for alert, note in found.notes if note.startswith("it never rings")} == NEVER
    notes = dict(found.notes)
    assert "up never has job='service'" in notes["ServiceDown"]
    assert "http_request_duration_seconds is a histogram, which has no series of that name" in notes["HighLatency"]
    assert "never above 10" in notes["HighLatency"]
    assert "recommendation_confidence is a histogram" in notes["LowRecommendationQuality"]
    assert "only the right side has intent" in notes["VoiceConversionDrop"]
    assert found.proved == ("voice-commerce/HighErrorRate",)


def test_the_two_others_are_wrong_in_both_directions(theatre: Theatre) -> None:
    found = proof(theatre, example(EXAMPLE), "HighErrorRate", "SalesSyncStalled")
    assert ("customer-profile/HighErrorRate", "its fault: it does not ring within 30 min") in found.problems
    days = {problem.partition(":")[0] for subject, problem in found.problems if subject.startswith("si-")}
    assert "a healthy day" in days
    stalled = [problem for subject, problem in found.problems if subject.endswith("/SalesSyncStalled")]
    assert "its fault (no instance is there): it does not ring within 30 min" in stalled
    assert any(problem.startswith("closed over night: it rings") for problem in stalled)


def test_the_mended_alerts_are_proved(theatre: Theatre) -> None:
    found = proof(theatre, example(EXAMPLE / "mended"))
    assert (found.problems, found.notes) == ((), ())
    assert {subject.partition("/")[2] for subject in found.proved} == {
        *NEVER,
        "HighErrorRate",
        "SalesSyncStalled",
    }


def test_the_example_has_the_alerts_as_the_specification_does() -> None:
    def bare(text: str) -> list[str]:
        lines = (line.strip() for line in text.splitlines())
        return [line for line in lines if line and not line.startswith(("#", "groups:", "- name:", "rules:"))]

    assert bare((EXAMPLE / "alerts.yaml").read_text(encoding="utf-8")) == bare(ALERTS)


LATENCY = """
- record: job:latency_ms:p95
  expr: histogram_quantile(0.95, sum by (le, app) (rate(request_duration_ms_bucket{env="prod"}[5m])))
- alert: High latency
  expr: job:latency_ms:p95 > 500
  for: 5m
  labels: {severity: page}
  annotations: {description: "p95 of {{ $labels.app }} is {{ $value | humanize }} ms"}
- alert: Failing
  expr: |-
    sum by (app) (rate(request_duration_ms_count{code=~"5.."}[5m]))
    / sum by (app) (rate(request_duration_ms_count[5m])) > 0.1
  for: 2m
  keep_firing_for: 5m
- alert: QueueFull
  expr: max by (pod) (queue_depth) > 900
  for: 1m
"""
SHOP = """
services:
  shop:
    labels: {job: , app: shop, env: prod}
    instance: pod
    metrics:
      request_duration_ms:
        histogram:
          "200": {per_second: 5, p50: 40, p95: 180}
          "500": {per_second: 0.01, p50: 40, p95: 180}
        by: code
        buckets: [10, 50, 100, 500, 1000, 5000]
      queue_depth: {gauge: 12}
alerts:
  High latency:
    rings_on: {slow: {by: 2000, share: 0.5, of: request_duration_ms}}
    quiet_on: {slow: {by: 100, share: 0.5, of: request_duration_ms}}
    within: 10m
    not_before: 5m
  Failing:
    rings_on: {errors: {ratio: 0.5, bad: 'request_duration_ms_count{code="500"}', of: request_duration_ms}}
    quiet_on: {errors: {ratio: 0.05, bad: 'request_duration_ms_count{code="500"}', of: request_duration_ms}}
    within: 5m
  QueueFull:
    rings_on: {shift: {queue_depth: 1000}}
    within: 3m
"""


def test_a_latency_in_milliseconds_without_job_and_instance_is_proved(theatre: Theatre, tmp_path: Path) -> None:
    found = proof(theatre, written(tmp_path, LATENCY, SHOP))
    assert (found.problems, found.notes) == ((), ())
    assert found.proved == ("shop/High latency", "shop/Failing", "shop/QueueFull")
    (slow,) = [str(cell.fault) for cell in found.cells if cell.meant and cell.alert == "shop/High latency"]
    assert slow == "50 % of the request_duration_ms are 2000 greater"
    (reading,) = [
        verdict.reading
        for verdict in found.verdicts
        if verdict.rehearsal.subject == "shop/QueueFull" and verdict.rehearsal.day.name == "its fault"
    ]
    assert ("pod", "a") in reading.labels


def test_an_alert_is_kept_ringing_for_as_long_as_its_rule_says(theatre: Theatre, tmp_path: Path) -> None:
    strict = SHOP.replace("within: 5m", "within: 5m\n    silent_within: 6m")
    kept = proof(theatre, written(tmp_path, LATENCY, strict), "Failing")
    assert [problem for _, problem in kept.problems] == ["its fault: it still rings 1.5 min after it should be silent"]
    brief = proof(theatre, written(tmp_path, LATENCY.replace("  keep_firing_for: 5m\n", ""), strict), "Failing")
    assert brief.problems == ()


def test_what_looks_back_by_an_offset_has_a_past(theatre: Theatre, tmp_path: Path) -> None:
    rules = "- alert: Dropped\n  expr: sum(rate(orders[10m])) < 0.3 * sum(rate(orders[10m] offset 1d))"
    said = """
services: {shop: {metrics: {orders: {counter: 1}}, never: [closed over night, scaled to zero]}}
alerts: {Dropped: {rings_on: {scale: {orders: 0.05}}, quiet_on: {scale: {orders: 0.8}}, within: 15m}}
"""
    found = proof(theatre, written(tmp_path, rules, said))
    assert (found.problems, found.proved) == ((), ("shop/Dropped",))


def test_an_alert_without_a_promise_is_only_shown_to_be_silent(theatre: Theatre, tmp_path: Path) -> None:
    rules = LATENCY + "- alert: Lost\n  expr: sum(rate(lost_total[5m])) > 0\n"
    found = proof(theatre, written(tmp_path, rules, SHOP.partition("alerts:")[0]))
    undeclared = "no fault is declared for it: it is only shown to be silent when all is well"
    assert {alert for alert, note in found.notes if note == undeclared} == {
        "High latency",
        "Failing",
        "QueueFull",
        "Lost",
    }
    assert ("Lost", "it reads lost_total, which no service declares") in found.notes
    assert (found.problems, found.proved) == ((), ())


def test_an_alert_without_a_promise_may_ring_on_faults_but_not_on_a_healthy_day(
    theatre: Theatre, tmp_path: Path
) -> None:
    rules = "- alert: Any\n  expr: up == 0\n- alert: Busy\n  expr: rate(orders[5m]) > 0.3\n"
    said = """
services: {shop: {metrics: {orders: {counter: 1}}}}
alerts: {Any: {rings_on: down, within: 2m}}
"""
    found = proof(theatre, written(tmp_path, rules + "- alert: Gone\n  expr: absent(up)\n  for: 2m\n", said))
    assert {(subject, problem.partition(":")[0]) for subject, problem in found.problems} >= {
        ("shop/Any", "crashes and restarts"),
        ("shop/Busy", "a healthy day"),
    }
    assert "shop/Gone" not in {subject for subject, _ in found.problems}


def test_labels_that_no_series_has_are_the_reason_why_it_never_rings(theatre: Theatre, tmp_path: Path) -> None:
    rules = LATENCY.replace('code=~"5.."', 'code=~"5xx"')
    found = proof(theatre, written(tmp_path, rules, SHOP), "Failing")
    (note,) = found.notes
    assert note == (
        "Failing",
        "it never rings: it reads request_duration_ms_count with code=~'5xx', which no service exposes",
    )


def test_what_is_wrong_with_a_recording_is_the_reason_too(theatre: Theatre, tmp_path: Path) -> None:
    rules = LATENCY.replace("request_duration_ms_bucket", "request_duration_ms")
    found = proof(theatre, written(tmp_path, rules, SHOP), "High latency")
    ((_, note),) = found.notes
    assert note.startswith("it never rings: request_duration_ms is a histogram, which has no series of that name")


def test_a_watchdog_is_left_out_with_its_place(theatre: Theatre, tmp_path: Path) -> None:
    found = written(tmp_path, LATENCY + "- alert: Watchdog\n  expr: vector(1)\n", SHOP)
    assert [(each.place.line, each.why) for each in found.skipped] == [
        (20, "Watchdog: it reads no series, so nothing changes it")
    ]
    assert proof(theatre, found, "QueueFull").problems == ()


def test_messages_may_hold_whatever_people_write(theatre: Theatre, tmp_path: Path) -> None:
    odd = 'annotations: {runbook: "x\\n", description: "p95 \\"high\\" é 🔔 \\x7f \\L \\a \\t\\n- {{ $value }} =~ }"}'
    rules = re.sub("annotations: .*", lambda _: odd, LATENCY)
    assert proof(theatre, written(tmp_path, rules, SHOP), "High latency").problems == ()


NODE = """
- alert: OutOfMemory
  expr: >-
    (node_memory_available_bytes / node_memory_total_bytes * 100 < 10)
    * on (instance) group_left (nodename) node_uname_info{nodename=~".+"}
  for: 2m
- alert: OomKill
  expr: increase(node_vmstat_oom_kill[5m]) > 0
- alert: UnitFailed
  expr: node_systemd_unit_state{state="failed"} == 1
- alert: CpuBusy
  expr: 1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[2m])) > 0.9
  for: 5m
"""
HOST = """
services:
  node:
    never: [closed over night]
    metrics:
      node_memory_available_bytes: {gauge: 8e9}
      node_memory_total_bytes: {gauge: 16e9}
      node_uname_info: {gauge: {web: 1}, by: nodename}
      node_vmstat_oom_kill: {counter: 0}
      node_systemd_unit_state: {gauge: {active: 1, failed: 0}, by: state}
      node_cpu_seconds_total: {counter: {idle: 1.6, user: 0.4}, by: mode}
alerts:
  OutOfMemory: {rings_on: {shift: {node_memory_available_bytes: 1e9}}, within: 4m}
  OomKill: {rings_on: {becomes: {node_vmstat_oom_kill: 0.02}}, within: 3m}
  UnitFailed:
    rings_on: {becomes: {'node_systemd_unit_state{state="failed"}': 1}}
    quiet_on: {becomes: {'node_systemd_unit_state{state="active"}': 0}}
    within: 1m
  CpuBusy:
    rings_on: {becomes: {'node_cpu_seconds_total{mode="idle"}': 0.1}}
    within: 10m
"""


def test_rules_for_a_host_are_proved(theatre: Theatre, tmp_path: Path) -> None:
    found = proof(theatre, written(tmp_path, NODE, HOST))
    assert (found.problems, found.notes, len(found.proved)) == ((), (), 4)
    faults = {str(cell.fault) for cell in found.cells if cell.meant}
    assert faults >= {
        "node_vmstat_oom_kill counts 0.02 a second",
        'node_systemd_unit_state{state="failed"} becomes 1',
    }


def test_an_alert_that_reads_two_services_sees_both(theatre: Theatre, tmp_path: Path) -> None:
    rules = "- alert: Few\n  expr: sum(rate(paid[10m])) / sum(rate(asked[10m])) < 0.1\n  for: 5m"
    said = """
services:
  till: {metrics: {paid: {counter: 1, steady: true}}}
  other: {metrics: {nothing: {counter: 1}}}
  shop: {metrics: {asked: {counter: 2, steady: true}}}
alerts: {Few: {service: till, rings_on: {scale: {paid: 0.01}}, within: 20m}}
"""
    found = proof(theatre, written(tmp_path, rules, said))
    assert ("till/Few", "it does not ring") not in found.problems
    assert "it never rings" not in str(found.notes)
    assert found.cells[0].after is not None


def test_alerts_of_one_name_are_told_apart(theatre: Theatre, tmp_path: Path) -> None:
    rules = "".join(
        f"- alert: Full\n  expr: queue_depth > {bound}\n  labels: {{severity: {severity}}}\n"
        for severity, bound in (("warning", 500), ("critical", 900))
    )
    said = """
services: {shop: {metrics: {queue_depth: {gauge: 12}}}}
alerts:
  Full/warning: {rings_on: {shift: {queue_depth: 600}}, within: 2m}
  Full/critical:
    rings_on: {shift: {queue_depth: 950}}
    quiet_on: {shift: {queue_depth: 600}}
    within: 2m
    also: [Full/warning]
"""
    found = proof(theatre, written(tmp_path, rules, said))
    assert (found.problems, found.proved) == ((), ("shop/Full/warning", "shop/Full/critical"))


QUEUE = "services: {shop: {metrics: {depth: {gauge: 1}, done: {counter: 1}}}}\n"


@pytest.mark.parametrize(
    ("rules", "said", "sentence"),
    [
        ("- alert: A\n  expr: sum(", QUEUE, r".*rules.yaml:5:14: A is no PromQL: .*"),
        ("- alert: A\n  expr: up\n  fo: 1m", QUEUE, ".*rules.yaml:4:5: .* no field 'fo'.*"),
        ("- record: A\n  expr: up", QUEUE, "The files of --rules hold no alert that can be rehearsed: .*"),
        (
            "- alert: A\n  expr: up",
            QUEUE + "alerts: {B: {rings_on: down, within: 2m}}",
            r"scenarios.yaml:2:10: there is no alert 'B': choose from A\.",
        ),
        (
            "- alert: A\n  expr: up",
            QUEUE + "alerts: {A: {rings_on: {scale: {depth: 3}}, within: 2m}}",
            r"scenarios.yaml:2:\d+: A: that depth counts 3 times as fast changes nothing that shop exposes\.",
        ),
    ],
)
def test_what_cannot_be_proved_is_one_sentence(tmp_path: Path, rules: str, said: str, sentence: str) -> None:
    with pytest.raises(TocsinError) as problem:
        written(tmp_path, rules, said)
    assert re.fullmatch(sentence, str(problem.value)), problem.value


def test_the_days_that_a_service_may_leave_out_are_those_on_which_every_alert_is_silent(tmp_path: Path) -> None:
    rules = "- alert: A\n  expr: queue > 5"
    said = "services: {shop: {metrics: {queue: {gauge: 1}, done: {counter: 1}}}}\n"
    promise = "alerts: {A: {rings_on: {shift: {queue: 9}}, within: 2m}}"
    (stage,) = written(tmp_path, rules, said + promise).stages
    assert {each.day.name for each in of_an_alert(stage)} == {*FALSE_ALARMS, "its fault"}
    never = f"never: [{', '.join(FALSE_ALARMS)}]"
    (stage,) = written(tmp_path, rules, said.replace("metrics", f"{never}, metrics") + promise).stages
    assert {each.day.name for each in of_an_alert(stage)} == {"its fault"}
