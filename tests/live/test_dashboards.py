from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import promql
from tocsin.live.dashboards import BoardsFound, read_dashboards
from tocsin.live.jsons import document
from tocsin.live.variables import Unsettled, settled
from tocsin.live.written import Source, Table, Written

PROMETHEUS = {"type": "prometheus", "uid": "${source}"}


def target(expr: str, **other: object) -> dict[str, object]:
    return {"refId": "A", "datasource": PROMETHEUS, "expr": expr, **other}


def panel(expr: str, **other: object) -> dict[str, object]:
    unit = {"defaults": {"unit": "s"}}
    return {"type": "timeseries", "title": "T", "targets": [target(expr)], "fieldConfig": unit, **other}


def classic(*panels: dict[str, object], **other: object) -> dict[str, Any]:
    variables = [
        {"name": "source", "type": "datasource", "query": "prometheus"},
        {"name": "job", "type": "query", "query": "label_values(up, job)", "current": {"value": "a"}},
        {"name": "most", "type": "custom", "query": "5,6", "current": {"value": "5"}},
    ]
    return {"title": "D", "panels": [*panels], "templating": {"list": variables}, **other}


def second() -> dict[str, Any]:
    query = {"kind": "DataQuery", "group": "prometheus", "spec": {"expr": "up"}}
    alpha = {"kind": "prometheus", "spec": {"expr": "a"}}
    other = {"kind": "DataQuery", "group": "loki", "spec": {"expr": "b"}}
    queries = [{"kind": "PanelQuery", "spec": {"refId": "A", "query": each}} for each in (query, alpha, other)]
    view = {"kind": "VizConfig", "group": "stat", "spec": {"fieldConfig": {"defaults": {"unit": "short"}}}}
    spec = {"title": "T", "data": {"kind": "QueryGroup", "spec": {"queries": queries}}, "vizConfig": view}
    elements = {
        "panel-1": {"kind": "Panel", "spec": spec},
        "panel-2": {"kind": "LibraryPanel", "spec": {"title": "L"}},
    }
    variables = [{"kind": "QueryVariable", "spec": {"name": "job", "query": {"kind": "x", "spec": {}}}}]
    board = {"title": "D", "elements": elements, "variables": variables}
    return {"apiVersion": "dashboard.grafana.app/v2beta1", "kind": "Dashboard", "metadata": {}, "spec": board}


def read(board: object, **how: Any) -> BoardsFound:
    return read_dashboards(Source("d.json", json.dumps(board, indent=1, **how)))


def exprs(found: BoardsFound) -> list[str]:
    return [query.text for board in found.boards for each in board.panels for query in each.queries]


def test_a_classic_dashboard_is_read_with_where_it_stands() -> None:
    text = json.dumps(classic(panel('sum(rate(é_total{job="$job"}[$__rate_interval]))')), indent=1)
    (board,) = read_dashboards(Source("d.json", text)).boards
    (only,) = board.panels
    assert (board.title, only.title, only.kind, only.unit) == ("D", "T", "timeseries", "s")
    assert set(board.variables) == {"source", "job", "most"}
    assert "$job" in board.uses
    (query,) = only.queries
    assert query.text == 'sum(rate(é_total{job=~".+"}[5m]))'
    place = query.place(query.text.rindex(")"))
    assert place is not None
    assert text.splitlines()[place.line - 1][place.column - 1 :].rstrip(",") == ')"'


def test_rows_nested_panels_and_old_units_are_read() -> None:
    old = panel("b", type="graph", fieldConfig={}, yaxes=[{"format": "ms"}, {"format": "s"}])
    row = {"type": "row", "collapsed": True, "panels": [panel("a")]}
    found = read(classic(row, rows=[{"panels": [old]}]))
    assert sorted(exprs(found)) == ["a", "b"]
    assert {each.unit for each in found.boards[0].panels} == {"s", "ms"}


def test_only_queries_of_prometheus_are_read() -> None:
    targets = [
        target("a"),
        target("b", datasource={"type": "loki", "uid": "x"}),
        target("c", datasource="${source}"),
        target("d", datasource=None),
        {"datasource": {"type": "__expr__"}, "expression": "$A > 1"},
        target('{job="x"} |= "y"', datasource=None),
    ]
    found = read(classic(panel("", targets=targets, datasource="-- Mixed --")))
    assert exprs(found) == ["a", "c", "d"]
    assert ["LogQL" in each.why for each in found.skipped] == [True]


def test_the_second_schema_is_read_as_a_resource_and_bare() -> None:
    for board in (second(), second()["spec"]):
        found = read(board)
        assert exprs(found) == ["up", "a"]
        (only,) = found.boards[0].panels
        assert (only.kind, only.unit) == ("stat", "short")
        assert "library panel" in found.skipped[0].why
        assert set(found.boards[0].variables) == {"job"}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"dashboard": classic(panel("up")), "meta": {}},
        [classic(panel("up"))],
        {"kind": "Dashboard", "apiVersion": "dashboard.grafana.app/v1beta1", "spec": classic(panel("up"))},
        {"kind": "List", "items": [{"kind": "ConfigMap", "data": {"a.json": json.dumps(classic(panel("up")))}}]},
        {"kind": "GrafanaDashboard", "spec": {"json": json.dumps(classic(panel("up")))}},
    ],
)
def test_wrapped_dashboards_are_read(wrapped: object) -> None:
    assert exprs(read(wrapped)) == ["up"]


