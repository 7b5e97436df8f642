"""Prepares Bugsink and becomes its server, in its own environment: `python serve.py HOST:PORT SERVICE...`.

Whatever is there already stays, so that addresses, tokens and events outlive a restart.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import django
from django.core.management import call_command

NAME = "tocsin"
"""The person, the team, and what the token is for."""


def main(address: str, services: list[str]) -> None:
    """Make what is missing, and serve until told to stop."""
    folder = Path(os.environ["BUGSINK_FOLDER"])
    os.umask(0o077)
    if not (folder / "secret-key").exists():
        _write(folder / "secret-key", secrets.token_hex(32))
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0, database="snappea")
    _provide(folder, services)
    python = sys.executable
    os.execv(python, [python, "-m", "gunicorn", *_options(address), "bugsink.wsgi"])  # noqa: S606 - no shell is wanted


def _provide(folder: Path, services: list[str]) -> None:
    """Make a project for each service, write where each sends its errors, and with what the API can be read."""
    # Bugsink's models can be imported once Django is set up.
    from bsmain.models import AuthToken  # noqa: PLC0415
    from projects.models import Project  # noqa: PLC0415
    from teams.models import Team  # noqa: PLC0415
    from users.models import User  # noqa: PLC0415

    team, _ = Team.objects.get_or_create(name=NAME)
    (folder / "dsn").mkdir(exist_ok=True)
    for service in services:
        project, _ = Project.objects.get_or_create(name=service, defaults={"team": team})
        _write(folder / "dsn" / service, project.dsn)
    if not User.objects.filter(username=NAME).exists():
        password = secrets.token_urlsafe(16)
        User.objects.create_superuser(username=NAME, password=password)
        _write(folder / "password", password)
    reading = {"issues_read": True, "events_read": True, "projects_read": True, "releases_read": True}
    token, _ = AuthToken.objects.get_or_create(description=NAME, defaults=reading)
    _write(folder / "token", token.token)


def _options(address: str) -> tuple[str, ...]:
    return (f"--bind={address}", "--workers=1", "--threads=4", "--graceful-timeout=3", "--no-control-socket")


def _write(path: Path, text: str) -> None:
    """Write *text* as a whole, for its owner alone."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
