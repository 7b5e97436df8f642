from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.catalog import CATALOG
from tests.adopt.written import BY_HAND, SPEC, pyrra, sloth
from tests.cli.conftest import Tocsin
from tocsin import Availability, Catalog, Counter, Histogram, Latency, Mean, Ratio, Service, Silence, Team
from tocsin.adopt import Adopted, adopt
from tocsin.adopt.alerts import BUILT_IN
from tocsin.cli.imports.rules import announced, found, rules
from tocsin.cli.project import load
from tocsin.derive import derive
from tocsin.live.rules import read_rules
from tocsin.live.written import Source
from tocsin.model import Matcher, Place, TocsinError

HTTP = (
    'sum(rate(http_requests_total{job="shop",code=~"5.."}[WINDOW])) / '
    'sum(rate(http_requests_total{job="shop"}[WINDOW]))'
)
SLOW = "(sum(rate(render_seconds_count[WINDOW])) - sum(rate(render_seconds_bucket{le='0.3'}[WINDOW])))"
ROOT = Path(__file__).parents[2]
FILES = {
    "spec": SPEC,
    "by_hand": BY_HAND,
    "sloth": sloth("shop", "availability", 0.999, HTTP),
    "pyrra": pyrra(
        "payments",
        0.995,
        "payments",
        'sum(rate(payments_total{outcome="refused"}[WINDOW])) / sum(rate(payments_total[WINDOW]))',
    ),
}


def adopted(text: str, service: str = "") -> Adopted:
    return adopt(read_rules(Source("rules.yaml", text)).rules, service, "shop", 8000)


def declared(text: str, service: str = "") -> Service:
    names: dict[str, object] = {}
    exec(adopted(text, service).text, names)  # noqa: S102 - what was written is what is tested
    catalog = names["CATALOG"]
    assert isinstance(catalog, Catalog)
    (only,) = catalog.services
    return only


def left(text: str, service: str = "") -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for each in adopted(text, service).left:
        told.setdefault(each.subject, []).append(each.why)
    return told


