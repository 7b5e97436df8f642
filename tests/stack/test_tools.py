"""Where Prometheus and Alertmanager are found, and how set-up gets them; apt-get and dpkg are the real ones."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.waiting import until
from tocsin.model import TocsinError
from tocsin.stack import debian, tools

PROGRAMS = ("prometheus", "promtool", "alertmanager", "amtool")

Archive = Callable[[str, dict[str, str]], Path]

TEMPLATE = {"usr/share/prometheus/alertmanager/default.tmpl": "the package's own template\n"}

DEBIAN_ALERTMANAGER = """\
#!/bin/sh
if [ "$1" = --version ]; then echo "alertmanager, version 0.25.0"; exit; fi
pwd
cd /usr/share/prometheus/alertmanager && cat default.tmpl
echo "process $$"
"""

needs_debian = pytest.mark.skipif(
    not all(map(shutil.which, ("apt-get", "dpkg-deb"))), reason="there is no apt-get on this machine"
)


def program(path: Path, version: str) -> Path:
    """Write a program that tells this version of itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{path.name}, version {version} (branch: HEAD)'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without tools, in which the test stands."""
    root = tmp_path / "project"
    (root / "below").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.tocsin]\n", encoding="utf-8")
    monkeypatch.chdir(root / "below")
    return root


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, at first empty, that alone is on PATH."""
    folder = tmp_path / "on-path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """A Debian archive on disk, apt-get's only source, to which a call adds a package of files.

    PATH has only programs that Tocsin does not support before those of this machine.
    """
    folder = tmp_path / "archive"
    folder.mkdir()
    packages = folder / "Packages"
    packages.touch()
    sources = tmp_path / "sources.list"
    sources.write_text(f"deb [trusted=yes] copy:{folder} ./\n", encoding="utf-8")
    configuration = tmp_path / "apt.conf"
    configuration.write_text(f'Dir::Etc::sourcelist "{sources}";\nDir::Etc::sourceparts "/dev/null";\n')
    monkeypatch.setenv("APT_CONFIG", str(configuration))
    for name in PROGRAMS:
        program(tmp_path / "outdated" / name, "0.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'outdated'}{os.pathsep}{os.environ['PATH']}")

    def add(package: str, files: dict[str, str]) -> Path:
        tree = tmp_path / "trees" / package
        control = f"Package: {package}\nVersion: 1\nArchitecture: all\nMaintainer: Test <test@example.com>\n"
        for name, text in {"DEBIAN/control": f"{control}Description: Test\n", **files}.items():
            written = tree / name
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(text, encoding="utf-8")
            written.chmod(0o755 if written.parent.name == "bin" else 0o644)
        built = folder / f"{package}_1_all.deb"
        subprocess.run(["dpkg-deb", "--build", tree, built], check=True, capture_output=True)
        list_package(packages, control, built)
        return built

    return add


def list_package(packages: Path, control: str, built: Path) -> None:
    digest = hashlib.sha256(built.read_bytes()).hexdigest()
    entry = f"{control}Filename: ./{built.name}\nSize: {built.stat().st_size}\nSHA256: {digest}\n\n"
    packages.write_text(packages.read_text(encoding="utf-8") + entry, encoding="utf-8")


def programs(**versions: str) -> dict[str, str]:
    """Return programs as files of a package, each telling its version."""
    return {f"usr/bin/{name}": f"#!/bin/sh\necho '{name}, version {told}'\n" for name, told in versions.items()}


@pytest.fixture
def bookworm(archive: Archive) -> Archive:
    """The archive with Prometheus and Alertmanager as Debian 12 has them."""
    archive("prometheus", programs(prometheus="2.42.0+ds", promtool="2.42.0+ds"))
    launched = {"usr/bin/prometheus-alertmanager": DEBIAN_ALERTMANAGER}
    archive("prometheus-alertmanager", launched | programs(amtool="0.25.0") | TEMPLATE)
    return archive


def test_the_tools_of_set_up_come_before_those_on_path(project: Path, on_path: Path) -> None:
    program(on_path / "promtool", "2.50.0")
    ours = program(project / ".tools/bin/promtool", "2.42.0")

    assert tools.find("promtool") == ours


@pytest.mark.usefixtures("project")
def test_without_set_up_a_supported_tool_on_path_will_do(on_path: Path) -> None:
    theirs = program(on_path / "prometheus-alertmanager", "0.25.0")

    assert tools.find("alertmanager") == theirs


@pytest.mark.usefixtures("on_path")
def test_a_missing_tool_is_named_with_what_to_do(project: Path) -> None:
    with pytest.raises(TocsinError) as caught:
        tools.find("amtool")

    assert str(caught.value) == (
        f"There is no amtool in {project}/.tools/bin or on PATH: run `{sys.executable} -m tocsin.stack.tools`, "
        "or put Alertmanager 0.25 or later on PATH."
    )


@pytest.mark.usefixtures("project")
def test_an_unsupported_tool_on_path_is_refused(on_path: Path) -> None:
    old = program(on_path / "promtool", "2.41.9")

    with pytest.raises(TocsinError, match=re.escape(f"{old} is version 2.41.9, but Tocsin needs Prometheus 2.42")):
        tools.find("promtool")


@pytest.mark.parametrize(
    ("suite", "version", "supported"),
    [
        (tools.PROMETHEUS, (2, 41, 9), False),
        (tools.PROMETHEUS, (2, 42, 0), True),
        (tools.PROMETHEUS, (3, 99, 0), True),
        (tools.PROMETHEUS, (4, 0, 0), False),
        (tools.ALERTMANAGER, (0, 24, 9), False),
        (tools.ALERTMANAGER, (0, 25, 0), True),
        (tools.ALERTMANAGER, (1, 0, 0), True),
    ],
)
def test_which_versions_are_supported(suite: tools.Suite, version: tools.Version, supported: bool) -> None:  # noqa: FBT001 - a column of the table
    assert suite.supports(version) is supported


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_programs_in_use_tell_a_supported_version(name: str) -> None:
    assert tools.SUITE_OF[name].supports(tools.version(tools.find(name)))


def test_a_program_that_tells_no_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="does not tell its version"):
        tools.version(program(tmp_path / "promtool", "unknown"))


def test_a_program_that_cannot_run_is_refused(tmp_path: Path) -> None:
    broken = program(tmp_path / "promtool", "2.42.0")
    broken.write_bytes(b"\x7fELF\x00")

    with pytest.raises(TocsinError, match="could not be run"):
        tools.version(broken)


def test_what_is_on_path_is_linked(tmp_path: Path, on_path: Path) -> None:
    on_path_as = {name: program(on_path / name, "2.53.0") for name in PROGRAMS}

    tools.provide(tmp_path / ".tools")

    assert {name: (tmp_path / ".tools/bin" / name).readlink() for name in PROGRAMS} == on_path_as


def test_what_was_provided_is_left_alone(tmp_path: Path, on_path: Path) -> None:
    for name in PROGRAMS:
        program(tmp_path / ".tools/bin" / name, "2.42.0")
        program(on_path / name, "2.53.0")
    tools.provide(tmp_path / ".tools")

    assert not any((tmp_path / ".tools/bin" / name).is_symlink() for name in PROGRAMS)


def test_tools_that_are_on_path_through_set_up_do_not_link_to_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / ".tools/bin"))
    program(tmp_path / ".tools/bin/promtool", "2.42.0")

    with pytest.raises(TocsinError, match="no apt-get"):
        tools.provide(tmp_path / ".tools")


def test_without_path_and_apt_the_sentence_says_what_to_install(tmp_path: Path, on_path: Path) -> None:
    program(on_path / "prometheus", "2.53.0")
    program(on_path / "promtool", "2.53.0")

    with pytest.raises(TocsinError) as caught:
        tools.provide(tmp_path / ".tools")

    assert str(caught.value) == (
        "There is no apt-get on this machine to fetch prometheus-alertmanager with: "
        "put Alertmanager 0.25 or later (alertmanager, amtool) on PATH, and run `make setup` again."
    )
    assert (tmp_path / ".tools/bin/promtool").exists()


@needs_debian
@pytest.mark.usefixtures("bookworm")
def test_what_path_has_in_no_supported_version_comes_from_debian(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ".tools"
    tools.provide(folder)

    for name in PROGRAMS:
        assert tools.SUITE_OF[name].supports(tools.version(folder / "bin" / name))
    assert sorted(path.name for path in (folder / "debian").iterdir()) == ["prometheus", "prometheus-alertmanager"]
    said = capfd.readouterr().err
    assert f"{tmp_path}/outdated/prometheus is version 0.1.0, but Tocsin needs Prometheus 2.42 or later" in said
    assert f"fetching Prometheus and Alertmanager from Debian's packages into {folder}/debian" in said


@needs_debian
@pytest.mark.usefixtures("bookworm")
def test_the_tools_can_be_moved_and_linked(tmp_path: Path) -> None:
    tools.provide(tmp_path / "before")
    (tmp_path / "before").rename(tmp_path / "after")
    (tmp_path / "linked").mkdir()

    for name in PROGRAMS:
        (tmp_path / "linked" / name).symlink_to(tmp_path / "after/bin" / name)
        assert tools.version(tmp_path / "linked" / name) >= (0, 25, 0)


@needs_debian
@pytest.mark.usefixtures("bookworm")
def test_debians_alertmanager_reads_its_templates_uninstalled_in_the_process_and_folder_where_it_was_started(
    tmp_path: Path,
) -> None:
    tools.provide(tmp_path / ".tools")
    launcher = tmp_path / ".tools/bin/alertmanager"
    with subprocess.Popen([launcher], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as started:
        said, _ = started.communicate()

    assert said == f"{tmp_path}\nthe package's own template\nprocess {started.pid}\n"


@needs_debian
def test_promtool_may_be_a_package_of_its_own(tmp_path: Path, archive: Archive) -> None:
    archive("prometheus", programs(prometheus="2.53.3"))
    archive("promtool", programs(promtool="2.53.3"))
    for name in tools.ALERTMANAGER.programs:
        program(tmp_path / ".tools/bin" / name, "0.28.1")

    tools.provide(tmp_path / ".tools")

    assert tools.version(tmp_path / ".tools/bin/promtool") == (2, 53, 3)


@needs_debian
@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (programs(prometheus="2.53.3"), "Debian's prometheus has no promtool in this release: put Prometheus 2.42"),
        (programs(prometheus="2.24.1", promtool="2.24.1"), "is version 2.24.1, but Tocsin needs Prometheus 2.42"),
    ],
)
def test_a_release_of_debian_that_cannot_serve_is_said_to(
    tmp_path: Path, archive: Archive, files: dict[str, str], complaint: str
) -> None:
    archive("prometheus", files)
    for name in tools.ALERTMANAGER.programs:
        program(tmp_path / ".tools/bin" / name, "0.28.1")

    with pytest.raises(TocsinError, match=complaint):
        tools.provide(tmp_path / ".tools")


@needs_debian
@pytest.mark.parametrize("named", [0, 2])
def test_an_alertmanager_whose_templates_cannot_be_moved_for_certain_is_not_touched(
    tmp_path: Path, archive: Archive, named: int
) -> None:
    code = "#!/bin/sh\necho 'alertmanager, version 0.25.0'\n" + "# /usr/share/prometheus/alertmanager\n" * named
    archive("prometheus", programs(prometheus="2.42.0", promtool="2.42.0"))
    archive(
        "prometheus-alertmanager",
        {"usr/bin/prometheus-alertmanager": code} | programs(amtool="0.25.0") | TEMPLATE,
    )

    with pytest.raises(TocsinError, match=f"names the folder of its templates {named} times, not once"):
        tools.provide(tmp_path / ".tools")

    assert not (tmp_path / ".tools/bin/alertmanager").exists()


@needs_debian
@pytest.mark.usefixtures("archive")
def test_a_package_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(debian.PackageError, match=re.escape("apt-get could not fetch prometheus for the reason above")):
        debian.fetch(["prometheus"], tmp_path / "debian")

    assert list((tmp_path / "debian").iterdir()) == []


@needs_debian
def test_a_package_that_cannot_be_unpacked_leaves_nothing_half_made(tmp_path: Path, archive: Archive) -> None:
    built = archive("prometheus", programs(prometheus="2.42.0"))
    debian.fetch(["prometheus"], tmp_path / "debian")
    built.write_bytes(built.read_bytes()[:-40])
    (built.parent / "Packages").write_text("", encoding="utf-8")
    list_package(built.parent / "Packages", "Package: prometheus\nVersion: 1\nArchitecture: all\n", built)

    with pytest.raises(debian.PackageError, match="The package prometheus could not be unpacked"):
        debian.fetch(["prometheus"], tmp_path / "debian")

    assert [path.name for path in (tmp_path / "debian").iterdir()] == ["prometheus"]
    assert tools.version(tmp_path / "debian/prometheus/usr/bin/prometheus") == (2, 42, 0)


def test_the_alertmanager_in_use_starts_with_paths_relative_to_where_it_is_started(tmp_path: Path) -> None:
    (tmp_path / "am.yml").write_text("{route: {receiver: x}, receivers: [{name: x}]}", encoding="utf-8")
    log = tmp_path / "log"
    log.touch()
    options = ["--config.file=am.yml", "--cluster.listen-address=", "--web.listen-address=127.0.0.1:0"]

    def address() -> str:
        found = re.search(r"Listening on.* address=(\S+)", log.read_text(encoding="utf-8"))
        return found[1] if found else ""

    with log.open("a", encoding="utf-8") as written:
        started = subprocess.Popen(
            [str(tools.find("alertmanager")), *options], cwd=tmp_path, stdout=written, stderr=written
        )
    try:
        until(lambda: bool(address() or started.poll() is not None), "Alertmanager's address in its log")
        with urllib.request.urlopen(f"http://{address()}/-/ready", timeout=30) as answer:
            assert answer.status == 200
    finally:
        started.terminate()
        started.wait()
