"""What docs/proof.md says is so: its code runs, its transcript is what is said, its days are all days."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import tocsin
from tests.proof.test_proving import proof
from tocsin.cli.proofs import objects
from tocsin.cli.proofs.text import Paper, written
from tocsin.model import Catalog, Fault, Profile
from tocsin.proof.days import DAYS
from tocsin.proof.proving import Proof
from tocsin.proof.theatre import Theatre

PAGE = (Path(__file__).parents[2] / "docs" / "proof.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """Return what stands in code in the first cell of each row below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)", section, re.MULTILINE)


@pytest.fixture
def shown(theatre: Theatre) -> Proof:
    """Prove the catalog that the page declares, block by block."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, names)  # noqa: S102 - the page's own code
    declared = names["CATALOG"]
    assert isinstance(declared, Catalog)
    return proof(theatre, declared)


def test_the_transcript_is_what_the_catalog_of_the_page_gives(shown: Proof) -> None:
    transcript = PAGE.partition("    $ tocsin prove bakery\n")[2].partition("\n\nRows")[0]
    said = written(shown, Paper()).rpartition(" rehearsals in ")[0]
    assert re.sub(r"^    ", "", transcript, flags=re.MULTILINE).rpartition(" rehearsals in ")[0] == said


def test_the_fields_of_json_are_those_that_the_page_names(shown: Proof) -> None:
    said = json.loads(objects.render(shown))
    named = set(re.findall(r"`(\w+)`", PAGE.partition("\nJSON has ")[2].partition("\n")[0]))

    def fields(value: Any) -> set[str]:
        own = set(value) if isinstance(value, dict) else set()
        inner: list[Any] = list(value.values()) if own else value if isinstance(value, list) else []
        return own.union(*(fields(each) for each in inner))

    assert fields(said) <= {*named, "meant"}
    assert named <= {*fields(said), "message"}


def test_every_day_has_its_row_and_no_other_has_one() -> None:
    assert rows("The days") == [day.__name__ for day in DAYS]


@pytest.mark.parametrize(("heading", "kind"), [("Faults", Fault), ("How a service behaves", Profile)])
def test_every_fault_and_profile_has_a_row(heading: str, kind: type[Any]) -> None:
    kinds = {each.__name__ for each in kind.__subclasses__()} & {*tocsin.__all__}
    assert {name for name in rows(heading) if issubclass(getattr(tocsin, name), kind)} == kinds


def test_the_links_of_the_page_lead_somewhere() -> None:
    home = Path(__file__).parents[2]
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (home / "docs" / target).is_file()
    for name in re.findall(r"`((?:src|services)/[\w/.]+)`", PAGE):
        assert (home / name).is_file()
