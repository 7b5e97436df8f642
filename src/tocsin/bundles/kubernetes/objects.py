"""The objects of Kubernetes that every part of the stack needs, each under the "restricted" Pod Security Standard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tocsin.bundles.kubernetes.cluster import MONITORING
from tocsin.targets.text import NOTICE, to_yaml

Object = dict[str, Any]

ROOM = 200_000
"""Bytes of JSON to which a ConfigMap is filled. The API takes 1 MiB, but `kubectl apply` keeps the whole object in an
annotation too, and all annotations have 256 KiB (apimachinery's TotalAnnotationSizeLimitB)."""

DNS = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program of the stack: one container that runs as *user*, asked on *port*, and alive and ready by two paths.

    *mounts* maps a volume to its folder; *slow* is how many times 10 s it may take to start.
    """

    name: str
    image: str
    user: int
    port: int
    alive: str
    ready: str
    cpu: str
    memory: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str]
    slow: int = 12


def spell(objects: Sequence[Object], *words: str) -> str:
    """Spell *objects* with the namespace before them, and *words* to the reader on top."""
    body = to_yaml(_namespace(), *objects).removeprefix(NOTICE)
    return NOTICE + "".join(f"# {word}\n" for word in words) + body


def named(kind: str, api: str, name: str, **rest: object) -> Object:
    """Return an object of the stack's namespace."""
    return {"apiVersion": api, "kind": kind, "metadata": _metadata(name, name), **rest}


def config_map(name: str, data: Mapping[str, str]) -> Object:
    """Return a ConfigMap that says in an annotation by what it differs from another of its name."""
    metadata = {**_metadata(name, name), "annotations": {"tocsin/content": fingerprint(data)}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}


def fingerprint(texts: Mapping[str, str]) -> str:
    """Return a short hash of *texts*, by which a pod that cannot reload them is replaced."""
    return hashlib.sha256(json.dumps(dict(texts), sort_keys=True).encode()).hexdigest()[:16]


def filled(texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield *texts* in the order of their names, as many together as one ConfigMap has room for."""
    together: dict[str, str] = {}
    for name, text in sorted(texts.items()):
        if together and len(json.dumps({**together, name: text}).encode()) > ROOM:
            yield together
            together = {}
        together[name] = text
    if together:
        yield together


def config_maps(name: str, texts: Mapping[str, str]) -> list[Object]:
    """Return the numbered ConfigMaps that hold *texts*."""
    return [config_map(f"{name}-{number}", data) for number, data in enumerate(filled(texts))]


def projected(name: str, maps: Sequence[Object], *needed: str) -> Object:
    """Return a volume of the files of *maps*, which may be applied later, and of ConfigMaps that are *needed*."""
    sources = [
        *({"configMap": {"name": each}} for each in needed),
        *({"configMap": {"name": each["metadata"]["name"], "optional": True}} for each in maps),
    ]
    return {"name": name, "projected": {"sources": sources}}


def pod(part: Part, volumes: Sequence[Object], *, content: str = "", account: str = "", **rest: object) -> Object:
    """Return the template of a pod; it is replaced when *content* changes, and has a token only with an *account*."""
    annotations = {"annotations": {"tocsin/content": content}} if content else {}
    who = {"serviceAccountName": account} if account else {}
    return {
        "metadata": {"labels": labels(part.name), **annotations},
        "spec": {
            **who,
            "automountServiceAccountToken": bool(account),
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": part.user,
                "runAsGroup": part.user,
                "fsGroup": part.user,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_container(part)],
            "volumes": list(volumes),
            **rest,
        },
    }


def service(part: Part, *, headless: bool = False, **ports: int) -> Object:
    """Return the Service of a part; without a head each pod has a name of its own, before it is ready too."""
    head = {"clusterIP": "None", "publishNotReadyAddresses": True} if headless else {}
    listed = [{"name": name, "port": port, "targetPort": port} for name, port in {"http": part.port, **ports}.items()]
    return named("Service", "v1", part.name, spec={**head, "selector": select(part.name), "ports": listed})


def policy(part: Part, ingress: Sequence[Object], egress: Sequence[Object]) -> Object:
    """Return who may speak with a part, and with whom it may speak, names being asked in any case."""
    spec = {
        "podSelector": {"matchLabels": select(part.name)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": list(ingress),
        "egress": [DNS, *egress],
    }
    return named("NetworkPolicy", "networking.k8s.io/v1", part.name, spec=spec)


def peer(name: str) -> Object:
    """Return the pods of a part, as a policy names them."""
    return {"podSelector": {"matchLabels": select(name)}}


def tcp(*ports: int) -> list[Object]:
    """Return ports, as a policy names them."""
    return [{"port": port, "protocol": "TCP"} for port in ports]


def port_of(url: str) -> int:
    """Return the port that a URL means."""
    parts = urlsplit(url)
    return parts.port or (80 if parts.scheme == "http" else 443)


def claim(name: str, size: str) -> Object:
    """Return the volume that each pod of a StatefulSet keeps."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def select(name: str) -> dict[str, str]:
    """Return the labels that select a part's pods, which never change."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "tocsin"}


def labels(name: str) -> dict[str, str]:
    """Return the labels of what belongs to a part."""
    return {**select(name), "app.kubernetes.io/managed-by": "tocsin"}


def _namespace() -> Object:
    enforced = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": MONITORING, "labels": enforced}}


def _metadata(name: str, part: str) -> Object:
    return {"name": name, "namespace": MONITORING, "labels": labels(part)}


def _container(part: Part) -> Object:
    environment = [{"name": name, "value": value} for name, value in part.environment.items()]
    return {
        "name": part.name,
        "image": part.image,
        **({"args": list(part.arguments)} if part.arguments else {}),
        **({"env": environment} if environment else {}),
        "ports": [{"name": "http", "containerPort": part.port}],
        "startupProbe": {**_probe(part.ready), "periodSeconds": 10, "failureThreshold": part.slow},
        "readinessProbe": {**_probe(part.ready), "periodSeconds": 5, "timeoutSeconds": 3},
        "livenessProbe": {**_probe(part.alive), "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
        "resources": {"requests": {"cpu": part.cpu, "memory": part.memory}, "limits": {"memory": part.memory}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": name, "mountPath": folder} for name, folder in part.mounts.items()],
    }


def _probe(path: str) -> Object:
    return {"httpGet": {"path": path, "port": "http"}}
