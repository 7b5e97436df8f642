"""What the environment says about how a service speaks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tocsin.model import DeclarationError

Format = Literal["json", "console"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The variables that the SDK reads, once, when a service is observed.

    Variables: SERVICE_VERSION, TOCSIN_ENVIRONMENT, LOG_LEVEL, LOG_FORMAT (json or console; by default console on a
    terminal), GOOGLE_CLOUD_PROJECT (makes trace ids links in Cloud Logging) and TOCSIN_FAULTS (see tocsin.sdk.faults).
    """

    version: str = "unknown"
    environment: str = "development"
    level: int = logging.INFO
    format: Format = "json"
    colors: bool = False
    project: str = ""
    faults_token: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str], *, terminal: bool) -> Settings:
        """Read the settings from *environ*; *terminal* tells whether people read the output.

        Raises:
            DeclarationError: a variable has a value that means nothing.

        """
        default: Format = "console" if terminal else "json"
        return cls(
            version=environ.get("SERVICE_VERSION") or "unknown",
            environment=environ.get("TOCSIN_ENVIRONMENT") or "development",
            level=_level(environ.get("LOG_LEVEL") or "INFO"),
            format=_format(environ.get("LOG_FORMAT") or default),
            colors=terminal,
            project=environ.get("GOOGLE_CLOUD_PROJECT", ""),
            faults_token=environ.get("TOCSIN_FAULTS", ""),
        )


def _level(name: str) -> int:
    levels = {known: getattr(logging, known) for known in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}
    if name.upper() not in levels:
        raise DeclarationError(f"LOG_LEVEL={name!r} is no level: set one of {', '.join(levels)}.")
    return int(levels[name.upper()])


def _format(name: str) -> Format:
    known: dict[str, Format] = {"json": "json", "console": "console"}
    if name.lower() not in known:
        raise DeclarationError(f"LOG_FORMAT={name!r} is no form of logs: set json or console.")
    return known[name.lower()]
