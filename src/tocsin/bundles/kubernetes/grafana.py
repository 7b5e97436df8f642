"""Grafana: it finds Prometheus and the boards by files, and keeps nothing that could be lost.

It reads changed boards by itself; for a changed data source its pod is replaced.

Sources: Grafana's documentation, "Configure Grafana" (variables that end in __FILE, plugins.preinstall_disabled) and
"Provision Grafana".
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from tocsin.bundles import images
from tocsin.bundles.kubernetes import objects
from tocsin.bundles.kubernetes.cluster import MONITORING
from tocsin.bundles.kubernetes.objects import Object, Part

SECRET = "grafana-admin"  # noqa: S105 - the name of a Secret

_BOARDS = "grafana/dashboards/"
_PROVISIONING = "grafana/provisioning/"


def stack(texts: Mapping[str, str]) -> str:
    """Return all of Grafana but its administrator's password, which is named on top."""
    boards = _boards(texts)
    part = _part(boards)
    ways = _ways(texts)
    return objects.spell(
        [
            *ways.values(),
            *(each for maps in boards.values() for each in maps),
            objects.service(part),
            _deployment(part, ways, boards),
            objects.policy(
                part,
                [{"from": [{"namespaceSelector": {}}], "ports": objects.tcp(part.port)}],
                [{"to": [objects.peer("prometheus")], "ports": objects.tcp(9090)}],
            ),
        ],
        f"Pods wait for the Secret {SECRET!r} in the namespace {MONITORING!r}, which nothing here writes. Its keys:",
        "- user",
        "- password",
    )


def _boards(texts: Mapping[str, str]) -> dict[str, list[Object]]:
    folders: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        if path.startswith(_BOARDS):
            folder, name = path.removeprefix(_BOARDS).split("/")
            folders.setdefault(folder, {})[name] = json.dumps(json.loads(text), separators=(",", ":"))
    return {folder: objects.config_maps(f"grafana-{folder}", boards) for folder, boards in sorted(folders.items())}


def _ways(texts: Mapping[str, str]) -> dict[str, Object]:
    """Return how it finds what: a ConfigMap for each folder of provisioning."""
    found: dict[str, Object] = {}
    for path, text in texts.items():
        if path.startswith(_PROVISIONING):
            folder, name = path.removeprefix(_PROVISIONING).split("/")
            found[folder] = objects.config_map(f"grafana-provisioning-{folder}", {name: text})
    return found


def _part(boards: Mapping[str, list[Object]]) -> Part:
    return Part(
        name="grafana",
        image=images.GRAFANA,
        user=472,
        port=3000,
        alive="/api/health",
        ready="/api/health",
        cpu="100m",
        memory="512Mi",
        environment={
            "GF_SECURITY_ADMIN_USER__FILE": "/etc/grafana/secrets/user",
            "GF_SECURITY_ADMIN_PASSWORD__FILE": "/etc/grafana/secrets/password",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        },
        mounts={
            "provisioning-dashboards": "/etc/grafana/provisioning/dashboards",
            "provisioning-datasources": "/etc/grafana/provisioning/datasources",
            **{folder: f"/etc/grafana/dashboards/{folder}" for folder in boards},
            "secrets": "/etc/grafana/secrets",
            "data": "/var/lib/grafana",
            "temporary": "/tmp",  # noqa: S108 - a volume of the pod's own
        },
    )


def _deployment(part: Part, ways: Mapping[str, Object], boards: Mapping[str, list[Object]]) -> Object:
    volumes: list[Object] = [
        *(
            {"name": f"provisioning-{folder}", "configMap": {"name": each["metadata"]["name"]}}
            for folder, each in ways.items()
        ),
        *(objects.projected(folder, maps) for folder, maps in boards.items()),
        {"name": "secrets", "secret": {"secretName": SECRET, "defaultMode": 0o440}},
        {"name": "data", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "temporary", "emptyDir": {"sizeLimit": "100Mi"}},
    ]
    read_once = {folder: objects.fingerprint(each["data"]) for folder, each in ways.items()}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": objects.select(part.name)},
        "template": objects.pod(part, volumes, content=objects.fingerprint(read_once)),
    }
    return objects.named("Deployment", "apps/v1", part.name, spec=spec)
