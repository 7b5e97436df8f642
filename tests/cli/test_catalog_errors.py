"""A broken catalog is one sentence that says what, where and what to do; never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CATALOG, Tocsin


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (CATALOG.replace("outcome='taken'", "outcome='takn'"), "shop/catalog.py:17: payments_total never has"),
        (CATALOG.replace("Availability(0.999)", "Availability(99.9)"), "shop/catalog.py:13: The objective"),
        (
            CATALOG.replace("import Alert,", "import Alarm,"),
            "shop/catalog.py:1: ImportError: cannot import name 'Alarm'",
        ),
        (CATALOG.replace("from tocsin", "import nowhere\nfrom tocsin"), "it imports nowhere, which is not installed"),
        ("CATALOG = (", "shop/catalog.py:1: SyntaxError: '(' was never closed"),
        ("1 / 0", "shop/catalog.py:1: ZeroDivisionError: division by zero."),
        ("CATALOG = 1", "shop.catalog:CATALOG is a int, not a Catalog"),
        ("", "The module shop.catalog has no CATALOG"),
    ],
)
def test_a_broken_catalog(tocsin: Tocsin, project: Path, broken: str, sentence: str) -> None:
    (project / "shop/catalog.py").write_text(broken)
    said = tocsin("check")
    assert said.returncode == 2
    assert sentence in said.stderr
    assert said.stderr.startswith("tocsin: ")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("shop.catalogue:CATALOG", "There is no module shop.catalogue"),
        ("shop.catalog", "names no object: write module:NAME"),
    ],
)
def test_a_wrong_reference(tocsin: Tocsin, reference: str, sentence: str) -> None:
    said = tocsin("check", "--catalog", reference)
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert sentence in said.stderr


def test_no_catalog_at_all(tocsin: Tocsin, project: Path) -> None:
    (project / "pyproject.toml").unlink()
    said = tocsin("check")
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "No catalog is named in" in said.stderr


def test_a_broken_pyproject(tocsin: Tocsin, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool")
    said = tocsin("check")
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "pyproject.toml cannot be read" in said.stderr
