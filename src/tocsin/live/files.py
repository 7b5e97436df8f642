"""Looks into the files, folders and addresses that a user names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

import httpx

from tocsin.live.dashboards import read_dashboards
from tocsin.live.exposition import merged, read_exposition
from tocsin.live.rules import read_rules
from tocsin.live.written import Source
from tocsin.model import Allowance, Observation, Place, Refused, SeenBoard, SeenMetric, SeenRule, Skipped, TocsinError

LARGEST = 50_000_000
"""Bytes of a file, or of an answer, that is read."""

PATIENCE = 10.0
"""Seconds in which an address has to answer."""

_ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    named: bool
    """Whether the user named it, or it was met in a folder."""


def look_into(
    rules: Sequence[str], dashboards: Sequence[str], metrics: Sequence[str], targets: Sequence[str], scrape: float
) -> Observation:
    """Return what files hold; *targets* are the labels that a scrape adds, *scrape* its interval in seconds.

    Raises:
        TocsinError: there is no such file, or it cannot be read.

    """
    looking = _Looking()
    usual = dict.fromkeys(("job", "instance"))
    for source, named in looking.sources(rules):
        found = read_rules(source, named=named)
        looking.rules += found.rules
        looking.take(found.allowances, found.skipped, found.refused)
        usual.update(found.targets)
    for source, named in looking.sources(dashboards):
        boards = read_dashboards(source, scrape, named=named)
        looking.boards += boards.boards
        looking.take(boards.allowances, boards.skipped, boards.refused)
    return Observation(
        rules=tuple(looking.rules),
        boards=tuple(looking.boards),
        metrics=merged(map(looking.exposition, looking.addresses(metrics))) if metrics else None,
        target_labels=tuple(targets or usual),
        allowances=tuple(looking.allowances),
        skipped=tuple(looking.skipped),
        refused=tuple(looking.refused),
    )


class _Looking:
    def __init__(self) -> None:
        self.rules: list[SeenRule] = []
        self.boards: list[SeenBoard] = []
        self.allowances: list[Allowance] = []
        self.skipped: list[Skipped] = []
        self.refused: list[Refused] = []

    def take(self, allowances: list[Allowance], skipped: list[Skipped], refused: list[Refused]) -> None:
        self.allowances += allowances
        self.skipped += skipped
        self.refused += refused

    def sources(self, names: Iterable[str]) -> Iterator[tuple[Source, bool]]:
        """Yield the text of each file; one that was only met is skipped if it cannot be read."""
        for file in _files(names):
            try:
                yield Source(file.path.as_posix(), text(file.path)), file.named
            except TocsinError as cause:
                if file.named:
                    raise
                self.skipped.append(Skipped(Place(file.path.as_posix(), 1, 1), str(cause).rstrip(".")))

    def addresses(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            if _is_address(name):
                yield name
            else:
                yield from (file.path.as_posix() for file in _files((name,), every=True))

    def exposition(self, name: str) -> dict[str, SeenMetric]:
        said = exposed_text(name)
        found, skipped = read_exposition(said, name)
        if not found and skipped:
            raise TocsinError(f"{name} is no exposition: give a text of metrics as Prometheus reads it.")
        self.skipped += skipped
        return found


def exposed_text(name: str) -> str:
    """Return the exposition in the file or at the address *name*.

    Raises:
        TocsinError: it cannot be read, or does not answer.

    """
    return _fetched(name) if _is_address(name) else text(Path(name))


def text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        TocsinError: it cannot be read, is too large, or is no text.

    """
    try:
        if path.stat().st_size > LARGEST:
            raise TocsinError(f"{path} is larger than {LARGEST // 1_000_000} MB: give a smaller file.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as cause:
        raise TocsinError(f"{path} cannot be read ({cause.strerror}): mend its permissions, or name another.") from None
    except UnicodeDecodeError as cause:
        raise TocsinError(f"{path} is no UTF-8 (byte {cause.start}): save it as UTF-8, or name another.") from None


def _files(names: Iterable[str], *, every: bool = False) -> Iterator[_File]:
    met: set[Path] = set()
    for name in names:
        for file in _found(name, every=every):
            if file.path not in met:
                met.add(file.path)
                yield file


def _found(name: str, *, every: bool) -> list[_File]:
    path = Path(name)
    if path.is_dir():
        return [_File(each, named=False) for each in _walked(path, every=every)]
    if path.exists():
        return [_File(path, named=True)]
    if has_magic(name):
        matched = [Path(each) for each in sorted(glob(name, recursive=True))]  # noqa: PTH207 - the pattern may be absolute
        if matched:
            return [_File(each, named=True) for each in matched if each.is_file()]
        raise TocsinError(f"No file matches {name!r}: check the pattern, and the folder in which this runs.")
    raise TocsinError(f"{name} does not exist: name a file, a folder or a pattern.")


def _walked(folder: Path, *, every: bool) -> list[Path]:
    found = sorted(
        each
        for each in folder.rglob("*")
        if (every or each.suffix in _SUFFIXES)
        and each.is_file()
        and not any(part.startswith(".") for part in each.relative_to(folder).parts)
    )
    if not found:
        raise TocsinError(f"The folder {folder} holds nothing to check: name one with {', '.join(_SUFFIXES)} files.")
    return found


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _fetched(address: str) -> str:
    try:
        with httpx.stream(
            "GET", address, timeout=PATIENCE, follow_redirects=True, headers={"Accept": _ACCEPT}
        ) as answer:
            if not answer.is_success:
                raise TocsinError(f"{address} answers {answer.status_code}: give the address of an exposition.")
            received = bytearray()
            for part in answer.iter_bytes():
                received += part
                if len(received) > LARGEST:
                    raise TocsinError(f"{address} answers with more than {LARGEST // 1_000_000} MB: save a part of it.")
    except (httpx.HTTPError, httpx.InvalidURL) as cause:
        reason = " ".join(str(cause).split()) or type(cause).__name__
        raise TocsinError(f"{address} does not answer ({reason}): check the address, or give a file.") from None
    return received.decode("utf-8", "replace")
