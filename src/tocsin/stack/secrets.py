"""Makes the keys with which Alertmanager speaks to the inbox, new for each run."""

from __future__ import annotations

import secrets
from pathlib import Path

from tocsin.derive import Route
from tocsin.stack.inbox.journal import write_whole
from tocsin.stack.inbox.keys import TeamKeys, generate_keys, save_keys
from tocsin.stack.setup import INBOX, Setup


def write(setup: Setup) -> None:
    """Write one file for each route, and one in which the inbox finds all keys; only their owner may read them."""
    setup.secrets.mkdir(mode=0o700, exist_ok=True)
    keys = generate_keys(team.name for team in setup.plan.catalog.teams)
    for route in setup.plan.routes:
        write_whole(setup.secrets / route.secret, _secret(route, keys, setup).encode())
    save_keys(known_to_inbox(setup), keys)


def known_to_inbox(setup: Setup) -> Path:
    """Return the file in which the inbox finds all keys."""
    return setup.secrets / "inbox-keys.json"


def _secret(route: Route, keys: dict[str, TeamKeys], setup: Setup) -> str:
    match route.channel:
        case "pagerduty":
            return keys[route.team].pagerduty
        case "slack":
            return setup.url(INBOX) + keys[route.team].slack
        case "heartbeat":
            return secrets.token_hex(16)
