"""The episodes of alerts, as a Prometheus answers that has recorded them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.console.places import Places
from tests.console.serving import serving
from tocsin.console.alerts import history
from tocsin.console.alerts.history import Episode, episodes
from tocsin.console.metrics import Line

SLOW = {"alertname": "Slow", "service": "checkout", "severity": "critical"}
PENDING, FIRING = ({"alertstate": state, **SLOW} for state in ("pending", "firing"))
EVERY = 15.0
START = 1_764_043_200.0


def stretches(labels: dict[str, str], *seen: tuple[float, float]) -> tuple[Line, Line]:
    """Return the times of the first and the last sample in each step, a step for each stretch."""
    points = [(START + 60 * number, stretch) for number, stretch in enumerate(seen)]
    first, last = (tuple((at, START + pair[side]) for at, pair in points) for side in (0, 1))
    return Line(labels, first), Line(labels, last)


def told(*lines: tuple[Line, Line], since: tuple[Line, ...] = (), end: float = 1000.0) -> list[Episode]:
    first, last = zip(*lines, strict=True)
    return list(episodes(first, last, since, EVERY, START + end))


def test_an_alert_is_pending_fires_and_is_over_at_the_evaluation_after_its_last() -> None:
    (episode,) = told(stretches(PENDING, (0, 45), (60, 105)), stretches(FIRING, (120, 165), (180, 210)))
    assert (episode.since, episode.fired, episode.over) == (START, START + 120, START + 225)
    assert episode.labels == SLOW


def test_what_goes_on_at_the_end_is_not_over() -> None:
    (episode,) = told(stretches(FIRING, (0, 45), (60, 105)), end=120)
    assert (episode.fired, episode.over) == (START, None)


def test_what_only_was_pending_never_fired() -> None:
    (episode,) = told(stretches(PENDING, (0, 30)))
    assert (episode.fired, episode.over) == (None, START + 45)


def test_what_comes_again_is_another_episode() -> None:
    found = told(stretches(PENDING, (0, 30), (300, 330)), stretches(FIRING, (345, 360)))
    assert [(each.since - START, each.fired, each.over) for each in found] == [
        (0, None, START + 45),
        (300, START + 345, START + 375),
    ]


def test_what_began_before_the_window_is_told_from_when_it_did() -> None:
    since = (Line({"__name__": "ALERTS_FOR_STATE", **SLOW}, ((START + 60, START - 7200),)),)
    (episode,) = told(stretches(FIRING, (0, 45), (60, 105)), since=since)
    assert (episode.since, episode.fired) == (START - 7200, START)


def test_whole_seconds_of_its_beginning_do_not_make_an_alert_pending_before_it_was() -> None:
    since = (Line(SLOW, ((START + 60, START),)),)
    (episode,) = told(stretches(FIRING, (0.6, 45)), since=since)
    assert episode.since == episode.fired == START + 0.6


def test_boards_and_logs_are_linked_at_the_time_of_the_episode() -> None:
    episode = Episode(SLOW, START, START + 60, START + 120)
    around = f"from={START * 1000 - 300_000:.0f}&to={START * 1000 + 180_000:.0f}"
    assert episode.board(START + 999) == f"/boards?uid=tocsin-checkout-health&{around}"
    assert episode.logs(START + 999) == f"/logs?service=checkout&{around}"


def prometheus(address: str) -> dict[str, Any]:
    """Answer as one does whose alert was pending for a minute, and fired for another."""
    asked = parse_qs(urlsplit(address).query)["query"][0]
    at = float(parse_qs(urlsplit(address).query)["start"][0])
    if asked.startswith("last_over_time"):
        result = [{"metric": SLOW, "values": [[at, str(at)]]}]
    else:
        late = 60 if asked.startswith("max") else 0
        result = [
            {"metric": labels, "values": [[at, str(at + begin + late)]]}
            for labels, begin in ((PENDING, 0), (FIRING, 75))
        ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


@pytest.mark.parametrize(
    ("query", "span", "length"),
    [
        ("span=1h", "1h", 3600),
        ("span=2y", "6h", 21_600),
        (f"from={START * 1000:.0f}&to={START * 1000 + 600_000:.0f}", "", 600),
        ("from=now&to=now-1h", "6h", 21_600),
    ],
)
def test_the_address_names_the_window(places: Places, query: str, span: str, length: float) -> None:
    with serving(prometheus) as url:
        seen = places.at(prometheus=url).look(history.look, query)
    assert (seen.span, seen.end - seen.start) == (span, length)
    (episode,) = seen.episodes
    assert episode.over is not None
    assert episode.fired is not None
    assert (episode.fired - episode.since, episode.over - episode.fired) == (75, 75)


def test_a_prometheus_that_is_away_is_said(places: Places) -> None:
    seen = places.look(history.look)
    assert seen.episodes == ()
    assert len(seen.away) == 1
