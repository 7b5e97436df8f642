"""A service pays for the sdk alone: nothing that only the generator or the stack needs is loaded or must be there."""

from __future__ import annotations

import subprocess
import sys

import pytest

FOR_OTHERS = (
    "duckdb",
    "fastapi",
    "httpx",
    "jinja2",
    "markdown_it",
    "numpy",
    "opentelemetry",
    "promql_parser",
    "psutil",
    "python_multipart",
    "requests",
    "starlette",
    "typer",
    "uvicorn",
    "yaml",
)
"""What the extras install, but for rich, which structlog loads where it finds it."""


def python(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("module", ["tocsin", "tocsin.sdk"])
def test_nothing_is_loaded_that_only_others_need(module: str) -> None:
    loaded = set(python(f"import sys, {module}; print(*sys.modules)").split())

    assert module in loaded
    assert loaded.isdisjoint(FOR_OTHERS)
    assert {name for name in loaded if name.startswith("tocsin.") and name.count(".") == 1} <= {
        "tocsin.model",
        "tocsin.sdk",
    }


@pytest.mark.parametrize("module", ["tocsin", "tocsin.sdk"])
def test_the_extras_need_not_be_installed(module: str) -> None:
    absent = [*FOR_OTHERS, "rich"]

    assert python(f"import sys; sys.modules.update(dict.fromkeys({absent})); import {module}; print('ok')") == "ok\n"
