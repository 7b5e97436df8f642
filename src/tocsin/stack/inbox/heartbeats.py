"""Heartbeats: alerts that always fire, so that their silence tells that the alarm itself is broken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tocsin.stack.inbox.journal import write_whole
from tocsin.stack.inbox.records import Heartbeat

MAX_NAMES = 64

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class Heartbeats:
    """The last beat of each name, kept in `heartbeats.json` in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "heartbeats.json"
        self._beats: dict[str, Heartbeat] = {}
        try:
            self._beats = {item["name"]: Heartbeat(**item) for item in orjson.loads(self._path.read_bytes())}
        except (OSError, TypeError, KeyError, orjson.JSONDecodeError):
            self._beats = {}

    def __iter__(self) -> Any:
        return iter(sorted(self._beats.values(), key=lambda beat: beat.name))

    def refusal(self, name: str, notification: Mapping[str, Any]) -> str:
        """Say why *notification* is no beat of *name*; empty when it is one.

        Source: Prometheus's documentation, "Alerting: configuration", webhook_config.
        """
        if not _NAME.fullmatch(name):
            return "A heartbeat's name is up to 63 letters, digits, dots, hyphens and underscores."
        if name not in self._beats and len(self._beats) >= MAX_NAMES:
            return f"The inbox follows {MAX_NAMES} heartbeats and no more."
        if notification.get("version") != "4" or not isinstance(notification.get("alerts"), list):
            return "A heartbeat is Alertmanager's webhook notification, version 4, with its alerts."
        if notification.get("status") not in ("firing", "resolved"):
            return "The status of a heartbeat is firing or resolved."
        return ""

    def beat(self, name: str, notification: Mapping[str, Any], at: float) -> Heartbeat:
        """Remember a beat; a resolved one changes the status alone. Raises OSError when the disk refuses it."""
        status, receiver = str(notification["status"]), notification.get("receiver")
        last = self._beats.get(name)
        beats = last.beats if last else 0
        beat = Heartbeat(
            name=name,
            at=at if status == "firing" or last is None else last.at,
            every=at - last.at if last and status == "firing" else last.every if last else None,
            beats=beats + (status == "firing"),
            status=status,
            receiver=receiver if isinstance(receiver, str) else "",
        )
        self._beats[name] = beat
        write_whole(self._path, orjson.dumps([asdict(item) for item in self]))
        return beat