def test_json_within_yaml_leads_to_its_own_place() -> None:
    inner = json.dumps(classic(panel("up == 0")), indent=1).replace("\n", "\n    ")
    text = f"kind: ConfigMap\ndata:\n  a.json: |\n    {inner}\n"
    found = read_dashboards(Source("d.yaml", text))
    place = found.boards[0].panels[0].queries[0].place(3)
    assert place is not None
    assert text.splitlines()[place.line - 1][place.column - 1 :].startswith("== 0")


def test_library_panels_are_read_where_the_file_has_them() -> None:
    used = {"id": 1, "title": "L", "libraryPanel": {"uid": "u", "name": "L"}}
    assert exprs(read(classic(used, __elements={"u": {"model": panel("a")}}))) == ["a"]
    assert "library panel" in read(classic(used)).skipped[0].why


def test_the_description_of_a_panel_allows() -> None:
    said = "What it is.\ntocsin: allow board/no-unit because it has none"
    (allowed,) = read(classic(panel("up", description=said))).allowances
    assert (allowed.check, allowed.because) == ("board/no-unit", "it has none")
    assert allowed.first.line < allowed.place.line < allowed.last.line


def test_what_is_no_json_is_refused_or_skipped() -> None:
    assert "cannot read it" in read_dashboards(Source("d.json", '{"a": ')).refused[0].why
    assert "template" in read_dashboards(Source("d.json", '{"a": {{ x }}}')).skipped[0].why
    assert "no dashboard" in read_dashboards(Source("d.json", '{"a": 1}')).skipped[0].why


def written(expr: str) -> Written:
    tree = document(Source("d.json", json.dumps({"e": expr})))
    assert isinstance(tree, Table)
    found = tree.text("e")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expr", "without"),
    [
        ('a{b="$x",c=~"[[x]]|z",d!="$x"}', 'a{b=~".+",c=~".+",d!="$x"}'),
        ("rate(a[$__rate_interval])", "rate(a[5m])"),
        ("rate(a[${__rate_interval}])", "rate(a[5m])"),
        ("rate(a[[[w]]])", "rate(a[5m])"),
        ("rate(a[$__auto_interval_w:$w])", "rate(a[5m:5m])"),
        ("rate(a[${n}m] offset $w)", "rate(a[5m] offset 5m)"),
        ("increase(a[$__range]) / $__range_s", "increase(a[1h]) / 3600"),
        ("a > $most", "a > 5"),
        ("a > ${most:raw}", "a > 5"),
        ('label_replace(a, "b", "$1", "c", "(.*)")', 'label_replace(a, "b", "$1", "c", "(.*)")'),
    ],
)
def test_variables_give_way(expr: str, without: str) -> None:
    assert settled(written(expr), {"most": "5"}, 15.0).text == without
    assert promql.syntax_problem(without) is None


@pytest.mark.parametrize("expr", ["$m", "rate($m[5m])", "a_${m}_total", '{__name__=~"$m.*"}', "sum by ($m) (a)"])
def test_what_could_be_anything_is_left_out(expr: str) -> None:
    with pytest.raises(Unsettled):
        settled(written(expr), {"m": "up"}, 15.0)


def test_a_range_is_at_least_four_scrapes() -> None:
    assert settled(written("rate(a[$__rate_interval])"), {}, 120.0).text == "rate(a[8m])"


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def plainly(tree: object) -> object:
    if isinstance(tree, dict):
        return {str(key): plainly(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plainly(each) for each in tree]
    return None if tree is None else str(tree)


def as_texts(value: object) -> object:
    if isinstance(value, dict):
        return {key: as_texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_texts(each) for each in value]
    return value if isinstance(value, str) or value is None else json.dumps(value)


@given(JSONS, st.booleans(), st.sampled_from([None, 1]))
def test_json_is_read_as_python_reads_it(value: object, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001 - hypothesis hands it over
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert plainly(document(Source("d.json", text))) == as_texts(value)


@given(st.text(min_size=1), st.booleans())
def test_each_character_of_a_string_stands_where_it_is_said_to_stand(text: str, ascii_only: bool) -> None:  # noqa: FBT001 - as above
    raw = json.dumps({"e": text}, ensure_ascii=ascii_only)
    tree = document(Source("d.json", raw))
    assert isinstance(tree, Table)
    passage = (tree.text("e") or written("")).passage()
    for offset, letter in enumerate(text):
        place = passage.place(offset)
        assert place is not None
        assert raw[place.column - 1] in (letter, "\\")
