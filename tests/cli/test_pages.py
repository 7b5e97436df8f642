from __future__ import annotations

import pytest

from tests.cli.conftest import Tocsin
from tocsin import source
from tocsin.checks import CHECKS
from tocsin.cli.pages import documents


def test_the_pages_in_docs_are_what_make_docs_writes() -> None:
    folder = source.project_root() / "docs" / "checks"
    found = {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in folder.rglob("*.md")}
    assert found == documents()


def test_the_index_names_every_check_and_its_links_lead_somewhere() -> None:
    index = documents()["README.md"]
    assert all(f"[{check}]({check}.md)" in index for check in CHECKS)
    assert (source.project_root() / "docs/checking.md").is_file()


@pytest.mark.usefixtures("project")
def test_explain_without_a_name_lists_all(tocsin: Tocsin) -> None:
    listed = tocsin("explain").stdout.splitlines()
    assert [line.split()[0] for line in listed] == sorted(CHECKS)
