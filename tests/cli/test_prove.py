"""`tocsin prove` as a user runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import CATALOG, Tocsin
from tocsin.stack import tools

BEHAVIOUR = """\
            behaviour=(Flow(PAYMENTS.where(outcome="taken"), 2), Flow(PAYMENTS.where(outcome="refused"), 0.1)),
"""


@pytest.fixture(autouse=True)
def _promtool(project: Path) -> None:
    """Put the real promtool where set-up puts it."""
    (project / ".tools/bin").mkdir(parents=True)
    (project / ".tools/bin/promtool").symlink_to(tools.find("promtool"))


@pytest.fixture
def healthy(project: Path) -> None:
    """Say how the project's service behaves, and let its alert be silent when nobody comes."""
    said = CATALOG.replace("Counter, Label", "Counter, Flow, Label").replace(
        "            objectives=", f"{BEHAVIOUR}            objectives="
    )
    condition = """f"sum(rate({PAYMENTS.where(outcome='taken')}[5m])) < 0.1"""
    visited = " and on () sum(rate(http_requests_total{{service='checkout'}}[5m])) > 0.5"
    (project / "shop/catalog.py").write_text(said.replace(condition, condition + visited))


@pytest.mark.usefixtures("healthy")
def test_a_proof_of_the_whole_catalog_is_kept_and_none_of_a_part(tocsin: Tocsin, project: Path) -> None:
    (project / ".tools/bin/amtool").symlink_to(tools.find("amtool"))
    kept = project / ".tocsin/proof/proof.json"
    tocsin("prove", "ServiceDown")
    assert not kept.exists()
    told = tocsin("prove", "--format", "json")
    assert told.stderr == "", told.stdout
    assert json.loads(kept.read_text()) == json.loads(told.stdout)


@pytest.mark.usefixtures("healthy")
def test_what_is_right_is_proved_and_costs_nothing_the_second_time(tocsin: Tocsin) -> None:
    first = tocsin("prove", "PaymentsStall", "ServiceDown")
    assert (first.returncode, first.stderr) == (0, "")
    assert re.fullmatch(
        r"""checkout: 2 alerts
  instances       none answers            ServiceDown 2 min
                  none is there           ServiceDown 2 min
  payments_total  counts 0 times as fast  PaymentsStall [\d.]+ min
                  stands still            \+ PaymentsStall [\d.]+ min

2 of 2 alerts are proved: (\d+) rehearsals in [\d.]+ s\.
""",
        first.stdout,
    )
    again = tocsin("prove", "PaymentsStall", "ServiceDown").stdout
    assert re.search(r": (\d+) rehearsals in [\d.]+ s, \1 of them recalled\.$", again)


def test_what_is_wrong_is_said_and_the_exit_is_1(tocsin: Tocsin) -> None:
    said = tocsin("prove", "checkout/PaymentsStall")
    assert (said.returncode, said.stderr) == (1, "")
    assert "checkout/PaymentsStall: its fault: it rings " in said.stdout
    assert said.stdout.splitlines()[-1].startswith("0 of 1 alert is proved: ")


NO_ALERT = (
    "tocsin: No alert is called 'Nope': choose from ServiceDown, HighErrorRate, HighLatency, ErrorBudgetBurnFast, "
    "ErrorBudgetBurnSlow, PaymentsStall, or name a service.\n"
)
NO_FOLDER = (
    "tocsin: nowhere/proof.svg cannot be written (No such file or directory): name a file in a folder that is there.\n"
)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("Nope",), NO_ALERT), (("ServiceDown", "--picture", "nowhere/proof.svg"), NO_FOLDER)],
)
def test_what_a_user_can_mend_is_one_sentence(tocsin: Tocsin, arguments: tuple[str, ...], sentence: str) -> None:
    said = tocsin("prove", *arguments)
    assert (said.returncode, said.stdout, said.stderr) == (2, "", sentence)


@pytest.mark.usefixtures("healthy")
def test_json_markdown_and_the_picture_show_the_same(tocsin: Tocsin, project: Path) -> None:
    found = json.loads(tocsin("prove", "PaymentsStall", "--format", "json", "--picture", "proof.svg").stdout)
    assert (found["proved"], found["problems"]) == (["checkout/PaymentsStall"], [])
    (table,) = found["matrix"]
    own, stopped, *others = table["faults"]
    minutes = own["rings"][0]["after"] / 60
    assert own["rings"] == [{"alert": "checkout/PaymentsStall", "after": minutes * 60, "meant": True}]
    assert stopped["rings"][0]["meant"] is False
    assert all(row["silent"] and not row["rings"] for row in others)

    page = tocsin("prove", "PaymentsStall", "--format", "markdown").stdout
    assert f"| payments_total | counts 0 times as fast | **{minutes:g} min** |" in page

    picture = ET.parse(project / "proof.svg").getroot()  # noqa: S314 - our own
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert f"{minutes:g} min" in texts
    assert (picture.get("role"), picture.get("aria-labelledby")) == ("img", "title desc")
