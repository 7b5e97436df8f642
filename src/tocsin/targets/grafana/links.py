"""Where one gets from a board: to its neighbours, to what to do, to the logs and errors of the same time."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.models.dashboard import DashboardLink, DashboardLinkType

from tocsin.derive import Board, Pane, Plan
from tocsin.targets.site import Site

TAG = "tocsin"

_OF_LINE = "${__field.labels.service}"
"""The service of the line that somebody clicks."""

_OF_OBJECTIVE = "${__field.labels.slo}"
"""Its objective, on boards of objectives."""

_SPAN = "from=${__from}&to=${__to}"
"""The time that the board shows, in milliseconds since the Unix epoch."""


def of_board(board: Board, plan: Plan, site: Site) -> Iterator[DashboardLink]:
    """Yield the links on top of a board."""
    yield DashboardLink(
        title="Boards",
        type_val=DashboardLinkType.DASHBOARDS,
        icon="external link",
        tooltip="Every board of this catalog",
        tags=[TAG],
        as_dropdown=True,
        keep_time=True,
    )
    for other in plan.boards:
        if other.uid != board.uid and other.service in ("", board.service):
            yield _neighbour(board, other)
    service = f"service={board.service}&" if board.service else ""
    yield _outside("Logs", f"{site.console}/logs?{service}{_SPAN}")
    yield _outside("Errors", f"{site.console}/errors?{service}{_SPAN}")


def of_pane(pane: Pane, plan: Plan, site: Site) -> Iterator[DashboardLink]:
    """Yield the links of a panel as a whole."""
    if pane.runbook and pane.service:
        yield _outside("Runbook", site.runbook(plan.catalog, pane.service, pane.runbook))


def of_line(board: Board, pane: Pane, plan: Plan, site: Site) -> Iterator[DashboardLink]:
    """Yield the links of a point of a line that bears the label `service`."""
    if not pane.runbook or pane.service:
        return
    judged = any(variable.name == "slo" for variable in board.variables)
    page = f"{pane.runbook}-{_OF_OBJECTIVE}" if judged else pane.runbook
    yield _outside("Runbook", site.runbook(plan.catalog, _OF_LINE, page))
    yield _outside("Logs", f"{site.console}/logs?service={_OF_LINE}&{_SPAN}")
    if any(variable.name == "service" for variable in board.variables):
        yield DashboardLink(
            title="Only this service", url=f"/d/{board.uid}?var-service={_OF_LINE}&${{__url_time_range}}"
        )


def _neighbour(board: Board, other: Board) -> DashboardLink:
    takes = any(variable.name == "service" for variable in other.variables)
    chosen = f"?var-service={board.service}" if board.service and takes else ""
    return DashboardLink(
        title=other.title,
        icon="dashboard",
        tooltip=other.help,
        url=f"/d/{other.uid}{chosen}",
        keep_time=True,
        include_vars=takes and not board.service,
    )


def _outside(title: str, url: str) -> DashboardLink:
    return DashboardLink(title=title, icon="external link", url=url, target_blank=True)
