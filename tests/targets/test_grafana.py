"""What is written for Grafana: read by the types of its own SDK, by our checks, and as a person would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tocsin import Panel, Query, live, source, targets
from tocsin.checks import from_files, judge
from tocsin.derive import Bounds, Plan, derive
from tocsin.model import Catalog, DeclarationError, Latency, Mean
from tocsin.targets import Site
from tocsin.targets.grafana.panel import thresholds

NOT_TYPED = ("step", "titleFormat", "textFormat")
"""What Grafana's Prometheus source adds to an annotation; its SDK has no types for it."""

Boards = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shop() -> Plan:
    return derive(source.load_catalog())


def written(plan: Plan, site: Site = targets.PRODUCTION) -> Boards:
    texts = {each.path: each.text for each in targets.build(plan, site) if each.path.startswith("grafana/dashboards/")}
    return {path.removeprefix("grafana/dashboards/"): json.loads(text) for path, text in texts.items()}


@pytest.fixture(scope="module")
def boards(shop: Plan) -> Boards:
    return written(shop)


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] not in {"row", "text"}]


def every_panel(boards: Boards) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((f"{path}: {panel['title']}", panel) for path, board in boards.items() for panel in panels(board))


def steps(panel: dict[str, Any]) -> list[tuple[float | None, str]]:
    return [(step["value"], step["color"]) for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]


def titled(board: dict[str, Any], title: str) -> dict[str, Any]:
    (panel,) = (panel for panel in panels(board) if panel["title"] == title)
    return panel


def test_grafanas_types_read_back_what_was_written(boards: Boards) -> None:
    for path, board in boards.items():
        for mark in board["annotations"]["list"]:
            for name in NOT_TYPED:
                mark.pop(name)
        again = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
        assert again == board, path


def test_our_checks_find_nothing_in_the_files(shop: Plan, tmp_path: Path) -> None:
    for artifact in targets.build(shop):
        if artifact.path.endswith(".json"):
            path = tmp_path / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text)
    seen = live.look_into([], [str(tmp_path / "grafana")], [], [], 15.0)
    assert len(seen.boards) == len(shop.boards)
    assert seen.skipped == ()
    assert judge(from_files(seen, 15.0)) == ()


def test_the_same_catalog_gives_the_same_text(shop: Plan) -> None:
    assert targets.build(shop) == targets.build(derive(source.load_catalog()))


def test_uids_and_numbers_are_unique_and_as_long_as_grafana_allows(boards: Boards) -> None:
    uids = [board["uid"] for board in boards.values()]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", uid) for uid in uids)
    for board in boards.values():
        numbers = [panel["id"] for panel in board["panels"]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert "id" not in board


def test_a_long_name_has_a_short_uid_of_its_own(catalog: Catalog) -> None:
    (service,) = catalog.services
    long = tuple(replace(service, name="a" * 62 + end, port=8000 + place) for place, end in enumerate("xy"))
    found = [board.uid for board in derive(replace(catalog, services=(long[0],))).boards]
    found += [board.uid for board in derive(replace(catalog, services=(long[1],))).boards if board.service]
    assert len(set(found)) == len(found)
    assert all(len(uid) <= 40 for uid in found)


def test_every_panel_says_what_to_do_in_which_unit_and_asks_our_prometheus(boards: Boards) -> None:
    for where, panel in every_panel(boards):
        assert panel["description"].endswith((".", "?")), where
        assert panel["fieldConfig"]["defaults"]["unit"], where
        assert {query["datasource"]["uid"] for query in panel["targets"]} == {"tocsin-prometheus"}, where
        assert len({query["refId"] for query in panel["targets"]}) == len(panel["targets"]), where
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["calcs"] == ["lastNotNull", "max"], where


def test_panels_fill_each_line_and_never_overlap(boards: Boards) -> None:
    for path, board in boards.items():
        taken = [
            {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            for at in (panel["gridPos"] for panel in board["panels"])
        ]
        assert all(one.isdisjoint(other) for one, other in combinations(taken, 2)), path
        cells = set.union(*taken)
        assert {x for x, _ in cells} == set(range(24)), path
        lines = {panel["gridPos"]["y"] for panel in board["panels"]}
        for top in lines:
            assert sum(panel["gridPos"]["w"] for panel in board["panels"] if panel["gridPos"]["y"] == top) == 24, path


def test_every_declared_panel_stands_on_the_board_of_its_service_word_for_word(shop: Plan, boards: Boards) -> None:
    for service in shop.catalog.services:
        board = boards[f"business/{service.name}.json"]
        for asked, found in zip(service.panels, panels(board), strict=True):
            assert (found["title"], found["type"], found["description"]) == (asked.title, asked.kind, asked.help)
            assert [query["expr"] for query in found["targets"]] == [query.expr for query in asked.queries]


def test_every_service_has_a_board_of_its_health(shop: Plan, boards: Boards) -> None:
    for service in shop.catalog.services:
        board = boards[f"services/{service.name}.json"]
        assert [variable["name"] for variable in board["templating"]["list"]] == ["instance"]
        assert titled(board, "Latency, all requests")["type"] == "heatmap"
        assert all(query["exemplar"] for query in titled(board, "Latency")["targets"])
    variables = boards["services/health.json"]["templating"]["list"]
    assert [(each["name"], each["multi"], each["allValue"]) for each in variables] == [
        ("service", True, ".+"),
        ("instance", True, ".+"),
    ]


def test_the_latency_at_which_it_rings_is_a_line_in_the_picture_of_latency(shop: Plan, boards: Boards) -> None:
    promised = {
        service.name: [o.below for o in service.objectives if isinstance(o, Latency) and o.of is None]
        for service in shop.catalog.services
    }
    assert max(map(len, promised.values())) == 1
    for name, below in promised.items():
        assert steps(titled(boards[f"services/{name}.json"], "Latency"))[1:] == [((below or [10.0])[0], "red")]


def test_a_panel_shows_the_bound_of_the_objective_that_it_names(catalog: Catalog) -> None:
    (service,) = catalog.services
    promise = next(each for each in service.objectives if isinstance(each, Mean))
    panel = Panel(
        "Score", (Query("fraud_score_sum / fraud_score_count"),), unit="short", help="Read it.", objective="quality"
    )
    board = written(derive(replace(catalog, services=(replace(service, panels=(panel,)),))))["business/checkout.json"]
    assert steps(titled(board, "Score"))[1:] == [(promise.at_least, "red")]


def test_a_panel_of_an_objective_that_nobody_promises_is_refused(catalog: Catalog) -> None:
    panel = Panel("Score", (Query("1"),), unit="short", help="Read it.", objective="speed")
    with pytest.raises(DeclarationError, match="the panel 'Score' is for the objective 'speed', which it does not pro"):
        replace(catalog.services[0], panels=(panel,))


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (Bounds(), [(None, "text")]),
        (Bounds(warning=1, critical=2), [(None, "green"), (1, "orange"), (2, "red")]),
        (Bounds(critical=0, warning=0.25, below=True), [(None, "red"), (0, "orange"), (0.25, "green")]),
        (Bounds(critical=1, below=True), [(None, "red"), (1, "green")]),
    ],
)
def test_colours_say_on_which_side_of_a_bound_it_is_wrong(
    bounds: Bounds, expected: list[tuple[float | None, str]]
) -> None:
    found = thresholds(bounds, drawn=False)
    assert [(step.value, step.color) for step in found.steps] == expected


