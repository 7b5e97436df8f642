"""The blackbox exporter, which asks the services' public URLs from outside; there is none without such a URL.

Source: blackbox exporter's README and its "CONFIGURATION.md".
"""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.bundles import images
from tocsin.bundles.kubernetes import objects
from tocsin.bundles.kubernetes.objects import Object, Part
from tocsin.derive import Plan

PART = Part(
    name="blackbox",
    image=images.BLACKBOX_EXPORTER,
    user=65_534,
    port=9115,
    alive="/-/healthy",
    ready="/-/healthy",
    cpu="20m",
    memory="64Mi",
    arguments=("--config.file=/etc/blackbox/blackbox.yml",),
    mounts={"config": "/etc/blackbox"},
)


def prober(plan: Plan, texts: Mapping[str, str]) -> list[Object]:
    """Return what asks the public URLs."""
    if "blackbox/blackbox.yml" not in texts:
        return []
    modules = {"blackbox.yml": texts["blackbox/blackbox.yml"]}
    volume = {"name": "config", "configMap": {"name": "blackbox-config"}}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": objects.select(PART.name)},
        "template": objects.pod(PART, [volume], content=objects.fingerprint(modules)),
    }
    ports = {objects.port_of(service.public_url) for service in plan.catalog.services if service.public_url}
    return [
        objects.config_map("blackbox-config", modules),
        objects.service(PART),
        objects.named("Deployment", "apps/v1", PART.name, spec=spec),
        objects.policy(
            PART,
            [{"ports": objects.tcp(PART.port)}],  # an operator's Prometheus lies in a namespace of its own
            [{"ports": objects.tcp(*sorted(ports))}],
        ),
    ]
