"""Remote write: what is added to prometheus.yml so that what it scrapes and records is kept elsewhere too.

Each file is a fragment with the one key `remote_write`: appended to prometheus.yml, it makes one configuration. Keys
and tokens lie in files. Words in capitals are the reader's own.

The queue is Prometheus 3's own, spelled out so that an older one, which sends 500 samples at once, keeps to it too.
Where another is named, it is the receiver's: VictoriaMetrics's is for from 200,000 samples a second, Google's backend
takes at most 200 series in a request.

Sources: Prometheus's documentation, "Configuration" (remote_write) and "Remote write tuning" (capacity is 3 to 10 times
what is sent at once); Mimir's, "HTTP API" (/api/v1/push, X-Scope-OrgID); Thanos's, "Receiver" (its default port 19291,
/api/v1/receive, THANOS-TENANT); VictoriaMetrics's, "Prometheus"; Grafana Cloud's, "Configure remote_write with a
Prometheus ConfigMap"; Cloud Monitoring's, "Quotas and limits" (200 time series a request). Google documents no address
for remote write: this is that of its own conformance tests of Prometheus, at the host of production.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin.derive import Plan
from tocsin.targets.artifact import Artifact
from tocsin.targets.site import Site
from tocsin.targets.text import to_yaml

SECRETS = "/etc/prometheus/secrets"
"""The folder of the files that hold keys and tokens."""

QUEUE = {"max_samples_per_send": 2_000, "capacity": 10_000, "max_shards": 50}
"""Prometheus 3's own."""

LIMITED = {**QUEUE, "retry_on_http_429": True}
"""The same for a receiver that limits rates: asked again, where Prometheus would drop what was refused."""

RECEIVERS: Mapping[str, Mapping[str, object]] = {
    "mimir": {
        "url": "http://mimir:8080/api/v1/push",
        "headers": {"X-Scope-OrgID": "TENANT"},
        "send_exemplars": True,
        "queue_config": LIMITED,
    },
    "thanos": {
        "url": "http://thanos-receive:19291/api/v1/receive",
        "headers": {"THANOS-TENANT": "TENANT"},
        "send_exemplars": True,
        "queue_config": LIMITED,
    },
    "victoriametrics": {
        "url": "http://victoriametrics:8428/api/v1/write",
        "queue_config": {"max_samples_per_send": 10_000, "capacity": 20_000, "max_shards": 30},
    },
    "grafana-cloud": {
        "url": "https://HOST.grafana.net/api/prom/push",
        "basic_auth": {"username": "INSTANCE", "password_file": f"{SECRETS}/grafana-cloud-token"},
        "send_exemplars": True,
        "queue_config": LIMITED,
    },
    "google": {
        "url": "https://monitoring.googleapis.com/v1/prometheus/api/v1/write",
        "headers": {"X-Goog-User-Project": "PROJECT_ID"},
        "google_iam": {"credentials_file": f"{SECRETS}/google.json"},
        "write_relabel_configs": [
            {"target_label": "project_id", "replacement": "PROJECT_ID"},
            {"target_label": "location", "replacement": "LOCATION"},
            {"target_label": "cluster", "replacement": "CLUSTER"},
            {"target_label": "namespace", "replacement": "NAMESPACE"},
        ],
        "queue_config": {"max_samples_per_send": 200, "capacity": 1_000, "max_shards": 50, "retry_on_http_429": True},
    },
}
"""What each receiver asks for. Google's has the labels by which it tells its targets apart."""


def render(_: Plan, __: Site) -> Iterator[Artifact]:
    """Yield a fragment for each receiver."""
    for name, receiver in RECEIVERS.items():
        yield Artifact(f"remote-write/{name}.yaml", to_yaml({"remote_write": [{"name": name, **receiver}]}))
