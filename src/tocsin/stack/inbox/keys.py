"""The keys by which teams are told apart: a PagerDuty routing key and a Slack webhook each."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from tocsin.model import TocsinError
from tocsin.stack.inbox.body import BodyError, json_object
from tocsin.stack.inbox.journal import write_whole

_CAPITALS = string.ascii_uppercase + string.digits
_LETTERS = string.ascii_letters + string.digits
_ROUTING_KEY = re.compile(r"[0-9a-f]{32}")
_WEBHOOK = re.compile(r"/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class TeamKeys:
    """One team's secrets: *pagerduty*, 32 hexadecimal digits, and *slack*, a path `/services/T.../B.../...`."""

    pagerduty: str
    slack: str


class UnknownServiceError(LookupError):
    """No webhook of that team and service."""


class InvalidTokenError(LookupError):
    """A known webhook, but another token."""


def generate_keys(teams: Iterable[str]) -> dict[str, TeamKeys]:
    """Make fresh keys for *teams*."""
    workspace = "T" + _random(_CAPITALS, 10)
    return {
        team: TeamKeys(
            pagerduty=secrets.token_hex(16),
            slack=f"/services/{workspace}/B{_random(_CAPITALS, 10)}/{_random(_LETTERS, 24)}",
        )
        for team in teams
    }


def save_keys(path: Path, teams: Mapping[str, TeamKeys]) -> None:
    """Write *teams* to *path*, which only its owner may read."""
    write_whole(path, orjson.dumps({team: asdict(keys) for team, keys in teams.items()}, option=orjson.OPT_INDENT_2))


def load_keys(path: Path) -> dict[str, TeamKeys]:
    """Read what `save_keys` wrote; raises TocsinError when it cannot be used."""
    try:
        value = json_object(path.read_bytes())
    except (OSError, BodyError) as cause:
        raise TocsinError(f"The keys in {path} cannot be read ({cause}): start the stack to make them anew.") from cause
    teams: dict[str, TeamKeys] = {}
    for team, item in value.items():
        keys = item if isinstance(item, dict) else {}
        pagerduty, slack = str(keys.get("pagerduty")), str(keys.get("slack"))
        if not _ROUTING_KEY.fullmatch(pagerduty) or not _WEBHOOK.fullmatch(slack):
            raise TocsinError(
                f"The keys of {team!r} in {path} are not whole: each team needs `pagerduty`, 32 hexadecimal digits, "
                "and `slack`, a path like /services/T1/B1/token."
            )
        teams[team] = TeamKeys(pagerduty, slack)
    if len({keys.pagerduty for keys in teams.values()} | {keys.slack for keys in teams.values()}) < 2 * len(teams):
        raise TocsinError(f"Two teams in {path} share a key: give each its own.")
    return teams


class Keys:
    """Tells the team of a key; without *teams* every well-formed key is a team, named by its fingerprint."""

    def __init__(self, teams: Mapping[str, TeamKeys] | None = None) -> None:
        self._known = teams is not None
        self._pagerduty = {keys.pagerduty: team for team, keys in (teams or {}).items()}
        self._slack = {keys.slack: team for team, keys in (teams or {}).items()}
        self._services = {path.rpartition("/")[0] for path in self._slack}

    def of_routing_key(self, key: str) -> str | None:
        """Name the team of a PagerDuty routing key, None when there is none."""
        return self._pagerduty.get(key) if self._known else _fingerprint(key)

    def of_webhook(self, path: str) -> str:
        """Name the team of a Slack webhook's path; raises UnknownServiceError or InvalidTokenError."""
        if not self._known:
            if not _WEBHOOK.fullmatch(path):
                raise UnknownServiceError
            return _fingerprint(path)
        if path in self._slack:
            return self._slack[path]
        raise InvalidTokenError if path.rpartition("/")[0] in self._services else UnknownServiceError


def _fingerprint(key: str) -> str:
    return "key-" + hashlib.sha256(key.encode()).hexdigest()[:8]


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
