"""Makes the keys with which Alertmanager speaks to the inbox, new for each run."""

from __future__ import annotations

import secrets
from pathlib import Path

from tocsin.derive import Plan, Route
from tocsin.stack.inbox.journal import write_whole
from tocsin.stack.inbox.keys import TeamKeys, generate_keys, save_keys
from tocsin.stack.setup import INBOX, Setup


def write(setup: Setup) -> None:
    """Write the keys of a stack on this machine; only their owner may read them."""
    setup.secrets.mkdir(mode=0o700, exist_ok=True)
    save_keys(known_to_inbox(setup), write_routes(setup.plan, setup.secrets, setup.url(INBOX)))


def write_routes(plan: Plan, folder: Path, inbox: str) -> dict[str, TeamKeys]:
    """Write one file for each route into *folder*, for the inbox at a URL, and return the keys that are in them."""
    keys = generate_keys(team.name for team in plan.catalog.teams)
    for route in plan.routes:
        write_whole(folder / route.secret, _secret(route, keys, inbox).encode())
    return keys


def known_to_inbox(setup: Setup) -> Path:
    """Return the file in which the inbox finds all keys."""
    return setup.secrets / "inbox-keys.json"


def _secret(route: Route, keys: dict[str, TeamKeys], inbox: str) -> str:
    match route.channel:
        case "pagerduty":
            return keys[route.team].pagerduty
        case "slack":
            return inbox + keys[route.team].slack
        case "heartbeat":
            return secrets.token_hex(16)
