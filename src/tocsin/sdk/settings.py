"""What the environment says about how a service speaks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tocsin.model import DeclarationError

Format = Literal["json", "console"]

_LONGEST = 3600.0
_PORTS = 65_536
_GUESSABLE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The variables that the SDK reads, once, when a service is observed.

    Each is explained in docs/settings.md.
    """

    version: str = "unknown"
    environment: str = "development"
    level: int = logging.INFO
    format: Format = "json"
    colors: bool = False
    project: str = ""
    faults_token: str = ""
    push: str = ""
    push_timeout: float = 5.0
    metrics_port: int = 0
    metrics_token: str = ""
    drain: float = 0.0
    names: bool = True
    workers: str = "auto"
    dsn: str = ""
    traces: float = 0.1
    redacted: tuple[str, ...] = ()

    @classmethod
    def read(cls, environ: Mapping[str, str], *, terminal: bool) -> Settings:
        """Read the settings from *environ*; *terminal* tells whether people read the output.

        Raises:
            DeclarationError: a variable has a value that means nothing.

        """
        default: Format = "console" if terminal else "json"
        return cls(
            version=environ.get("SERVICE_VERSION") or environ.get("K_REVISION") or "unknown",
            environment=environ.get("TOCSIN_ENVIRONMENT") or "development",
            level=level(environ.get("LOG_LEVEL") or "INFO", "LOG_LEVEL="),
            format=_format(environ.get("LOG_FORMAT") or default),
            colors=terminal,
            project=environ.get("GOOGLE_CLOUD_PROJECT", ""),
            faults_token=_token(environ.get("TOCSIN_FAULTS", "")),
            push=environ.get("TOCSIN_PUSH", ""),
            push_timeout=_seconds(environ, "TOCSIN_PUSH_TIMEOUT", 5.0),
            metrics_port=_port(environ, "TOCSIN_METRICS_PORT"),
            metrics_token=_secret(environ, "TOCSIN_METRICS_TOKEN"),
            drain=_seconds(environ, "TOCSIN_DRAIN", 0.0),
            names=_switch(environ, "TOCSIN_REQUEST_ID"),
            workers=_workers(environ.get("TOCSIN_WORKERS") or "auto"),
            dsn=_secret(environ, "SENTRY_DSN"),
            traces=_share(environ, "SENTRY_TRACES_SAMPLE_RATE", 0.1),
            redacted=tuple(name.strip() for name in environ.get("TOCSIN_REDACT", "").split(",") if name.strip()),
        )


def level(name: str, said: str = "") -> int:
    """Return the level that has this name in the standard library; *said* is how it was given.

    Raises:
        DeclarationError: there is none.

    """
    levels = {known: getattr(logging, known) for known in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}
    if name.upper() not in levels:
        raise DeclarationError(f"{said}{name!r} is no level: set one of {', '.join(levels)}.")
    return int(levels[name.upper()])


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= _LONGEST:
        raise DeclarationError(f"{name}={text!r} is no time: set seconds, from 0 to {_LONGEST:g}.")
    return seconds


def _share(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise DeclarationError(f"{name}={text!r} is no share: set a number from 0 to 1.")
    return share


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "on"
    if text not in ("on", "off"):
        raise DeclarationError(f"{name}={text!r} means nothing: set on or off.")
    return text == "on"


def _port(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name) or "0"
    if not (text.isascii() and text.isdigit() and int(text) < _PORTS):
        raise DeclarationError(f"{name}={text!r} is no port: set a number from 1 to 65535.")
    return int(text)


def _secret(environ: Mapping[str, str], name: str) -> str:
    """Return the secret that *name* holds, or the file that its name with _FILE names."""
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name, "")
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise DeclarationError(f"{name}_FILE={path!r} cannot be read: {error}.") from error
    if not secret:
        raise DeclarationError(f"{name}_FILE={path!r} is empty: put the token there, or unset the variable.")
    return secret


def _token(text: str) -> str:
    if text and len(text) < _GUESSABLE:
        raise DeclarationError(
            f"TOCSIN_FAULTS has {len(text)} characters, so it can be guessed: set {_GUESSABLE} or more, at random."
        )
    return text


def _workers(setting: str) -> str:
    if setting not in ("auto", "off") and not setting.startswith("/"):
        raise DeclarationError(f"TOCSIN_WORKERS={setting!r} means nothing: set auto, off, or the path of a folder.")
    return setting


def _format(name: str) -> Format:
    known: dict[str, Format] = {"json": "json", "console": "console"}
    if name.lower() not in known:
        raise DeclarationError(f"LOG_FORMAT={name!r} is no form of logs: set json or console.")
    return known[name.lower()]
