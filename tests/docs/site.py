"""The site of the documentation, as `make docs-site` builds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site into *folder*, as strictly as MkDocs can."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def navigated() -> set[str]:
    """Return the pages that mkdocs.yml puts into the navigation."""

    def flat(entry: Any) -> set[str]:
        if isinstance(entry, str):
            return {entry}
        return set().union(*map(flat, entry.values() if isinstance(entry, dict) else entry))

    return flat(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
