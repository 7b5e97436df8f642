"""A board as Grafana's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    AnnotationContainer,
    DashboardCursorSync,
    GridPos,
    Panel,
    RowPanel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from tocsin.derive import Board, Plan, Variable
from tocsin.targets.grafana import guide, links, marks, panel
from tocsin.targets.grafana.layout import WIDTH, placed
from tocsin.targets.grafana.source import prometheus, titled
from tocsin.targets.site import Site
from tocsin.targets.text import NOTICE_TEXT

_REFRESH = "30s"


def spelled(board: Board, plan: Plan, site: Site) -> str:
    """Return the text of a board's file."""
    built = (
        Dashboard(board.title)
        .uid(board.uid)
        .description(f"{board.help} {NOTICE_TEXT}")
        .tags([links.TAG, board.folder, *([board.service] if board.service else [])])
        .readonly()
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time(f"now-{board.span}", "now")
        .refresh(_REFRESH)
        .variables([_variable(variable) for variable in board.variables])
        .build()
    )
    built.annotations = AnnotationContainer(list_val=marks.of_board(board))
    built.links = list(links.of_board(board, plan, site))
    built.panels = list(_panels(board, plan, site))
    return json.dumps(built, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def _panels(board: Board, plan: Plan, site: Site) -> Iterator[Panel | RowPanel]:
    """Yield rows and panels, numbered in reading order."""
    number, top = 1, 0
    for row in board.rows:
        yield RowPanel(title=row.title, id_val=number, grid_pos=GridPos(h=1, w=WIDTH, x=0, y=top))
        number, top = number + 1, top + 1
        below = top
        for pane, place in placed(row.panes, top):
            made = panel.spelled(pane)
            made.id_val, made.grid_pos = number, place
            made.links = list(links.of_pane(pane, plan, site))
            if made.field_config is not None:
                made.field_config.defaults.links = list(links.of_line(board, pane, plan, site)) or None
            yield made
            number, below = number + 1, place.y + place.h
        top = below
    if board.guided:
        yield RowPanel(title=guide.TITLE, id_val=number, grid_pos=GridPos(h=1, w=WIDTH, x=0, y=top))
        made = guide.panel(board, plan, site)
        made.id_val, made.grid_pos = number + 1, GridPos(h=guide.HEIGHT, w=WIDTH, x=0, y=top + 1)
        yield made


def _variable(variable: Variable) -> QueryVariable:
    return (
        QueryVariable(variable.name)
        .label(titled(variable.label))
        .datasource(prometheus())
        .query(f"label_values({variable.selector}, {variable.label})")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".+")
        .current(VariableOption(text="All", value="$__all"))
    )
