"""Reads Grafana's dashboards: the classic model, the schema v2, and both as resources or within a ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.live import templates
from tocsin.live.allowances import in_description
from tocsin.live.jsons import document
from tocsin.live.rules import is_logql
from tocsin.live.variables import Unsettled, settled
from tocsin.live.written import Source, Table, Tree, Written
from tocsin.live.yamls import Unreadable, documents
from tocsin.model import Allowance, Passage, Refused, SeenBoard, SeenPanel, Skipped

_DEEPEST = 10
"""Rows and dashboards that may lie in one another."""

_MIXED = ("mixed", "datasource", "-- Mixed --")
_PROMETHEUS = (
    "prometheus",
    "grafana-amazonprometheus-datasource",
    "grafana-azureprometheus-datasource",
)


@dataclass
class BoardsFound:
    """What a file of dashboards holds."""

    boards: list[SeenBoard] = field(default_factory=list)
    allowances: list[Allowance] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_dashboards(source: Source, scrape: float = 0.0, *, named: bool = True) -> BoardsFound:
    """Return the dashboards of a file, *named* by the user or only met; *scrape* is the interval of scrapes."""
    found = BoardsFound()
    try:
        trees = [document(source)] if source.file.endswith(".json") else list(documents(source))
    except Unreadable as cause:
        place = source.place(cause.index)
        if templates.marked(source.text):
            found.skipped.append(Skipped(place, "it seems to be a template: check what is made of it"))
        elif named:
            found.refused.append(Refused(place, f"Grafana cannot read it: {cause.why}"))
        return found
    for tree in trees:
        _document(tree, found, scrape, _DEEPEST)
    if named and not (found.boards or found.skipped or found.refused):
        found.skipped.append(Skipped(source.place(0), "it holds no dashboard"))
    return found


def _document(tree: Tree, found: BoardsFound, scrape: float, depth: int) -> None:
    if not depth:
        return
    if isinstance(tree, list):
        for each in tree:
            _document(each, found, scrape, depth - 1)
    elif isinstance(tree, Table):
        for inner in _inner(tree):
            if isinstance(inner, Written):
                _nested(inner, found, scrape, depth)
            else:
                _document(inner, found, scrape, depth - 1)
        if tree.table("elements"):
            _Board(tree, found, scrape).second()
        elif "panels" in tree or "rows" in tree:
            _Board(tree, found, scrape).classic()


def _inner(tree: Table) -> Iterator[Tree]:
    """Yield what may hold dashboards, in a table that is none itself; a text is JSON."""
    kind = str(tree.text("kind") or "")
    if kind == "ConfigMap":
        yield from (value for name, value in tree.table("data").items() if name.endswith(".json"))
    elif kind == "GrafanaDashboard":
        yield tree.table("spec").text("json")
    elif kind.endswith("List"):
        yield tree.list("items")
    elif kind == "Dashboard":
        yield tree.table("spec")
    else:
        yield tree.table("dashboard")


def _nested(text: Written, found: BoardsFound, scrape: float, depth: int) -> None:
    source = text.as_source()
    try:
        _document(document(source), found, scrape, depth - 1)
    except Unreadable as cause:
        found.refused.append(Refused(source.place(cause.index), f"Grafana cannot read it: {cause.why}"))


class _Board:
    def __init__(self, tree: Table, found: BoardsFound, scrape: float) -> None:
        self.tree = tree
        self.found = found
        self.scrape = scrape
        self.panels: list[SeenPanel] = []
        self.values: dict[str, str] = {}
        self.types: dict[str, str] = {}
        """Of each variable that is a data source, the type of it."""

    def classic(self) -> None:
        variables = list(self.tree.table("templating").tables("list"))
        self._variables(variables)
        self._panels(self.tree, _DEEPEST)
        self._done({str(each.text("name") or ""): _definition(each) for each in variables})

    def second(self) -> None:
        variables = [each.table("spec") for each in self.tree.tables("variables")]
        for each, spec in zip(self.tree.tables("variables"), variables, strict=True):
            if each.text("kind") == "DatasourceVariable":
                self.types[str(spec.text("name"))] = str(spec.text("pluginId") or "")
        self._variables(variables)
        for element in self.tree.table("elements").values():
            if isinstance(element, Table) and element.text("kind") == "Panel":
                self._second_panel(element)
            elif isinstance(element, Table):
                title = element.table("spec").text("title") or "a panel"
                self._skip(element, f"{title}: it is a library panel, which is not in the file")
        self._done({str(each.text("name") or ""): _definition(each) for each in variables})

    def _done(self, variables: dict[str, str]) -> None:
        variables.pop("", None)
        board = SeenBoard(
            title=str(self.tree.text("title") or "a dashboard without a title"),
            panels=tuple(self.panels),
            place=self.tree.place,
            variables=variables,
            uses="\n".join(_texts(self.tree)),
        )
        self.found.boards.append(board)

    def _variables(self, variables: list[Table]) -> None:
        for each in variables:
            name = str(each.text("name") or "")
            value = each.table("current").text("value")
            if value is not None:
                self.values[name] = str(value)
            if each.text("type") == "datasource":
                self.types[name] = str(each.text("query") or "")

    def _panels(self, tree: Table, depth: int) -> None:
        for row in tree.tables("rows") if depth else ():
            self._panels(row, depth - 1)
        for panel in tree.tables("panels") if depth else ():
            self._panels(panel, depth - 1)
            if panel.text("type") == "row":
                continue
            model = panel
            if library := panel.table("libraryPanel"):
                stored = self.tree.table("__elements").table(str(library.text("uid") or "")).table("model")
                model = stored or model
                if not model.list("targets"):
                    title = panel.text("title") or library.text("name") or "a panel"
                    self._skip(panel, f"{title}: it is a library panel, which is not in the file")
            self._classic_panel(model)

    def _classic_panel(self, panel: Table) -> None:
        title = str(panel.text("title") or "")
        queries = []
        for target in panel.tables("targets"):
            expr = target.text("expr")
            if expr and self._of_prometheus(target, panel) and (query := self._query(title, expr)):
                queries.append(query)
        axis = next(panel.tables("yaxes"), Table(panel.source, panel.at))
        unit = panel.table("fieldConfig").table("defaults").text("unit") or panel.text("format") or axis.text("format")
        self._panel(panel, title, str(panel.text("type") or ""), str(unit or ""), queries)

    def _second_panel(self, element: Table) -> None:
        panel = element.table("spec")
        title = str(panel.text("title") or "")
        queries = []
        for each in panel.table("data").table("spec").tables("queries"):
            query = each.table("spec").table("query")
            kind = query.text("group") if query.text("kind") == "DataQuery" else query.text("kind")
            expr = query.table("spec").text("expr")
            if expr and self._is_prometheus(str(kind or "")) and (read := self._query(title, expr)):
                queries.append(read)
        view = panel.table("vizConfig")
        kind = view.text("group") if view.text("kind") == "VizConfig" else view.text("kind")
        unit = view.table("spec").table("fieldConfig").table("defaults").text("unit")
        self._panel(element, title, str(kind or ""), str(unit or ""), queries, description=panel.text("description"))

    def _panel(
        self,
        tree: Table,
        title: str,
        kind: str,
        unit: str,
        queries: list[Passage],
        *,
        description: Written | None = None,
    ) -> None:
        said = description or tree.text("description")
        self.found.allowances.extend(in_description(said, (tree.place, tree.ends)))
        if queries:
            place = tree.place
            self.panels.append(SeenPanel(title=title, kind=kind, unit=unit, queries=tuple(queries), place=place))

    def _query(self, title: str, expr: Written) -> Passage | None:
        if is_logql(expr):
            self.found.skipped.append(Skipped(expr.place, f"{title}: it is LogQL, not PromQL"))
            return None
        try:
            return settled(expr, self.values, self.scrape)
        except Unsettled as cause:
            self.found.skipped.append(Skipped(expr.place, f"{title}: {cause}"))
            return None

    def _of_prometheus(self, target: Table, panel: Table) -> bool:
        for tree in (target, panel):
            source = tree.table("datasource")
            kind = source.text("type") if source else tree.text("datasource")
            if kind and kind not in _MIXED:
                return self._is_prometheus(str(kind))
        return True

    def _is_prometheus(self, kind: str) -> bool:
        """Tell whether a type or a name of a data source may be one of Prometheus."""
        variable = kind.strip("${}[] ")
        known = self.types.get(variable, kind)
        return known in _PROMETHEUS or not known or known.lower() not in _OTHERS

    def _skip(self, tree: Table, why: str) -> None:
        self.found.skipped.append(Skipped(tree.place, why))


_OTHERS = {
    "loki",
    "tempo",
    "elasticsearch",
    "influxdb",
    "graphite",
    "cloudwatch",
    "stackdriver",
    "mysql",
    "postgres",
    "jaeger",
    "zipkin",
    "testdata",
    "__expr__",
    "grafana",
    "-- grafana --",
    "-- dashboard --",
    "victoriametrics-logs-datasource",
}


def _definition(variable: Table) -> str:
    query = variable.table("query").text("query") or variable.text("query", "definition")
    return str(query or "")


def _texts(tree: Tree, name: str = "", seen: set[int] | None = None) -> Iterator[str]:
    """Yield every text but the name and the label of something, by which a variable is called."""
    seen = set() if seen is None else seen
    if isinstance(tree, Written):
        if name not in ("name", "label"):
            yield tree
    elif isinstance(tree, Table | list) and id(tree) not in seen:
        seen.add(id(tree))
        items = tree.items() if isinstance(tree, Table) else ((name, each) for each in tree)
        for key, value in items:
            yield from _texts(value, str(key), seen)
