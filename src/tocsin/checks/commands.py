"""The commands that runbooks use, each with its flags; Tocsin's own are looked at, not written here.

Sources: kubernetes.io, "Command line tool (kubectl)", its generated reference; Google Cloud's documentation, "gcloud
CLI reference". What a runbook needs beside these is one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Flags = frozenset[str]


@dataclass(frozen=True, slots=True)
class Tool:
    """A program's *commands*, each with its flags, and the flags of all: those with a *valued*, and *bare* ones."""

    commands: Mapping[str, Flags]
    valued: Flags = frozenset()
    bare: Flags = frozenset()


def _flags(text: str) -> Flags:
    return frozenset(text.split())


KUBECTL = Tool(
    {
        "apply": _flags("-f --filename -k --kustomize --server-side --dry-run --wait --prune -l --selector"),
        "create secret generic": _flags("--from-file --from-literal --dry-run -o --output"),
        "delete pod": _flags("-l --selector --grace-period --force --wait"),
        "describe": _flags("-l --selector -A --all-namespaces"),
        "exec": _flags("-i --stdin -t --tty -c --container"),
        "get": _flags(
            "-o --output -w --watch -A --all-namespaces -l --selector --sort-by --field-selector --show-labels"
        ),
        "logs": _flags(
            "-c --container --all-containers -f --follow -p --previous --since --since-time --tail --timestamps "
            "-l --selector --prefix"
        ),
        "port-forward": _flags("--address --pod-running-timeout"),
        "rollout history": _flags("--revision"),
        "rollout restart": _flags("-l --selector"),
        "rollout status": _flags("-w --watch --timeout --revision"),
        "rollout undo": _flags("--to-revision --dry-run"),
        "scale": _flags("--replicas --current-replicas --timeout"),
        "top pod": _flags("--containers -l --selector -A --all-namespaces --sort-by"),
    },
    valued=_flags("-n --namespace --context --cluster --kubeconfig --user --request-timeout"),
)

GCLOUD = Tool(
    {
        "logging read": _flags("--freshness --limit --order --bucket --location --view --folder --organization"),
        "run revisions describe": _flags("--region"),
        "run revisions list": _flags("--service --region --filter --limit --sort-by"),
        "run services describe": _flags("--region"),
        "run services list": _flags("--region --filter --limit --sort-by"),
        "run services logs read": _flags("--region --freshness --limit --log-filter --order"),
        "run services update": _flags(
            "--region --image --cpu --memory --concurrency --timeout --min --max --min-instances --max-instances "
            "--set-env-vars --update-env-vars --remove-env-vars --set-secrets --update-secrets --remove-secrets "
            "--revision-suffix --service-account --no-traffic --async"
        ),
        "run services update-traffic": _flags(
            "--region --to-latest --to-revisions --to-tags --set-tags --update-tags --remove-tags --clear-tags --async"
        ),
        "secrets versions add": _flags("--data-file --location"),
        "secrets versions list": _flags("--filter --limit --sort-by --location"),
    },
    valued=_flags("--project --account --configuration --format --verbosity --billing-project"),
    bare=_flags("--quiet -q --log-http"),
)

TOOLS = {"kubectl": KUBECTL, "gcloud": GCLOUD}
