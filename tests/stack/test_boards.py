"""The boards of the five services, asked of the Prometheus that watches them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.stack.projects import Project
from tests.waiting import until

pytestmark = pytest.mark.live


def boards(project: Project) -> dict[str, dict[str, Any]]:
    folder = project.folder / "configuration" / "grafana" / "dashboards"
    found = (json.loads(file.read_text()) for file in sorted(folder.rglob("*.json")))
    return {board["uid"]: board for board in found}


def filled(text: str) -> str:
    """Return an expression in which everything is chosen."""
    return re.sub(r"\$[a-z]\w*", ".+", text)


def answers(project: Project, expr: str) -> list[Any]:
    """Return the series that there are to draw."""
    found = project.get("prometheus", "api/v1/query", query=filled(expr))
    assert found["status"] == "success", (expr, found)
    return [series for series in found["data"]["result"] if series["value"][1] != "NaN"]


def panels(project: Project) -> Iterator[tuple[str, list[str], bool]]:
    """Yield each panel's place and queries, and whether it says why it may be empty."""
    for board in boards(project).values():
        for panel in board["panels"]:
            if panel["type"] not in {"row", "text"}:
                may_be = "noValue" in panel["fieldConfig"]["defaults"]
                yield f"{board['title']}/{panel['title']}", [query["expr"] for query in panel["targets"]], may_be


def test_no_panel_is_empty_but_those_that_say_why(real_shop: Project) -> None:
    found = list(panels(real_shop))
    assert sum(not may_be for _, _, may_be in found) > 100

    def empty() -> list[str]:
        return [
            where
            for where, exprs, may_be in found
            if not may_be and not all(answers(real_shop, expr) for expr in exprs)
        ]

    until(lambda: not empty(), "something in every panel", limit=120)


def test_what_may_be_empty_and_what_is_marked_is_a_query_that_prometheus_takes(real_shop: Project) -> None:
    for _, exprs, _ in panels(real_shop):
        for expr in exprs:
            answers(real_shop, expr)
    for board in boards(real_shop).values():
        for mark in board["annotations"]["list"]:
            answers(real_shop, mark["expr"])


def test_there_is_something_to_choose_for_every_variable(real_shop: Project) -> None:
    found = [each["query"] for board in boards(real_shop).values() for each in board["templating"]["list"]]
    assert found

    def values(query: str) -> list[str]:
        selector, _, label = query.removeprefix("label_values(").removesuffix(")").rpartition(", ")
        said = real_shop.get("prometheus", f"api/v1/label/{label}/values", **{"match[]": filled(selector)})
        chosen: list[str] = said["data"]
        return chosen

    until(lambda: all(map(values, found)), "values of every variable")


def test_a_latency_has_the_traces_behind_it(real_shop: Project) -> None:
    board = boards(real_shop)["tocsin-voice-commerce-health"]
    queries = [query for panel in board["panels"] for query in panel.get("targets", ()) if query["exemplar"]]
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sampled = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    def traces() -> set[str]:
        httpx.get(real_shop.parts()["voice-commerce"].url, headers=sampled, trust_env=False)
        span = {"start": "0", "end": "9999999999"}
        said = real_shop.get("prometheus", "api/v1/query_exemplars", query=queries[0]["expr"], **span)
        return {each["labels"]["trace_id"] for series in said["data"] for each in series["exemplars"]}

    until(lambda: trace in traces(), "the exemplar of a sampled request")
