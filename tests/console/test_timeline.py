"""The picture of an incident, and the sentence beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tocsin.console.drills import Choice, Incident, Step
from tocsin.console.timeline import SCALES, Bar, bars, told, width

STEPS = (
    Step("fault in", 0.2),
    Step("pending", 3.2),
    Step("firing", 7.6),
    Step("delivered", 7.7),
    Step("fault out", 8.6),
    Step("resolved", 13.4),
)
WHOLE = Incident(Choice("shop/Slow", "all is slow"), began=0.0, broken=20.0, steps=STEPS, ended=True)


def until(step: str) -> Incident:
    """Return the incident as it is when *step* has just come."""
    names = [each.name for each in STEPS]
    return replace(WHOLE, steps=STEPS[: names.index(step) + 1], ended=False)


def test_what_was_the_case_when_is_exact() -> None:
    assert tuple(bars(WHOLE, 0.0)) == (
        Bar("Service", 0.2, 8.6, "text", "all is slow", open=False),
        Bar("Alert", 3.2, 7.6, "warning", "pending", open=False),
        Bar("Alert", 7.6, 13.4, "critical", "firing", open=False),
        Bar("People", 7.7, 13.4, "critical", "told", open=False),
    )


def test_what_goes_on_reaches_to_now() -> None:
    assert tuple(bars(until("pending"), 5.0)) == (
        Bar("Service", 0.2, 5.0, "text", "all is slow", open=True),
        Bar("Alert", 3.2, 5.0, "warning", "pending", open=True),
    )


def test_an_alert_that_lasts_for_no_time_is_never_pending() -> None:
    at_once = replace(WHOLE, steps=tuple(each for each in STEPS if each.name != "pending"))
    assert [bar.words for bar in bars(at_once, 0.0)] == ["all is slow", "firing", "told"]


def test_before_the_fault_there_is_nothing_to_see() -> None:
    assert tuple(bars(replace(WHOLE, steps=(), ended=False), 0.0)) == ()


@pytest.mark.parametrize(("seconds", "wide"), [(0, 10), (10, 10), (13.7, 15), (3600, 3600), (9999, 9999)])
def test_the_picture_is_as_wide_as_the_next_whole_scale(seconds: float, wide: float) -> None:
    assert width(seconds) == wide
    assert list(SCALES) == sorted(SCALES)


@pytest.mark.parametrize(
    ("incident", "sentence"),
    [
        (
            WHOLE,
            (
                "It rang 7.6 s after the fault, reached people after 7.7 s, "
                "and was resolved 4.8 s after the fault was out."
            ),
        ),
        (
            replace(until("pending"), ended=True, problem="the alert did not come within 120 seconds"),
            "It failed: the alert did not come within 120 seconds. The last step that came was 'pending'.",
        ),
        (
            replace(until("pending"), ended=True, stopped=True),
            "It was stopped before it was over, so it proves nothing.",
        ),
        (replace(until("pending"), stopped=True), "It is being stopped."),
        (replace(until("firing"), ended=True), "It ended without all of its steps, so it proves nothing."),
        (until("pending"), "Pending; next is: firing."),
        (
            replace(WHOLE, steps=(), ended=False),
            "A stack of its own starts, and waits until visitors come and the alert is silent.",
        ),
    ],
)
def test_how_it_went_is_said_in_a_sentence(incident: Incident, sentence: str) -> None:
    assert told(incident) == sentence
