"""Asks a tool for its verdict before the program that it is for is started."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tocsin.model import TocsinError


def require(tool: Path, *arguments: str) -> None:
    """Run *tool*, which ends with 0 when all is well.

    Raises:
        TocsinError: it does not; the sentence ends with the last line that it says.

    """
    try:
        verdict = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    except OSError as error:
        raise TocsinError(f"{tool} cannot be run ({error.strerror}): run `make setup` again.") from None
    if verdict.returncode:
        lines = [line.strip() for line in (verdict.stdout + verdict.stderr).splitlines() if line.strip()]
        said = lines[-1] if lines else f"exit code {verdict.returncode}"
        raise TocsinError(f"{tool.name} refuses {arguments[-1]}: {said}")
