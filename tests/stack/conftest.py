"""What the stack's tests share: a small project of one service, and one run of the real shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack.projects import APP, CATALOG, PYPROJECT, ROOT, Project, Up, gone, start


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project of one service, which runs at once."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "shop.py").write_text(CATALOG)
    (root / "checkout.py").write_text(APP)
    return Project(root, tmp_path / "run")


@pytest.fixture
def up(shop: Project) -> Iterator[Callable[..., Up]]:
    """Start `tocsin up` in the small project; whatever still runs at the end is killed."""
    started: list[Up] = []

    def run(*options: str) -> Up:
        started.append(start(shop, *options))
        return started[-1]

    yield run
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.fixture(scope="session")
def real_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The repository's five services with their traffic, in a run of its own; it has to stop cleanly."""
    project = Project(ROOT, tmp_path_factory.mktemp("shop") / "run")
    running = start(project)
    try:
        running.wait_until_ready()
        yield project
        pids = project.pids()
        code, said, errors = running.stop()
        assert (code, errors) == (0, "")
        assert said.endswith("Stopped; nothing is left running.\n")
        assert [pid for pid in pids if not gone(pid)] == []
    finally:
        running.process.kill()
        running.process.communicate()
