from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.proof.theatre import Theatre
from tocsin.stack import tools


@pytest.fixture
def theatre(tmp_path: Path) -> Theatre:
    """Return a theatre with the real promtool, which has seen nothing yet."""
    return Theatre(tools.find("promtool"), tmp_path / "readings.json")
