"""The contract page names tests; each of them exists."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "sdk.md"


def test_every_test_that_the_contract_names_exists() -> None:
    named = 0
    for row in PAGE.read_text().splitlines():
        if row.startswith("| ") and "`" in (shown := row.rpartition(" | ")[2]):
            for group in shown.split(";"):
                names = re.findall(r"`([^`]+)`", group)
                files = [HERE / name for name in names if name.endswith(".py")]
                for test in (name for name in names if name.startswith("test_") and not name.endswith(".py")):
                    named += len(files)
                    assert all(f"def {test}(" in file.read_text() for file in files), (test, files)
                assert files, group
    assert named > 30
