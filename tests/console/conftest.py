"""What the console's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.places import Places
from tocsin.model import Catalog


@pytest.fixture
def places(tmp_path: Path, catalog: Catalog) -> Places:
    """Nothing that could be looked at."""
    return Places(tmp_path, catalog, {})
