"""The wheel works by itself: in an environment of what `tocsin[all]` asks for, on a catalog of somebody else's.

Nothing is fetched: packages are linked from the environment that runs the tests, those alone that the wheel asks for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tocsin.stack import tools

ROOT = Path(__file__).parents[2]

EVERYTHING = """\
import importlib, pkgutil, tocsin
for module in pkgutil.walk_packages(tocsin.__path__, "tocsin."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(tocsin.__file__)
"""

CLIENT = """\
from tocsin import Counter, Label, Latency, Service

ORDERS = Counter("orders_total", "Orders.", labels=(Label("kind", ("new", "old")),))
reveal_type(ORDERS.where(kind="new"))
Latency("0.95", below=5)
"""

CLEAN = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH"}}
"""An environment that names no package of this repository."""

Run = Callable[..., subprocess.CompletedProcess[str]]


def built(kind: str, source: Path, into: Path) -> Path:
    """Build the wheel or the sdist of the project in *source*."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(into)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (found,) = into.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return found


def asked(requirements: Sequence[Requirement], extras: set[str]) -> Iterator[Requirement]:
    """Yield those of *requirements* that hold here, with *extras*."""
    for requirement in requirements:
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield requirement


def needed(wheel: Path, extra: str) -> set[str]:
    """Return the names of all distributions that an *extra* needs, as the wheel says and the installed say on."""
    with zipfile.ZipFile(wheel) as files:
        (name,) = (each for each in files.namelist() if each.endswith(".dist-info/METADATA"))
        lines = files.read(name).decode().splitlines()
    own = [Requirement(line.removeprefix("Requires-Dist: ")) for line in lines if line.startswith("Requires-Dist: ")]
    seen: set[tuple[str, str]] = set()
    waiting = [("tocsin", each) for each in ("", extra)]
    while waiting:
        pair = waiting.pop()
        if pair not in seen:
            seen.add(pair)
            stated = own if pair[0] == "tocsin" else [Requirement(each) for each in metadata.requires(pair[0]) or ()]
            for found in asked(stated, {pair[1]}):
                waiting.extend((found.name, each) for each in ("", *found.extras))
    return {name for name, _ in seen} - {"tocsin"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def made(wheel: Path, extra: str, folder: Path) -> Path:
    """Make an environment of the wheel and what an *extra* needs."""
    uv = [str(Path(sys.executable).parent / "uv"), "--offline", "--no-config", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, str(folder)], check=True)
    install = ["pip", "install", "--no-deps", "--python", str(folder / "bin/python"), str(wheel)]
    subprocess.run([*uv, *install], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in needed(wheel, extra):
        distribution = metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if ".." not in file.parts} - {"__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(Path(str(distribution.locate_file(top))))
    return folder


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of `tocsin[all]`."""
    return made(wheel, "all", tmp_path_factory.mktemp("environment") / "env")


@pytest.fixture
def run(environment: Path, project: Path) -> Run:
    """Run a program of the environment in the project's folder."""
    variables = {"PATH": f"{tools.find('promtool').parent}:{os.environ['PATH']}", "COLUMNS": "100"}

    def started(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(environment / "bin" / name), *arguments]
        return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)

    return started


def test_a_catalog_of_ones_own_is_checked_built_and_proved(run: Run, project: Path) -> None:
    checked = run("tocsin", "check")
    assert (checked.stderr, checked.returncode) == ("", 0)
    assert run("tocsin", "build").returncode == 0
    assert (project / "monitoring/prometheus/rules/checkout.yaml").is_file()
    proved = run("tocsin", "prove", "ServiceDown")
    assert (proved.stderr, proved.returncode) == ("", 0)
    assert "1 of 1 alert is proved" in proved.stdout


def test_every_module_finds_what_it_imports(run: Run, environment: Path) -> None:
    said = run("python", "-c", EVERYTHING)
    assert said.stderr == ""
    assert Path(said.stdout.strip()).is_relative_to(environment)


def test_the_extra_build_suffices_to_check_and_the_others_are_named_as_away(
    wheel: Path, project: Path, tmp_path: Path
) -> None:
    tocsin = str(made(wheel, "build", tmp_path / "env") / "bin/tocsin")
    checked = subprocess.run([tocsin, "check"], cwd=project, env=CLEAN, capture_output=True, text=True, check=False)
    assert (checked.stderr, checked.returncode) == ("", 0)
    told = subprocess.run(
        [tocsin, "doctor"], cwd=project, env=CLEAN, capture_output=True, text=True, check=False
    ).stdout
    assert set(re.findall(r"^ +`pip install 'tocsin\[(\w+)\]'`$", told, re.MULTILINE)) == {
        "bigquery",
        "console",
        "logs",
        "stack",
    }


def test_without_an_extra_the_command_says_what_to_install(wheel: Path, tmp_path: Path) -> None:
    tocsin = str(made(wheel, "", tmp_path / "env") / "bin/tocsin")
    said = subprocess.run([tocsin, "check"], env=CLEAN, capture_output=True, text=True, check=False)
    sentence = "tocsin: The commands are an extra, which is not installed: `pip install 'tocsin[all]'`.\n"
    assert (said.stdout, said.stderr, said.returncode) == ("", sentence, 2)


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/tocsin"]
    tracked = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if not name.startswith("tocsin-")}
    assert packed == {name.removeprefix("src/") for name in tracked if (ROOT / name).is_file()}
    assert "tocsin/py.typed" in packed


def test_the_sdist_holds_no_tests_and_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(built("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("tocsin-*/")
    tops = {file.name for file in source.iterdir()}
    assert tops == {".gitignore", "CHANGELOG.md", "PKG-INFO", "README.md", "docs", "pyproject.toml", "src"}
    again = built("wheel", source, tmp_path / "wheel")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_mypy_reads_the_types_of_the_installed_package(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "client.py").write_text(CLIENT)
    python = f"--python-executable={environment / 'bin/python'}"
    command = [sys.executable, "-m", "mypy", "--strict", python, f"--cache-dir={tmp_path / 'cache'}", "client.py"]
    said = subprocess.run(command, cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=False)
    assert said.stderr == ""
    assert said.stdout.splitlines()[:-1] == [
        'client.py:4: note: Revealed type is "tocsin.model.signal.Selector"',
        'client.py:5: error: Argument 1 to "Latency" has incompatible type "str"; expected "float"  [arg-type]',
    ]
