"""Runs the inbox: `python -m tocsin.stack.inbox --port 9099 --folder DIR`."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from tocsin.model import TocsinError
from tocsin.stack.inbox.app import build_app
from tocsin.stack.inbox.doors import PAGERDUTY_PER_MINUTE, SLACK_PER_MINUTE, Doors
from tocsin.stack.inbox.heartbeats import Heartbeats
from tocsin.stack.inbox.journal import Journal
from tocsin.stack.inbox.keys import Keys, load_keys
from tocsin.stack.inbox.ledger import Ledger
from tocsin.stack.inbox.runbooks import Runbooks

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a container is reached from without; what is published, Compose says


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ledger: Ledger) -> None:
        super().__init__(config)
        self._ledger = ledger

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ledger.close()
        await super().shutdown(sockets)


def main() -> int:
    """Run until told to stop; 2 when it cannot start."""
    given = _arguments()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        _serve(given)
    except TocsinError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _serve(given: argparse.Namespace) -> None:
    keys = Keys(load_keys(given.keys) if given.keys else None)
    journal = Journal(given.folder)
    ledger = Ledger(journal)
    if journal.unreadable:
        sys.stderr.write(f"{journal.unreadable} lines of {journal.path} cannot be read and are passed over.\n")
    heartbeats = Heartbeats(given.folder)
    doors = Doors(ledger, heartbeats, keys, pagerduty_limit=given.pagerduty_limit, slack_limit=given.slack_limit)
    app = build_app(ledger, heartbeats, doors, Runbooks(given.runbooks), given.name)
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="none", server_header=False)
    with _listen(EVERYWHERE if given.name else HOST, given.port) as listening:
        sys.stdout.write(f"The inbox is at http://{HOST}:{listening.getsockname()[1]}/\n")
        sys.stdout.flush()
        _Server(config, ledger).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as cause:
        listening.close()
        raise TocsinError(
            f"The inbox cannot listen on port {port} ({cause.strerror}): stop what uses it, or choose another --port."
        ) from cause
    return listening


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tocsin.stack.inbox", description="Answers as PagerDuty and Slack.")
    parser.add_argument("--port", type=_port, required=True, help=f"where to listen on {HOST}; 0 takes a free port")
    parser.add_argument("--name", default="", help="another name by which it is reached, from other machines too")
    parser.add_argument("--folder", type=Path, required=True, help="where to keep what arrives")
    parser.add_argument("--keys", type=Path, help="the teams' keys; without it any well-formed key is taken")
    parser.add_argument("--runbooks", type=Path, metavar="FOLDER", help="a folder of pages for each service")
    parser.add_argument("--pagerduty-limit", type=_positive, default=PAGERDUTY_PER_MINUTE, metavar="PER_MINUTE")
    parser.add_argument("--slack-limit", type=_positive, default=SLACK_PER_MINUTE, metavar="PER_MINUTE")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:  # noqa: PLR2004 - the range of a TCP port
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no limit: give a whole number above 0")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