def guides(board: dict[str, Any]) -> list[str]:
    return [panel["options"]["content"] for panel in board["panels"] if panel["type"] == "text"]


def test_every_alert_stands_with_its_runbook_on_the_board_of_its_service(shop: Plan, boards: Boards) -> None:
    (everything,) = guides(boards["operations/alerts.json"])
    for rule in shop.alerts:
        assert f"| [{rule.subject}](https://runbooks.tocsin.example/{rule.service}/" in everything
    for service in shop.catalog.services:
        (content,) = guides(boards[f"services/{service.name}.json"])
        asked = [rule.subject for rule in shop.alerts if rule.service == service.name]
        assert re.findall(r"^\| \[([^\]]+)\]", content, re.MULTILINE) == asked


def addresses(board: dict[str, Any]) -> Iterator[str]:
    for link in board["links"]:
        if link["type"] == "link":
            yield link["url"]
    for content in guides(board):
        yield from re.findall(r"\]\((\S+)\)", content)
    for panel in panels(board):
        yield from (link["url"] for link in panel.get("links", ()))
        yield from (link["url"] for link in panel["fieldConfig"]["defaults"].get("links", ()))


def test_every_link_leads_to_a_board_a_runbook_or_the_console(shop: Plan) -> None:
    site = Site(runbooks="https://runbooks.example", console="http://127.0.0.1:1234")
    found = written(shop, site)
    uids = {board["uid"] for board in found.values()}
    names = [service.name for service in shop.catalog.services]
    pages = {artifact.path for artifact in targets.build(shop, site) if artifact.path.startswith("runbooks/")}
    slos = sorted({rule.labels["slo"] for rule in shop.alerts if "slo" in rule.labels})
    for board in found.values():
        for url in addresses(board):
            if url.startswith("/d/"):
                assert re.split(r"[?/]", url)[2] in uids
            elif url.startswith(site.runbooks):
                service, page = url.removeprefix(f"{site.runbooks}/").split("/")
                of_line = [page.replace("${__field.labels.slo}", slo) for slo in slos] if "$" in page else [page]
                for name in names if service.startswith("$") else (service,):
                    assert pages & {f"runbooks/{name}/{each}.md" for each in of_line}, url
            else:
                assert re.match(
                    r"http://127\.0\.0\.1:1234/(logs|errors)\?(service=[^&]+&)?from=\$\{__from\}&to=\$\{__to\}$", url
                )


def test_deploys_and_alerts_are_marked_on_every_board(boards: Boards) -> None:
    for board in boards.values():
        assert [mark["name"] for mark in board["annotations"]["list"]] == ["Deploys and restarts", "Alerts"]


def test_an_exemplar_leads_to_the_log_lines_of_its_trace(shop: Plan) -> None:
    texts = {each.path: each.text for each in targets.build(shop, Site(console="http://127.0.0.1:1234"))}
    (found,) = yaml.safe_load(texts["grafana/provisioning/datasources/tocsin.yaml"])["datasources"]
    (destination,) = found["jsonData"]["exemplarTraceIdDestinations"]
    assert destination["url"] == "http://127.0.0.1:1234/logs?trace=$${__value.raw}"
    assert found["uid"] == "tocsin-prometheus"


def test_every_folder_of_boards_is_provisioned(shop: Plan, boards: Boards) -> None:
    texts = {each.path: each.text for each in targets.build(shop)}
    providers = yaml.safe_load(texts["grafana/provisioning/dashboards/tocsin.yaml"])["providers"]
    folders = [each["options"]["path"].rpartition("/")[2] for each in providers]
    assert sorted(folders) == sorted({path.partition("/")[0] for path in boards})
