"""What the tests of shipping share: lines that are told apart, the shipper as a process, and what a store holds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from tocsin.logs import rows
from tocsin.logs.layout import readable

SHIP = (str(Path(sys.executable).with_name("tocsin")), "logs", "ship")


def line(number: int, **more: Any) -> str:
    """Return the SDK's line of a message that is *number*."""
    said = {
        "severity": "INFO",
        "serviceContext": {"service": "shop", "version": "1"},
        "time": f"2026-11-{24 + number % 2}T10:00:00.{number % 1_000_000:06}Z",
        "message": str(number),
        "fields": {"n": number},
    }
    return json.dumps(said | more, separators=(",", ":")) + "\n"


def numbered(numbers: Iterable[int]) -> str:
    return "".join(map(line, numbers))


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*SHIP, *map(str, arguments)], stderr=subprocess.PIPE, **options)


def messages(store: Path) -> list[str]:
    """Return every message in the store, as one who asks would see them, in order."""
    query = f"SELECT message FROM ({rows.of(readable(store))})"  # noqa: S608 - paths of the test
    return [message for (message,) in duckdb.connect().execute(query).fetchall()]


def held(store: Path) -> list[int]:
    return sorted(int(message) for message in messages(store))
