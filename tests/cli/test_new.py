"""`tocsin new service`: what it makes is checked, proved and tested at once; docs/how-to/new-service.md shows it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Tocsin
from tests.docs.blocks import ROOT, blocks
from tocsin.cli.new import service
from tocsin.cli.new.enrol import Unclear, enrolled
from tocsin.model import TocsinError
from tocsin.stack import tools

NEW = ("new", "service", "returns", "--team", "shop")


def said_on_the_page() -> tuple[list[str], str]:
    """Return the command that docs/how-to/new-service.md shows, and its answer."""
    (block,) = (block for block in blocks() if block.page == "docs/how-to/new-service.md")
    command, _, answer = block.text.removeprefix("$ ").partition("\n")
    return command.split()[1:], answer


@pytest.fixture
def shop(project: Path) -> Path:
    """Copy the services of this repository into the project's folder."""
    shutil.rmtree(project / "shop")
    shutil.copytree(ROOT / "services", project / "services", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return project


def run_tests(project: Path, folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join((str(project), *filter(None, sys.path)))},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_transcript_of_the_page_is_what_happens_and_the_shop_is_still_in_order(shop: Path, tocsin: Tocsin) -> None:
    command, answer = said_on_the_page()
    said = tocsin(*command)
    assert (said.stdout, said.stderr, said.returncode) == (answer, "", 0)
    checked = tocsin("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    styled = [sys.executable, "-m", "ruff"]
    named = ("services/catalog.py", "services/returns")
    (shop / "src/tocsin").mkdir(parents=True)  # by which ruff knows what is the project's own
    (shop / "src/tocsin/__init__.py").touch()
    for words in (("check", *named), ("format", "--check", *named)):
        judged = subprocess.run([*styled, *words], cwd=shop, capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout


def test_what_is_made_outside_this_repository_is_checked_proved_and_tested(project: Path, tocsin: Tocsin) -> None:
    (project / ".tools/bin").mkdir(parents=True)
    (project / ".tools/bin/promtool").symlink_to(tools.find("promtool"))
    assert tocsin(*NEW).returncode == 0
    for words in (("check",), ("prove", "returns")):
        said = tocsin(*words)
        assert said.returncode == 0, said.stdout + said.stderr
    assert "8 of 8 alerts are proved" in said.stdout
    assert "port=8001," in (project / "shop/returns/monitoring.py").read_text()
    ran = run_tests(project, "shop/returns")
    assert ran.returncode == 0, ran.stdout
    assert "5 passed" in ran.stdout


def test_the_page_of_the_objectives_is_made_where_nothing_was_promised_yet(project: Path, tocsin: Tocsin) -> None:
    file, page = project / "shop/catalog.py", project / "shop/runbooks/error-budget-burn.md"
    file.write_text(file.read_text().replace("            objectives=(Availability(0.999),),\n", ""))
    page.unlink()
    assert "shop/runbooks/error-budget-burn.md\n" in tocsin(*NEW).stdout
    said = tocsin("check")
    assert said.returncode == 0, said.stdout + said.stderr


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


REFUSED = {
    ("checkout", "shop", None): "There is a service checkout already: choose another name.",
    ("Returns", "shop", None): "The service name 'Returns' must be lower-case letters, digits and hyphens, ",
    ("returns", "comerce", None): "The catalog knows no team 'comerce': use one of shop, or add it to `teams`.",
    ("import", "shop", None): "Python has a meaning for 'import' of its own: choose another name.",
    ("runbooks", "shop", None): "shop/runbooks is there already: remove it, or choose another name.",
    ("catalog", "shop", None): "shop/catalog.py is there already: remove it, or choose another name.",
    ("returns", "shop", 8000): "The port 8000 has another part of the stack: give another --port, or none.",
    ("returns", "shop", 70_000): "There is no port 70000: give one from 1 to 65535.",
}


@pytest.fixture
def inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in the project's folder, and forget its modules afterwards."""
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield project
    for module in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[module]


def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(inside: Path) -> None:
    before = files(inside)
    for (name, team, port), sentence in REFUSED.items():
        with pytest.raises(TocsinError, match=re.escape(sentence)):
            service(name, team, port)
    assert files(inside) == before


def test_a_second_time_changes_nothing(project: Path, tocsin: Tocsin) -> None:
    assert tocsin(*NEW).returncode == 0
    made = files(project)
    said = tocsin(*NEW)
    assert (said.returncode, said.stderr) == (2, "tocsin: There is a service returns already: choose another name.\n")
    assert files(project) == made


def test_a_catalog_that_does_not_list_its_services_is_left_alone(project: Path, tocsin: Tocsin) -> None:
    file = project / "shop/catalog.py"
    text = (
        file.read_text()
        .replace("services=(\n", "services=tuple([\n")
        .replace("        ),\n    ),\n", "        ),\n    ]),\n", 1)
    )
    file.write_text(text)
    said = tocsin(*NEW)
    assert said.returncode == 2
    assert said.stderr == (
        "tocsin: CATALOG does not list its services itself, as in services=(A, B), so that RETURNS could be added: "
        "list them there.\n"
    )
    assert file.read_text() == text
    assert not (project / "shop/returns").exists()


def test_a_name_that_the_catalog_has_for_something_else_is_not_taken_from_it(project: Path, tocsin: Tocsin) -> None:
    assert tocsin("new", "service", "payments", "--team", "shop").returncode == 0
    text = (project / "shop/catalog.py").read_text()
    assert "from shop.payments.monitoring import PAYMENTS_SERVICE\n" in text


SHAPES = {
    "one line": ("services=(A, B), teams=()", "services=(A, B, NEW), teams=()"),
    "one service": ("services=(A,), teams=()", "services=(A, NEW), teams=()"),
    "none": ("services=(), teams=()", "services=(NEW,), teams=()"),
    "a list": ("services=[A], teams=[]", "services=[A, NEW], teams=[]"),
    "letters of two bytes": ("runbooks='é', services=(A,), x=1", "runbooks='é', services=(A, NEW), x=1"),
    "a line each": (
        "\n    services=(\n        A,\n        B,\n    ),\n",
        "\n    services=(\n        A,\n        B,\n        NEW,\n    ),\n",
    ),
    "no comma at the end": (
        "\n    services=(\n        A,\n        B\n    ),\n",
        "\n    services=(\n        A,\n        B,\n        NEW,\n    ),\n",
    ),
    "a comment": (
        "\n    services=(\n        A,  # first\n    ),\n",
        "\n    services=(\n        A,  # first\n        NEW,\n    ),\n",
    ),
    "a long line": (
        f"\n    services=({'A' * 60}, {'B' * 40}),\n",
        f"\n    services=(\n        {'A' * 60},\n        {'B' * 40},\n        NEW,\n    ),\n",
    ),
}


@pytest.mark.parametrize(("written", "expected"), SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("bound", ["CATALOG = ", "CATALOG: Catalog = "])
def test_a_service_is_added_behind_the_last_and_nothing_else_moves(written: str, expected: str, bound: str) -> None:
    around = (
        '"""Ours."""\n\nfrom a.m import A\nfrom tocsin import Catalog\n\n'
        "OTHER = Catalog(services=())\n{}Catalog({})\nLAST = 1\n"
    )
    found = enrolled(around.format(bound, written), "CATALOG", "shop.new.monitoring", "NEW")
    line = "from tocsin import Catalog\n"
    assert found == around.format(bound, expected).replace(line, f"{line}from shop.new.monitoring import NEW\n")
    ast.parse(found)


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        (
            "import os\nfrom shop.a.m import A\nfrom shop.z.m import Z\n",
            "import os\nfrom shop.a.m import A\n+from shop.z.m import Z\n",
        ),
        (
            "from shop.a.m import (\n    A,\n)\nfrom tocsin import Catalog\n",
            "from shop.a.m import (\n    A,\n)\n+from tocsin import Catalog\n",
        ),
        ('"""Ours."""\n', '"""Ours."""\n+\n'),
    ],
)
def test_the_import_stands_among_its_like(imports: str, expected: str) -> None:
    body = "CATALOG = Catalog(services=(A,))\n"
    found = enrolled(imports + body, "CATALOG", "shop.new.monitoring", "NEW")
    assert found.partition("CATALOG")[0] == expected.replace("+", "from shop.new.monitoring import NEW\n")


@pytest.mark.parametrize(
    "text", ["CATALOG = build()\n", "CATALOG = Catalog(services=SERVICES)\n", "X = Catalog(services=())\n"]
)
def test_what_is_spelled_otherwise_is_unclear(text: str) -> None:
    with pytest.raises(Unclear):
        enrolled(text, "CATALOG", "shop.new.monitoring", "NEW")
