"""What users import; adding to it is a decision, and taking away breaks them."""

from __future__ import annotations

import inspect

import pytest
from inline_snapshot import snapshot

import tocsin
from tocsin import model, sdk


def test_the_public_names_are_these() -> None:
    assert sorted(tocsin.__all__) == snapshot(
        [
            "Alert",
            "Availability",
            "Beats",
            "Catalog",
            "Counter",
            "DeclarationError",
            "Down",
            "Errors",
            "Events",
            "Flapping",
            "Flow",
            "Gauge",
            "HTTP_DURATION",
            "HTTP_IN_FLIGHT",
            "HTTP_REQUESTS",
            "Histogram",
            "Hours",
            "JOB_DURATION",
            "JOB_LAST_SUCCESS",
            "JOB_RUNS",
            "LOG_RECORDS",
            "Label",
            "Latency",
            "Level",
            "Mean",
            "Observer",
            "Panel",
            "Query",
            "Ratio",
            "Scale",
            "Service",
            "Shift",
            "Silence",
            "Slow",
            "Spread",
            "Team",
            "TocsinError",
            "Traffic",
            "Unreachable",
            "Vanish",
            "job",
            "matching",
            "not_matching",
            "observe",
            "other_than",
            "propagate",
            "trace_headers",
        ]
    )


@pytest.mark.parametrize("name", tocsin.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(tocsin, name)
    assert found is getattr(sdk if name in sdk.__all__ else model, name)
    assert inspect.getdoc(found if callable(found) else type(found))


def test_nothing_else_is_public() -> None:
    public = {name for name in vars(tocsin) if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(tocsin, name))}
    assert public - modules == set(tocsin.__all__)


def test_what_an_observer_can_do_is_this() -> None:
    public = {name: member for name, member in vars(tocsin.Observer).items() if not name.startswith("_")}
    assert {name: list(inspect.signature(member).parameters)[1:] for name, member in public.items()} == snapshot(
        {
            "count": ["counter", "by", "labels"],
            "record": ["histogram", "value", "labels"],
            "set": ["gauge", "value", "labels"],
            "bind": ["signal", "labels"],
            "capture": ["error", "operation", "extra"],
            "ready": ["name", "check", "within"],
            "level": ["name"],
            "push": ["instance", "wait"],
        }
    )
    assert list(inspect.get_annotations(tocsin.Observer)) == ["app", "tracker", "log", "collector"]
    assert list(inspect.signature(tocsin.propagate).parameters) == ["client", "hosts"]
    assert not inspect.signature(tocsin.trace_headers).parameters
    assert list(inspect.signature(tocsin.observe).parameters) == ["app", "service", "registries"]
