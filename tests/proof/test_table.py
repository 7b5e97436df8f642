"""How a proof is told: in words, on wide and narrow paper, in Markdown, as a picture."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.proof.test_proving import BASKETS, ORDERS, STOPPED, catalog, proof
from tocsin.cli.proofs import markdown, picture
from tocsin.cli.proofs.text import Paper, written
from tocsin.model import (
    Counter,
    Down,
    Errors,
    Fault,
    Flapping,
    Gauge,
    Histogram,
    Label,
    Scale,
    Shift,
    Silence,
    Slow,
    Vanish,
)
from tocsin.proof.proving import Proof
from tocsin.proof.table import tables, words
from tocsin.proof.theatre import Theatre
from tocsin.stack import tools

RUNS = Counter("runs_total", "Runs.", (Label("outcome", ("good", "bad")),))
WAIT = Histogram("wait_seconds", "Waiting.", buckets=(1, 2))
OVENS = Gauge("ovens_hot", "Hot ovens.")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    memories = tmp_path_factory.mktemp("memory") / "readings.json"
    return proof(Theatre(tools.find("promtool"), memories), catalog(STOPPED))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Down(), ("instances", "none answers")),
        (Vanish(), ("instances", "none is there")),
        (Errors(0.5), ("requests", "50 % fail")),
        (Errors(0.99999999), ("requests", "99.999999 % fail")),
        (Errors(0.02592), ("requests", "2.592 % fail")),
        (Errors(14.4 * 0.001), ("requests", "1.44 % fail")),
        (Errors(0.1, RUNS.where(outcome="bad"), RUNS), ("runs_total", '10 % end in outcome="bad"')),
        (
            Errors(0.1, RUNS.where(outcome="bad", service="shop"), RUNS.where(service="shop")),
            ("runs_total", '10 % end in outcome="bad"'),
        ),
        (Errors(0.1, ORDERS, BASKETS), ("baskets_total", "10 % end in orders_total")),
        (Slow(7.5, 0.54), ("requests", "54 % take 7.5 s longer")),
        (Slow(1, of=WAIT), ("wait_seconds", "100 % take 1 s longer")),
        (Silence(ORDERS), ("orders_total", "stands still")),
        (Shift(OVENS, 0), ("ovens_hot", "moves to 0")),
        (Scale(ORDERS, 0.2), ("orders_total", "counts 0.2 times as fast")),
        (Flapping(Shift(OVENS, 0), "20m", "1h"), ("ovens_hot", "moves to 0, 20m on, 1h off")),
    ],
)
def test_a_fault_is_told_by_what_breaks_and_how(fault: Fault, told: tuple[str, str]) -> None:
    assert words(fault, "shop") == told


def test_rows_of_the_same_breaking_stand_together_the_worst_first(found: Proof) -> None:
    (table,) = tables(found)
    told = [(row.what, row.how) for row in table.rows]
    assert [how for what, how in told if what == "requests"][:2] == ["50 % fail", "6 % fail"]
    whats = [what for what, _ in told]
    assert sum(one != other for one, other in pairwise(whats)) == len(set(whats)) - 1


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_of_a_row_is_wider_than_its_paper(found: Proof, width: int) -> None:
    rows = [line for line in written(found, Paper(width)).splitlines() if line.startswith(" ")]
    assert max(map(len, rows)) <= width
    assert "ServiceDown 2 min" in "\n".join(rows)


def test_colours_are_all_that_a_terminal_adds(found: Proof) -> None:
    coloured = written(found, Paper(100, coloured=True))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == written(found, Paper(100))
    assert "\x1b[33mnobody hears it\x1b[0m" in coloured


def test_markdown_has_a_column_for_each_alert_in_every_row(found: Proof) -> None:
    page = markdown.render(found)
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3 + 4}
    assert "| baskets_total | stands still: **nobody hears it** |" in page
    assert "4. OrdersStopped" in page


def test_the_picture_tells_in_words_what_it_shows(found: Proof, tmp_path: Path) -> None:
    file = tmp_path / "proof.svg"
    file.write_text(picture.render(found), encoding="utf-8")
    root = ET.parse(file).getroot()  # noqa: S314 - our own
    svg = "{http://www.w3.org/2000/svg}"
    texts = ["".join(element.itertext()) for element in root.iter(f"{svg}text")]
    assert {"ServiceDown", "OrdersStopped", "2 min", "nobody hears it"} <= set(texts)
    told = root.find(f"{svg}desc")
    assert told is not None
    assert told.text == (
        "Faults in rows, alerts in columns: shop. 4 of 4 alerts are proved. "
        "Nobody hears it when: shop: baskets_total stands still."
    )
    assert not re.search(r"(?:href|url\(|@import)", file.read_text())


def test_the_picture_is_the_same_each_time(found: Proof) -> None:
    assert picture.render(found) == picture.render(found)
