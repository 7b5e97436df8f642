"""What pyproject.toml says of running the services: on this machine, and in containers.

[tool.tocsin]
lock = "services/requirements.lock"          # what images are made from; requirements.lock where nothing is said

[tool.tocsin.companions.lightspeed-api]     # stands in for somebody else's application; answers /healthz
app = "services.lightspeed_api.app:app"
port = 8090

[tool.tocsin.environment.lightspeed-bigquery]
LIGHTSPEED_URL = "{lightspeed-api}"         # the address of a companion, or of a service
WAREHOUSE = "{data}/warehouse.duckdb"       # a folder that the stack keeps for this service alone
SYNC_INTERVAL = "{15s}"                     # a time in seconds, 15 here: a drill divides it by its speed
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from tocsin.model.duration import seconds
from tocsin.model.errors import TocsinError

DATA = "data"
LOCK = "requirements.lock"

_HOLE = re.compile(r"\{([a-z0-9-]+)\}")
_TIME = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """An application beside the services: where it is (`module:NAME`), and its port."""

    name: str
    app: str
    port: int


@dataclass(frozen=True, slots=True)
class Variables:
    """An application's environment, with holes in braces for addresses, for its data folder, and for times."""

    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> tuple[str, ...]:
        """The applications whose addresses are asked for."""
        found = (name for text in self.texts.values() for name in _HOLE.findall(text))
        return tuple(dict.fromkeys(name for name in found if name != DATA and not _TIME.fullmatch(name)))

    def filled(self, values: Mapping[str, str], speed: int = 1) -> dict[str, str]:
        """Return the variables with *values* in their holes, and times in seconds, divided by *speed*."""

        def fill(hole: re.Match[str]) -> str:
            return f"{seconds(hole[1]) / speed:g}" if _TIME.fullmatch(hole[1]) else values[hole[1]]

        return {key: _HOLE.sub(fill, text) for key, text in self.texts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The companions, the variables of services and companions by name, and the file that locks what they need."""

    companions: tuple[Companion, ...] = ()
    variables: Mapping[str, Variables] = field(default_factory=dict)
    lock: str = LOCK

    def of(self, name: str) -> Variables:
        """Return the variables of the application *name*."""
        return self.variables.get(name, Variables())


def read(settings: Mapping[str, object], services: tuple[str, ...]) -> Surroundings:
    """Read *settings*, the table [tool.tocsin] of the project that has these *services*.

    Raises:
        TocsinError: the table says something that cannot be meant.

    """
    companions = tuple(
        _companion(name, _table(f"companions.{name}", table))
        for name, table in _table("companions", settings.get("companions", {})).items()
    )
    known = (*services, *(companion.name for companion in companions))
    variables = {
        name: _variables(name, _table(f"environment.{name}", table), known)
        for name, table in _table("environment", settings.get("environment", {})).items()
    }
    _require_order(variables)
    lock = settings.get("lock", LOCK)
    if not isinstance(lock, str) or lock.startswith("/"):
        raise TocsinError(f"pyproject.toml: [tool.tocsin] lock is {lock!r}: name a file, relative to the project.")
    return Surroundings(companions=companions, variables=variables, lock=lock)


def _require_order(variables: Mapping[str, Variables]) -> None:
    """Refuse applications that ask for each other's address: each would start after the other."""
    try:
        TopologicalSorter({name: set(asked.named) - {name} for name, asked in variables.items()}).prepare()
    except CycleError as error:
        circle = " and ".join(dict.fromkeys(error.args[1]))
        raise TocsinError(
            f"pyproject.toml: in [tool.tocsin.environment] {circle} wait for each other: break the circle."
        ) from None


def _table(place: str, value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise TocsinError(f"pyproject.toml: [tool.tocsin] {place} is {value!r}: make it a table.")


def _companion(name: str, table: Mapping[str, object]) -> Companion:
    match table:
        case {"app": str(app), "port": int(port), **others} if not others:
            return Companion(name=name, app=app, port=port)
    raise TocsinError(
        f'pyproject.toml: [tool.tocsin.companions.{name}] needs `app = "module:NAME"` and `port = NUMBER`, and no more.'
    )


def _variables(name: str, table: Mapping[str, object], known: tuple[str, ...]) -> Variables:
    place = f"pyproject.toml: [tool.tocsin.environment.{name}]"
    if name not in known:
        raise TocsinError(f"{place} is for nobody: name one of {', '.join(known)}.")
    texts = {key: text for key, text in table.items() if isinstance(text, str)}
    if len(texts) < len(table):
        raise TocsinError(f"{place} holds a value that is no text: write it in quotes.")
    variables = Variables(texts)
    for named in variables.named:
        if named not in known:
            raise TocsinError(
                f"{place} asks for {{{named}}}: name {DATA}, a time such as 15s, or one of {', '.join(known)}."
            )
    return variables
