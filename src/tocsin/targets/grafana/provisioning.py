"""How Grafana finds Prometheus, and in which folder it shows which board."""

from __future__ import annotations

from tocsin.derive import Plan
from tocsin.targets.grafana.source import PROMETHEUS_UID
from tocsin.targets.site import Site

_TITLES = {"services": "Services", "business": "Business", "operations": "Operations"}
_DASHBOARDS = "/etc/grafana/dashboards"
"""Where the folder grafana/dashboards has to be mounted."""


def datasources(plan: Plan, site: Site) -> dict[str, object]:
    """Return the file of data sources; a dot of an exemplar leads to the log lines of its trace."""
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "Prometheus",
                "uid": PROMETHEUS_UID,
                "type": "prometheus",
                "access": "proxy",
                "url": f"http://{site.prometheus}",
                "isDefault": True,
                "jsonData": {
                    "httpMethod": "POST",
                    "timeInterval": plan.scrape_interval,
                    "exemplarTraceIdDestinations": [
                        # Grafana puts environment variables in place of $, of which $$ is one.
                        {
                            "name": "trace_id",
                            "url": f"{site.console}/logs?trace=$${{__value.raw}}",
                            "urlDisplayLabel": "Log lines",
                        }
                    ],
                },
            }
        ],
    }


def folders(plan: Plan) -> dict[str, object]:
    """Return the file of folders."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": f"tocsin-{folder}",
                "folder": _TITLES[folder],
                "folderUid": f"tocsin-{folder}",
                "type": "file",
                "allowUiUpdates": False,
                "options": {"path": f"{_DASHBOARDS}/{folder}"},
            }
            for folder in dict.fromkeys(board.folder for board in plan.boards)
        ],
    }
