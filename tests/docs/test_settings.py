"""docs/settings.md says what is read of pyproject.toml; tests/sdk/test_settings.py holds its variables to the SDK."""

from __future__ import annotations

import re
import tomllib

from tests.docs.blocks import ROOT
from tocsin.model import surroundings

SECTION = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").partition("\n## In pyproject.toml\n")[2]
READ = re.compile(r"""\bsettings(?:\((?:[^()]|\([^()]*\))*\))?(?:\.get\(|\[)"(\w+)\"""")
"""How a key of the table is read: `settings(root).get("catalog")`, `settings(root)["catalog"]`."""


def test_every_key_that_is_read_is_on_the_page_and_no_other() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "src/tocsin").rglob("*.py")]
    read = {key for text in texts for key in READ.findall(text)}
    assert set(re.findall(r"^\| `([a-z]+)` \|", SECTION, re.MULTILINE)) == read
    assert {"catalog", "companions"} <= read


def test_the_example_of_the_page_is_understood() -> None:
    (block,) = re.findall(r"^```toml\n(.+?)^```$", SECTION, re.DOTALL | re.MULTILINE)
    found = surroundings.read(tomllib.loads(block)["tool"]["tocsin"], ("lightspeed-bigquery",))
    assert [companion.port for companion in found.companions] == [8090]
    assert found.of("lightspeed-bigquery").named == ("lightspeed-api",)
