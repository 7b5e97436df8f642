"""Compose: the whole on one machine with Docker, Grafana too; and the Dockerfile of every image that is made for it.

The inbox stands in for PagerDuty and Slack: it makes the keys that Alertmanager reads, as files of a volume, and serves
the runbooks. Bugsink makes the projects of the services, and tells each in a file where its errors go.

Sources: the Compose specification ("services", "volumes", "networks"); Docker's documentation, "Dockerfile reference",
"Building best practices" and "Volumes" (an empty one takes the content and owner of the folder that it covers);
Grafana's documentation, "Configure a Grafana Docker image"; Prometheus's and Alertmanager's own images, which run as
nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.bundles.compose import dockerfile
from tocsin.bundles.compose.project import SITE, project
from tocsin.bundles.spelled import Spelled
from tocsin.derive import Plan
from tocsin.model.surroundings import Surroundings
from tocsin.targets import Artifact
from tocsin.targets.text import to_yaml

_COPIED = ("alertmanager/", "prometheus/")
"""What differs from production: where alerts go, and where runbooks are."""


def pack(plan: Plan, spelled: Spelled, around: Surroundings) -> Iterator[Artifact]:
    """Yield compose.yaml, the Dockerfile with what is kept out of images, and what is mounted."""
    yield Artifact("compose.yaml", to_yaml(project(plan, around)))
    yield Artifact("compose/Dockerfile", dockerfile.TEXT)
    yield Artifact("compose/Dockerfile.dockerignore", dockerfile.IGNORED)
    for path, text in spelled(SITE).items():
        if path.startswith(_COPIED):
            yield Artifact(f"compose/{path}", text)
