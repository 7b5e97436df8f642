"""Alertmanager as a part of the stack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tocsin.model import TocsinError
from tocsin.stack import tools, trial
from tocsin.stack.part import Part
from tocsin.stack.setup import ALERTMANAGER, INBOX, Setup


def part(setup: Setup) -> Part:
    """Return the part; it starts when the inbox, whom it tells, is healthy."""
    url = setup.url(ALERTMANAGER)
    return Part(
        name=ALERTMANAGER,
        command=(
            str(tools.find("alertmanager")),
            f"--config.file={_configuration(setup)}",
            f"--storage.path={setup.data(ALERTMANAGER)}",
            f"--web.listen-address={setup.address(ALERTMANAGER)}",
            f"--web.external-url={url}/",
            "--cluster.listen-address=",
            "--data.maintenance-interval=1m",  # a kill loses what was sent since
        ),
        folder=setup.folder,
        url=f"{url}/",
        ready=f"{url}/-/ready",
        after=(INBOX,),
    )


def check(setup: Setup) -> None:
    """Let amtool judge the configuration, and look for the secret files, whose absence amtool passes.

    Raises:
        TocsinError: it is refused, or a file is missing.

    """
    configuration = _configuration(setup)
    trial.require(tools.find("amtool"), "check-config", str(configuration))
    for file in _files(yaml.safe_load(configuration.read_text(encoding="utf-8"))):
        if not Path(file).is_file():
            raise TocsinError(f"Alertmanager needs the secret file {file}, which is missing: make it, or start anew.")


def _files(node: Any) -> Iterator[str]:
    match node:
        case dict():
            for key, value in node.items():
                if isinstance(value, str) and key.endswith("_file"):
                    yield value
                yield from _files(value)
        case list():
            for value in node:
                yield from _files(value)


def _configuration(setup: Setup) -> Path:
    return setup.configuration / "alertmanager" / "alertmanager.yml"
