"""The page about delivery names tests; each of them exists, and none is left out."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "delivery.md"
FILES = ("test_delivery.py", "test_delivery_prometheus.py")


def test_the_page_names_every_test_of_delivery_and_no_other() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`: `(test_\w+)`", PAGE.read_text()))
    there = {
        (file, test)
        for file in FILES
        for test in re.findall(r"^def (test_\w+)", (HERE / file).read_text(), re.MULTILINE)
    }
    assert named == there


def test_each_row_of_the_faults_names_its_test() -> None:
    faults = PAGE.read_text().partition("| fault |")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(faults) > 20
    assert all(re.search(r"`test_\w+\.py`: `test_\w+` \|$", row) for row in faults)