def formatted(text: str) -> str:
    """Return a module as ruff formats it, wherever it stands."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    assert ruff is not None
    return subprocess.run(
        [ruff, "format", "--isolated", "-"], input=text, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_is_formatted_and_check_finds_what_was_announced(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = adopted(FILES[name], "checkout" if name == "by_hand" else "shop")
    assert formatted(result.text) == result.text
    (tmp_path / f"adopted_{name}.py").write_text(result.text)
    (tmp_path / "pyproject.toml").write_text(f'[tool.tocsin]\ncatalog = "adopted_{name}:CATALOG"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    problems = load(None).problems()
    foretold = [(each.subject, each.why) for each in announced(result, Place("rules.yaml", 1, 1), tmp_path)]
    assert sorted((each.subject, f"{each.message} [{each.check}]") for each in problems) == sorted(foretold)
    assert {each.check for each in found(result, tmp_path)} >= {"alert/no-runbook"}


def test_alerts_of_the_spec_become_declarations_but_those_that_every_service_has() -> None:
    service = declared(SPEC, "shop")
    assert [alert.name for alert in service.alerts] == [
        "SalesSyncStalled",
        "LowRecommendationQuality",
        "VoiceConversionDrop",
    ]
    stalled, quality, conversion = service.alerts
    assert stalled.when == "rate(sales_synced_total[10m]) == 0"
    assert (stalled.lasting, stalled.within, stalled.severity) == ("15m", "26m", "warning")
    assert isinstance(stalled.rings_on, Silence)
    assert quality.faults == conversion.faults == ()
    told = left(SPEC, "shop")
    for name in ("ServiceDown", "HighErrorRate", "HighLatency"):
        assert told[name] == ["every service has an alert of this name for nothing"]


def test_what_has_no_fault_is_announced_with_its_file_and_line() -> None:
    told = [
        each
        for each in announced(adopted(SPEC, "shop"), Place("rules.yaml", 1, 1), Path("none"))
        if "no-fault" in each.why
    ]
    lines = SPEC.splitlines()
    assert [each.subject for each in told] == ["shop/LowRecommendationQuality", "shop/VoiceConversionDrop"]
    assert all(each.subject.partition("/")[2] in lines[each.place.line - 1] for each in told)


def test_signals_are_inferred_from_names_suffixes_labels_and_buckets() -> None:
    signals = {signal.name: signal for signal in declared(BY_HAND, "checkout").signals}
    assert set(signals) == {"payments_total", "render_seconds", "letters_waiting"}
    paid, render = signals["payments_total"], signals["render_seconds"]
    assert isinstance(paid, Counter)
    assert [label.name for label in paid.labels] == ["outcome"]
    assert isinstance(render, Histogram)
    assert render.buckets == (2.0,)


def test_recording_rules_are_texts_in_the_alerts_that_read_them() -> None:
    refused, *_ = declared(BY_HAND, "checkout").alerts
    assert refused.when == (
        '(sum by (job) (rate(payments_total{job="checkout",outcome=~"refused|lost"}[5m])) / '
        '(sum by (job) (rate(payments_total{job="checkout"}[5m])))) > 0.2'
    )
    assert refused.because == 'Customers "cannot" pay.'
    assert refused.severity == "critical"


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("payments_refused", "it is called PaymentsRefused now"),
        ("payments_refused", "its label squad is left out"),
        ("payments_refused", "its runbook is https://wiki.example/payments: bring that page here"),
        ("SlowRendering", "its severity is 'urgent': warning is declared"),
        ("SlowRendering", "no annotation says what it means: say it in `because`"),
        ("SlowRendering", "it is called SlowRenderingCritical now"),
        ("QueueGrows", "keep_firing_for is left out: write a longer window, so that it does not flap"),
        ("team:queue:max", "it adds the label team: write it out"),
        ("MailQueue", "it reads team:queue:max, which is not declared"),
        (
            "DiskFull",
            "node_filesystem_avail_bytes comes from an exporter, not from a service: keep the rule where it is",
        ),
        ("Elsewhere", "it is about the job polls: import it with --service polls"),
        ("EventsMany", "events is counted, but does not end with _total: rename it"),
        ("Broken", "Prometheus cannot read its expression"),
        ("InstanceGone", "every service has ServiceDown for nothing, which rings when no instance answers"),
    ],
)
def test_what_cannot_be_declared_is_listed_with_the_reason(subject: str, why: str) -> None:
    assert why in left(BY_HAND, "checkout")[subject]


def test_rules_of_several_jobs_want_a_service_to_be_named() -> None:
    with pytest.raises(TocsinError, match="2 jobs: choose one with --service, like checkout, polls"):
        adopted(BY_HAND)
    assert declared(FILES["sloth"]).name == "shop"
    assert declared(FILES["pyrra"]).name == "imported"


def test_objectives_of_sloth_are_recognised() -> None:
    (availability,) = declared(FILES["sloth"]).objectives
    assert availability == Availability(0.999, name="availability", because="Too much of what people ask fails")
    assert declared(FILES["sloth"]).alerts == ()
    assert left(FILES["sloth"])["availability"] == [
        "14 rules of Sloth are one objective now, which rings ErrorBudgetBurnFast and -Slow",
        "requests have the label code there, and status_code here",
    ]


def test_a_share_of_statuses_that_are_not_all_failures_stays_a_ratio() -> None:
    (ratio,) = declared(sloth("shop", "all", 0.9990000000000001, HTTP.replace("5..", "(5..|429)"))).objectives
    assert isinstance(ratio, Ratio)
    assert ratio.ratio == 0.999
    assert str(ratio.bad) == 'http_requests_total{job="shop",status_code=~"(5..|429)"}'
    assert str(ratio.total) == 'http_requests_total{job="shop"}'


@pytest.mark.parametrize(
    "ratio",
    [
        f"{SLOW} / sum(rate(render_seconds_count[WINDOW]))",
        '1 - (sum(rate(render_seconds_bucket{le="0.3"}[WINDOW])) / sum(rate(render_seconds_count[WINDOW])))',
    ],
)
def test_the_share_beyond_a_bucket_is_an_objective_on_latency(ratio: str) -> None:
    service = declared(sloth("shop", "fast", 0.99, ratio, days=28))
    (latency,) = service.objectives
    assert isinstance(latency, Latency)
    assert (latency.ratio, latency.below, latency.of) == (0.99, 0.3, service.signals[0])
    assert any("promised over 28 days" in why for why in left(sloth("shop", "fast", 0.99, ratio, days=28))["fast"])


@pytest.mark.parametrize("service", CATALOG.services, ids=lambda service: service.name)
def test_objectives_that_were_written_are_read_back(service: Service) -> None:
    written = (ROOT / f"monitoring/prometheus/rules/{service.name}.yaml").read_text(encoding="utf-8")
    promised = [each for each in service.objectives if not isinstance(each, Mean)]
    found = declared(written, service.name).objectives
    assert [(type(each), each.name, each.ratio) for each in found] == [
        (type(each), each.name, each.ratio) for each in promised
    ]
    bounds = [each.below for each in promised if isinstance(each, Latency)]
    assert [each.below for each in found if isinstance(each, Latency)] == bounds


def test_an_objective_of_pyrra_is_recognised() -> None:
    (ratio,) = declared(FILES["pyrra"]).objectives
    assert isinstance(ratio, Ratio)
    assert (ratio.name, ratio.ratio, str(ratio.bad)) == ("payments", 0.995, 'payments_total{outcome="refused"}')


def test_what_is_not_sure_to_be_an_objective_is_left() -> None:
    text = sloth("shop", "odd", 0.99, "avg_over_time(satisfaction[WINDOW])")
    assert declared(text).objectives == ()
    assert "declare it by hand" in left(text)["shop-odd"][0]


@pytest.mark.parametrize(
    ("bad", "total"),
    [
        ('http_requests_total{code=~"5.."}', 'http_requests_total{handler="/pay"}'),
        ('http_requests_total{job="a",code=~"5.."}', 'http_requests_total{job="shop"}'),
        ('http_requests_total{code=~"5..",handler="/pay"}', "http_requests_total"),
    ],
)
def test_a_share_of_requests_that_are_not_all_is_not_taken_for_availability(bad: str, total: str) -> None:
    text = sloth("shop", "odd", 0.99, f"sum(rate({bad}[WINDOW])) / sum(rate({total}[WINDOW]))")
    assert declared(text, "shop").objectives == ()


def test_a_share_beyond_a_bucket_of_some_requests_is_not_taken_for_all() -> None:
    ratio = SLOW.replace("{le=", "{lane='fast',le=").replace("_count[", "_count{lane='fast'}[")
    text = sloth("shop", "odd", 0.99, f"{ratio} / sum(rate(render_seconds_count{{lane='fast'}}[WINDOW]))")
    assert declared(text).objectives == ()


def test_the_service_of_sloth_is_the_one_whose_rules_name_no_job() -> None:
    assert (
        declared(sloth("till", "all", 0.99, HTTP.replace('job="shop",', "").replace('{job="shop"}', ""))).name == "till"
    )
    assert left(FILES["sloth"], "till")["availability"][-1] == "it is about the job shop: import it with --service shop"


def test_a_bare_list_of_rules_is_imported_though_prometheus_refuses_it(tocsin: Tocsin, project: Path) -> None:
    (project / "bare.yaml").write_text("".join(f"{line}\n" for line in SPEC.splitlines()[3:]))
    said = tocsin("import", "rules", "bare.yaml", "--service", "shop", "--out", "made.py")
    assert (said.returncode, said.stdout) == (0, "")
    assert "bare.yaml:1: Prometheus refuses a bare list of rules" in said.stderr
    assert (project / "made.py").read_text().count(" = Alert(") == 3
    with pytest.raises(TocsinError, match="exists already: name another file, or remove it first"):
        rules([str(project / "bare.yaml")], service="shop", out=project / "made.py")


def test_files_without_rules_and_names_that_are_none_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("groups: []\n")
    with pytest.raises(TocsinError, match="no rule was found: name files"):
        rules([str(tmp_path / "empty.yaml")])
    with pytest.raises(TocsinError, match="The team name 'A Team' must be"):
        rules([str(tmp_path / "empty.yaml")], team="A Team")


def test_the_alerts_that_are_left_out_are_those_that_every_service_has() -> None:
    service = Service(name="x", team="x", port=1, because="x", objectives=(Availability(0.9),))
    catalog = Catalog(services=(service,), teams=(Team(name="x", slack="#x"),), runbooks="x", heartbeat="x")
    assert {alert.name for alert in derive(catalog).alerts} == set(BUILT_IN)


NAMES = st.sampled_from(
    ("a_total", "b_seconds_bucket", "b_seconds_count", "c", "j:a:rate5m", "up", "http_requests_total")
)
VALUES = st.text(max_size=12).map(lambda text: text.encode("utf-8", "replace").decode().replace("\0", ""))
MATCHERS = st.builds(
    lambda label, operator, value: f"{label}{Matcher(operator, value)}",
    st.sampled_from(("le", "outcome", "job", "class", "code", "self")),
    st.sampled_from(("=", "!=", "=~", "!~")),
    st.one_of(VALUES, st.sampled_from(("shop", "2.0", "5..", "it's", 'say "no"', "a|" * 50))),
)
SELECTORS = st.builds(
    lambda name, matchers: f"{name}{{{', '.join(matchers)}}}" if matchers else name,
    NAMES,
    st.lists(MATCHERS, max_size=2),
)
SHAPES = (
    "rate({}[5m]) == 0",
    "sum by (x) (rate({}[1h])) / {} > 1",
    "sum(rate({0}[5m])) / sum(rate({0}[5m]))",
    "1 - sum(rate({}[5m]))\n / sum(rate({}[5m]))",
    "{} > 1 and on (le) {}",
    'label_replace({}, "a", "$1", "b", "(.*)") > 1',
    "max_over_time({}[1h:5m]) > 1",
    "vector(0.99)",
    "{} offset 5m [",
)
EXPRESSIONS = st.one_of(
    st.builds(lambda shape, one, other: shape.format(one, other), st.sampled_from(SHAPES), SELECTORS, SELECTORS), VALUES
)
TEXTS = st.dictionaries(
    st.sampled_from(("severity", "summary", "description", "runbook_url", "slo", "sloth_id", "sloth_slo", "team")),
    VALUES,
)
RULES = st.fixed_dictionaries(
    {"expr": EXPRESSIONS},
    optional={
        "alert": st.one_of(st.sampled_from(("a b", "HighLatency", "Same", "ErrorBudgetBurn")), VALUES),
        "record": st.sampled_from(
            ("j:a:rate5m", "slo:sli_error:ratio_rate5m", "slo:objective:ratio", "x:burnrate5m", "q")
        ),
        "for": st.sampled_from(("5m", "x", "0", "1h1m")),
        "keep_firing_for": st.just("1m"),
        "labels": TEXTS,
        "annotations": TEXTS,
    },
)
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.integers(), VALUES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("groups", "rules", "name", "alert", "expr", "labels", "spec", "kind")), inner),
    ),
    max_leaves=12,
)


@given(st.lists(RULES, min_size=1, max_size=6))
def test_whatever_rules_say_the_module_loads_and_is_formatted(said: list[dict[str, object]]) -> None:
    text = yaml.safe_dump({"groups": [{"name": "g", "rules": said}]}, sort_keys=False)
    seen = read_rules(Source("rules.yaml", text)).rules
    if seen:
        result = adopt(seen, "shop", "shop", 8000)
        list(announced(result, seen[0].place, Path("none")))
        assert formatted(result.text) == result.text


@given(DOCUMENTS)
def test_no_document_breaks_an_import(document: object) -> None:
    seen = read_rules(Source("rules.yaml", yaml.safe_dump(document))).rules
    if seen:
        found(adopt(seen, "shop", "shop", 8000), Path("none"))


@given(st.text())
def test_no_text_breaks_an_import(text: str) -> None:
    seen = read_rules(Source("rules.yaml", text)).rules
    if seen:
        found(adopt(seen, "shop", "shop", 8000), Path("none"))
