"""The catalog: all services, and the teams that answer for them."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model.duration import milliseconds
from tocsin.model.errors import DeclarationError
from tocsin.model.hours import Hours
from tocsin.model.naming import require_host
from tocsin.model.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team: the Slack channel it reads; its PagerDuty key and Slack URL lie in files named after it."""

    name: str
    slack: str

    def __post_init__(self) -> None:
        require_host(self.name, "team")
        if not self.slack.startswith(("#", "@")):
            raise DeclarationError(f"The team {self.name!r}: its Slack channel {self.slack!r} must start with # or @.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything that is watched.

    *runbooks* is the address below which runbook pages are served; *heartbeat* is the address of a dead man's switch,
    which raises the alarm when the Watchdog's beats stop coming.
    """

    services: tuple[Service, ...]
    teams: tuple[Team, ...]
    runbooks: str
    heartbeat: str
    scrape_interval: str = "15s"
    evaluation_interval: str = "15s"

    def __post_init__(self) -> None:
        teams = [team.name for team in self.teams]
        _once("team", [(name, "the catalog") for name in teams])
        _once("service", [(service.name, "the catalog") for service in self.services])
        _once("port", [(str(service.port), service.name) for service in self.services])
        _once("metric", [(name, s.name) for s in self.services for signal in s.signals for name in signal.series_names])
        _once("alert", [(alert.name, s.name) for s in self.services for alert in s.alerts])
        _once("hours", [(hours.name, "the catalog") for hours in self.hours])
        for service in self.services:
            if service.team not in teams:
                raise DeclarationError(
                    f"{service.name} belongs to the team {service.team!r}, which the catalog does not know: "
                    f"add it to `teams`, or use one of {', '.join(teams)}."
                )
        for interval in (self.scrape_interval, self.evaluation_interval):
            milliseconds(interval)

    @property
    def hours(self) -> tuple[Hours, ...]:
        """The opening hours that any alert keeps, each once."""
        found: list[Hours] = []
        for alert in (alert for service in self.services for alert in service.alerts):
            if alert.during is not None and alert.during not in found:
                found.append(alert.during)
        return tuple(found)


def _once(what: str, declared: list[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for name, owner in declared:
        if name in seen:
            raise DeclarationError(
                f"The {what} {name!r} is declared by {seen[name]} and again by {owner}: rename or remove one."
            )
        seen[name] = owner
