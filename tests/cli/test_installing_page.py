"""docs/installing.md says what is so: its extras are those of the package, its catalog is one."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.cli.doctor.diagnosis import Diagnosis
from tocsin.derive import derive
from tocsin.model import Catalog

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")


def test_every_extra_has_its_row() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(project["optional-dependencies"])


def test_the_catalog_of_the_page_is_one() -> None:
    (block,) = re.findall(r"^```python\n(.+?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 - the page's own code
    assert isinstance(names["CATALOG"], Catalog)
    assert {rule.name for rule in derive(names["CATALOG"]).alerts} >= {"ServiceDown", "HighLatency"}


def test_the_fields_of_json_are_those_that_the_page_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = json.loads(CliRunner().invoke(app, ["doctor", "--format", "json"]).stdout)
    last = PAGE.partition("\nJSON has ")[2]
    assert re.findall(r"`(\w+)`", last) == [*said, *Diagnosis.__dataclass_fields__]
    assert set(said["found"][0]) == set(Diagnosis.__dataclass_fields__)
