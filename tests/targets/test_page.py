"""docs/targets.md has a section for each output, each says all that a section says, and names all that is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.bundles import BUNDLES, deliver
from tocsin.derive import derive
from tocsin.model import Catalog
from tocsin.targets import TARGETS

PAGE = (Path(__file__).parents[2] / "docs" / "targets.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
OUTPUTS = sorted({each.__module__ for each in (*TARGETS, *BUNDLES)})
PARTS = ("To apply it", "Validated by", "Not verified", "Sources")


@pytest.mark.parametrize("module", OUTPUTS)
def test_every_output_has_a_section_that_begins_with_what_it_writes(module: str) -> None:
    begun = [title for title, text in SECTIONS.items() if text.startswith(f"`{module}` writes `monitoring/")]
    assert len(begun) == 1, f"docs/targets.md needs one section that begins with: `{module}` writes `monitoring/..."


@pytest.mark.parametrize("title", SECTIONS)
def test_every_section_says_how_to_apply_it_and_how_far_it_was_validated(title: str) -> None:
    said = re.findall(r"^- \*\*(.+?)\*\*: \S", SECTIONS[title], re.MULTILINE)
    assert [part for part in said if part in PARTS] == list(PARTS), f"the section {title} needs: - **{PARTS[0]}**: ..."


def test_the_sections_stand_in_the_order_of_the_alphabet() -> None:
    assert list(SECTIONS) == sorted(SECTIONS, key=str.casefold)


def test_every_path_that_is_written_is_named_on_the_page(catalog: Catalog) -> None:
    named = re.findall(r"`(monitoring/[^`]+)`", PAGE)

    def is_named(path: str) -> bool:
        return any(path == each or (each.endswith("/") and path.startswith(each)) for each in named)

    assert [each.path for each in deliver(derive(catalog)) if not is_named(f"monitoring/{each.path}")] == []
