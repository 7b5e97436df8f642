"""The Compose project: who runs in which container, and what each sees of the others and shows to this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.bundles.compose.dockerfile import USER, probe
from tocsin.bundles.images import ALERTMANAGER, GRAFANA, PROMETHEUS
from tocsin.derive import Plan
from tocsin.model import Service, TocsinError
from tocsin.model.surroundings import DATA, Companion, Surroundings
from tocsin.targets import Site

_INBOX = "http://inbox:9095"
SITE = Site(
    pagerduty_url=f"{_INBOX}/v2/enqueue",
    heartbeat=f"{_INBOX}/heartbeat/watchdog",
    blackbox="",  # a laptop is not the public
    runbooks="http://127.0.0.1:9095/runbooks",  # people read them in a browser of this machine
)

_Part = dict[str, Any]

_HARDENED: _Part = {
    "restart": "unless-stopped",
    "read_only": True,
    "tmpfs": ["/tmp"],  # noqa: S108 - a folder of the container alone, in memory
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}
_APPLICATIONS, _ALARMS = "applications", "alarms"
_PATIENCE = {"interval": "5s", "timeout": "4s", "retries": 3, "start_period": "60s"}


def project(plan: Plan, around: Surroundings) -> dict[str, object]:
    """Return compose.yaml.

    Raises:
        TocsinError: a service has the name of another part.

    """
    applications = _applications(plan, around)
    stack = {
        "prometheus": _prometheus(plan),
        "alertmanager": _alertmanager(),
        "inbox": _inbox(around),
        "bugsink": _bugsink(plan, around),
        "grafana": _grafana(),
        "traffic": _traffic(plan, around),
    }
    if taken := applications.keys() & stack.keys():
        raise TocsinError(
            f"A service is called {min(taken)}, as a part of monitoring/compose.yaml is: name it otherwise."
        )
    parts = {**applications, **stack}
    return {
        "name": "tocsin",
        "services": {name: _stripped({**part, **_HARDENED}) for name, part in parts.items()},
        "networks": {_APPLICATIONS: {}, _ALARMS: {}},
        "volumes": {name: {} for name in _volumes(parts)},
    }


def _stripped(part: _Part) -> _Part:
    return {key: value for key, value in part.items() if value}


def _volumes(parts: Mapping[str, _Part]) -> list[str]:
    """Return the names of the volumes that parts mount; what begins with a dot is a folder beside the file."""
    mounts = [mount for part in parts.values() for mount in part.get("volumes", ())]
    return list(dict.fromkeys(mount.partition(":")[0] for mount in mounts if not mount.startswith(".")))


def _hosted(plan: Plan) -> list[Service]:
    return [service for service in plan.catalog.services if service.app]


def _applications(plan: Plan, around: Surroundings) -> dict[str, _Part]:
    """Return the companions, and the services that name their application."""
    hosted = _hosted(plan)
    urls = {
        **{each.name: f"http://{each.name}:{each.port}" for each in around.companions},
        **{each.name: f"http://{each.name}:{each.port}" for each in hosted},
    }
    companions = {each.name: _application(each, "/healthz", around, urls) for each in around.companions}
    return {**companions, **{each.name: _service(each, around, urls) for each in hosted}}


def _application(application: Service | Companion, ready: str, around: Surroundings, urls: Mapping[str, str]) -> _Part:
    name, variables = application.name, around.of(application.name)
    keeps = any(f"{{{DATA}}}" in text for text in variables.texts.values())
    return {
        "build": _build("service", around, APP=application.app, PORT=str(application.port), READY=ready),
        "image": f"tocsin/{name}:local",
        "environment": variables.filled({**urls, DATA: "/data"}),
        "volumes": [f"{name}-data:/data"] if keeps else [],
        "networks": [_APPLICATIONS],
        "ports": _published(application.port),
        "depends_on": _after(*(other for other in variables.named if other != name)),
    }


def _service(service: Service, around: Surroundings, urls: Mapping[str, str]) -> _Part:
    """Return a service, which is told where its errors go; Bugsink takes no transactions."""
    part = _application(service, "/readyz", around, urls)
    told = {"SENTRY_DSN_FILE": f"/dsn/{service.name}", "SENTRY_TRACES_SAMPLE_RATE": "0"}
    return {
        **part,
        "environment": {**part["environment"], **told},
        "volumes": [*part["volumes"], "dsn:/dsn:ro"],
        "depends_on": {**part["depends_on"], **_after("bugsink")},
    }


def _prometheus(plan: Plan) -> _Part:
    return {
        "image": PROMETHEUS,
        "command": [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=15d",
            "--web.external-url=http://127.0.0.1:9090/",
            "--enable-feature=exemplar-storage",
            "--rules.alert.for-grace-period=1m",
        ],
        "volumes": ["./compose/prometheus:/etc/prometheus:ro", "prometheus-data:/prometheus"],
        "networks": [_APPLICATIONS, _ALARMS],
        "ports": _published(9090),
        "healthcheck": _fetched("http://127.0.0.1:9090/-/ready"),
        "depends_on": _after("alertmanager", *(service.name for service in _hosted(plan))),
    }


def _alertmanager() -> _Part:
    return {
        "image": ALERTMANAGER,
        "command": [
            "--config.file=/etc/alertmanager/alertmanager.yml",
            "--storage.path=/alertmanager",
            "--web.external-url=http://127.0.0.1:9093/",
            "--cluster.listen-address=",
            "--data.maintenance-interval=1m",
        ],
        "group_add": [str(USER)],
        "volumes": [
            "./compose/alertmanager/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro",
            "keys:/etc/alertmanager/secrets:ro",
            "alertmanager-data:/alertmanager",
        ],
        "networks": [_ALARMS],
        "ports": _published(9093),
        "healthcheck": _fetched("http://127.0.0.1:9093/-/ready"),
        "depends_on": _after("inbox"),
    }


def _inbox(around: Surroundings) -> _Part:
    return {
        **_tool(around),
        "command": ["python", "-m", "tocsin.stack.contained", "inbox", "9095", "/data", "/keys", "/runbooks"],
        "volumes": ["inbox-data:/data", "keys:/keys", "./runbooks:/runbooks:ro"],
        "networks": [_ALARMS],
        "ports": _published(9095),
        "healthcheck": _tested("python", "-c", probe("http://127.0.0.1:9095/healthz")),
    }


def _bugsink(plan: Plan, around: Surroundings) -> _Part:
    return {
        "build": _build("bugsink", around),
        "image": "tocsin/bugsink:local",
        "command": [service.name for service in _hosted(plan)],
        "environment": {"BUGSINK_URL": "http://bugsink:9096"},
        "volumes": ["bugsink-data:/data", "dsn:/data/dsn"],
        "networks": [_APPLICATIONS],
        "ports": _published(9096),
    }


def _grafana() -> _Part:
    return {
        "image": GRAFANA,
        "environment": {
            "GF_SERVER_ROOT_URL": "http://127.0.0.1:3000/",
            "GF_AUTH_ANONYMOUS_ENABLED": "true",
            "GF_AUTH_DISABLE_LOGIN_FORM": "true",
            "GF_AUTH_BASIC_ENABLED": "false",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        },
        "volumes": [
            "./grafana/provisioning:/etc/grafana/provisioning:ro",
            "./grafana/dashboards:/etc/grafana/dashboards:ro",
            "grafana-data:/var/lib/grafana",
        ],
        "networks": [_ALARMS],
        "ports": _published(3000),
        "healthcheck": _fetched("http://127.0.0.1:3000/api/health"),
        "depends_on": _after("prometheus"),
    }


def _traffic(plan: Plan, around: Surroundings) -> _Part:
    visited = _hosted(plan)
    return {
        **_tool(around),
        "command": [
            *("python", "-m", "tocsin.stack.traffic"),
            *(f"--address={service.name}=http://{service.name}:{service.port}" for service in visited),
        ],
        "networks": [_APPLICATIONS],
        "depends_on": _after(*(service.name for service in visited)),
    }


def _tool(around: Surroundings) -> _Part:
    return {"build": _build("tocsin", around), "image": "tocsin/tocsin:local"}


def _build(target: str, around: Surroundings, **arguments: str) -> _Part:
    return {
        "context": "..",
        "dockerfile": "monitoring/compose/Dockerfile",
        "target": target,
        "args": {"LOCK": around.lock, **arguments},
    }


def _published(port: int) -> list[str]:
    """Publish a port to this machine alone."""
    return [f"127.0.0.1:{port}:{port}"]


def _fetched(url: str) -> _Part:
    return _tested("wget", "-q", "-O", "/dev/null", url)


def _tested(*command: str) -> _Part:
    return {"test": ["CMD", *command], **_PATIENCE}


def _after(*names: str) -> dict[str, object]:
    return {name: {"condition": "service_healthy"} for name in names}
