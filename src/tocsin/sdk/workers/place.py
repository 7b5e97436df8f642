"""Where the workers of one service meet: a file that follows from who their parent is, or from a folder they are given.

TOCSIN_WORKERS says which: `auto`, which is the default, finds the workers of gunicorn and of uvicorn, hypercorn and
granian by itself; `off` lets every process stand alone; anything else is the absolute path of a folder, local to the
machine and kept by nobody's tidying, and all processes of a service that are given the same one are one target.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.sdk.process import birth
from tocsin.sdk.workers.memory import VERSION

AUTO, OFF = "auto", "off"
_SERVERS = ("uvicorn", "hypercorn", "granian")
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder in it that is this user's alone is used

_NAME = re.compile(r".+-(\d+)-(\d+)\.\d+\.lock")


@dataclass(frozen=True, slots=True)
class Place:
    """*stem*.lock, *stem*.map and *stem*.order in *folder*; *origin* tells the parent's incarnation and the machine's.

    A *private* folder is made for this user alone, and what dead parents left in it is removed.
    """

    folder: Path
    stem: str
    origin: bytes
    private: bool

    @property
    def lock(self) -> Path:
        """The file whose bytes are locked."""
        return self.folder / f"{self.stem}.lock"

    @property
    def map(self) -> Path:
        """The file that is mapped."""
        return self.folder / f"{self.stem}.map"

    @property
    def order(self) -> Path:
        """The file that holds the order of the fault door."""
        return self.folder / f"{self.stem}.order"

    def prepare(self) -> None:
        """See that the folder is there.

        Raises:
            OSError: it cannot be made, or somebody else could write into the private one.

        """
        if not self.private:
            self.folder.mkdir(parents=True, exist_ok=True)
            return
        self.folder.mkdir(mode=0o700, exist_ok=True)
        found = self.folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise OSError(f"{self.folder} is not this user's alone")

    def left_behind(self) -> Iterator[Path]:
        """Return the lock files of other places whose parent has ended."""
        for lock in self.folder.glob("*.lock") if self.private else ():
            named = _NAME.fullmatch(lock.name)
            if named and lock != self.lock and birth(int(named[1])) != int(named[2]):
                yield lock


def wanted(setting: str) -> bool:
    """Tell whether this process is to share its metrics, or will when it is forked."""
    if setting == AUTO:
        return "gunicorn.arbiter" in sys.modules or _spawned()
    return setting != OFF


def place(service: str, setting: str) -> Place:
    """Return where the processes of *service* meet that have this process's parent, or the folder *setting*."""
    parent = os.getppid()
    born = birth(parent)
    origin = hashlib.sha256(f"{_boot()} {parent} {born}".encode()).digest()
    if setting == AUTO:
        return Place(_private(), f"{service}-{parent}-{born}.{VERSION}", origin, private=True)
    return Place(Path(setting), f"{service}.{VERSION}", origin, private=False)


def _spawned() -> bool:
    """Tell whether this process is one that a server made with multiprocessing."""
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None and any(map(sys.modules.get, _SERVERS))


def _private() -> Path:
    memory = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    return (_IN_MEMORY if memory else Path(tempfile.gettempdir())) / f"tocsin-{os.geteuid()}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        return ""
