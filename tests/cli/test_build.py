from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import CATALOG, Tocsin
from tocsin import bundles, source
from tocsin.cli.project import load


def test_what_is_committed_is_what_the_catalog_says() -> None:
    folder = source.project_root() / "monitoring"
    project = load(None)
    written = {each.path: each.text for each in bundles.deliver(project.plan, project.surroundings)}
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert found == written


def test_build_writes_once(tocsin: Tocsin, project: Path) -> None:
    first, second = tocsin("build"), tocsin("build")
    written = sum(path.is_file() for path in (project / "monitoring").rglob("*"))
    assert (first.returncode, first.stdout) == (0, f"{written} artifacts in monitoring/, {written} changed.\n")
    assert (second.returncode, second.stdout) == (0, f"{written} artifacts in monitoring/, 0 changed.\n")


def test_build_check_shows_what_is_stale(tocsin: Tocsin, project: Path) -> None:
    tocsin("build")
    assert tocsin("build", "--check").returncode == 0
    file = project / "shop/catalog.py"
    file.write_text(file.read_text().replace("< 0.1", "< 0.2"))
    stale = tocsin("build", "--check")
    assert stale.returncode == 1
    assert '-      (sum(rate(payments_total{outcome="taken"}[5m])) < 0.1)\n' in stale.stdout
    assert '+      (sum(rate(payments_total{outcome="taken"}[5m])) < 0.2)\n' in stale.stdout


def test_a_service_that_is_gone_leaves_nothing_behind_but_other_peoples_files_stay(
    tocsin: Tocsin, project: Path
) -> None:
    tocsin("build")
    file = project / "shop/catalog.py"
    file.write_text(file.read_text().replace('name="checkout"', 'name="till"'))
    mine = project / "monitoring/prometheus/rules/mine.yaml"
    mine.write_text("groups: []\n")
    assert "checkout.yaml is written by no target any more" in tocsin("build", "--check").stdout
    assert tocsin("build").returncode == 0
    rules = sorted(path.name for path in mine.parent.iterdir())
    assert rules == ["mine.yaml", "till.yaml", "tocsin.yaml"]
    assert [path.name for path in (project / "monitoring/typescript").iterdir()] == ["till.ts"]


def test_a_question_that_is_gone_leaves_no_view_behind(tocsin: Tocsin, project: Path) -> None:
    tocsin("build")
    views = project / "monitoring/bigquery/views"
    (views / "asked_once.sql").write_text((views / "top_errors.sql").read_text())
    (views / "mine.sql").write_text("SELECT 1\n")
    assert "asked_once.sql is written by no target any more" in tocsin("build", "--check").stdout
    assert tocsin("build").returncode == 0
    assert (views / "mine.sql").exists()
    assert not (views / "asked_once.sql").exists()


def test_a_board_that_is_gone_leaves_no_file_behind(tocsin: Tocsin, project: Path) -> None:
    tocsin("build")
    boards = project / "monitoring/grafana/dashboards/services"
    (boards / "once.json").write_text((boards / "checkout.json").read_text())
    (boards / "mine.json").write_text("{}\n")
    assert "once.json is written by no target any more" in tocsin("build", "--check").stdout
    assert tocsin("build").returncode == 0
    assert sorted(path.name for path in boards.iterdir()) == ["checkout.json", "health.json", "mine.json"]


def test_build_refuses_a_catalog_with_problems(tocsin: Tocsin, project: Path) -> None:
    (project / "shop/catalog.py").write_text(CATALOG.replace("rings_on=Scale(PAYMENTS, 0),", ""))
    said = tocsin("build")
    assert said.returncode == 1
    assert said.stderr == (
        "shop/catalog.py:16:21: error: checkout/PaymentsStall: no fault makes it ring: say which one in rings_on, "
        "like rings_on=Errors(0.5) [alert/no-fault]\n"
    )
    assert not (project / "monitoring").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tocsin: Tocsin, project: Path) -> None:
    (project / "monitoring").write_text("a file stands here")
    said = tocsin("build")
    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
    assert said.stderr.endswith("(Not a directory): remove it, or choose another --out.\n")


def test_the_runbooks_become_a_site_with_what_was_seen_when_they_were_proved(tocsin: Tocsin, project: Path) -> None:
    trial = {"day": "its fault", "fault": "no instance answers", "rings": True, "after": 90, "silent": 15}
    told = {"matrix": [], "rehearsals": [trial | {"alert": "checkout/ServiceDown", "problem": None}]}
    proof = project / ".tocsin" / "proof" / "proof.json"
    proof.parent.mkdir(parents=True)
    proof.write_text(json.dumps(told))
    said = tocsin("build", "--site", "site")
    assert (said.returncode, said.stderr) == (0, "")
    page = (project / "site/checkout/service-down/index.html").read_text()
    assert "<td>its fault: no instance answers</td>\n<td>1.5 min</td>\n<td>15 s</td>" in page
    promised = (project / "site/checkout/payments-stall/index.html").read_text()
    assert "it must ring when" in promised
    assert "Proved on" not in promised
    assert tocsin("build", "--site", "site").stdout.endswith("files of the runbooks in site, 0 changed.\n")


def test_a_site_where_all_else_stands_is_refused_and_nothing_is_lost(tocsin: Tocsin) -> None:
    tocsin("build")
    for folder in ("monitoring", "."):
        said = tocsin("build", "--site", folder)
        assert (said.returncode, said.stderr) == (
            2,
            f"tocsin: {folder} holds what else is written: choose another folder for --site.\n",
        )
    assert tocsin("build", "--check").returncode == 0
