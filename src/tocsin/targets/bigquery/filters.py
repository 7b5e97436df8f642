"""Which log entries a sink takes: what the catalog's services say, on Cloud Run and on GKE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LOGS = ("run.googleapis.com/stdout", "run.googleapis.com/stderr", "stdout", "stderr")
"""The logs of what a container says: Cloud Run's, and GKE's."""

LONGEST = 20_000
"""Letters that a sink's filter may have."""

PLACES = {
    "cloud_run_revision": "service_name",
    "cloud_run_job": "job_name",
    "k8s_container": "container_name",
}
"""The kinds of resources that say something, each with the label that is the service's name."""


def sinks(services: Iterable[str]) -> dict[str, str]:
    """Return the filter of each sink by its name: one, or more where the names are too many for one filter."""
    shares = list(_shares(services))
    return {f"tocsin-logs-{number}" if number else "tocsin-logs": _filter(each) for number, each in enumerate(shares)}


def _shares(services: Iterable[str]) -> Iterator[list[str]]:
    share: list[str] = []
    for service in services:
        if share and len(_filter([*share, service])) > LONGEST:
            yield share
            share = []
        share.append(service)
    yield share


def _filter(services: list[str]) -> str:
    names = " OR ".join(f'"{service}"' for service in services)
    logs = " OR ".join(f'log_id("{log}")' for log in LOGS)
    places = "\nOR ".join(
        f'(resource.type="{kind}" AND resource.labels.{label}=({names}))' for kind, label in PLACES.items()
    )
    return f"({logs})\nAND ({places})"
