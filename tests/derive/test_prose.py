"""A page written by hand, and the facts that are decided around it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tocsin.derive import Page, Plan, derive, pages
from tocsin.derive.prose import HEADINGS, LOOKS, MITIGATION, Prose
from tocsin.model import Catalog

WRITTEN = """\
# The till stands still

Nobody pays at <service>.

## First looks

1. Look at `<slo>`.

## Mitigation

```sh
# a comment, no title
## nor this a heading
plug-in <service>
```
"""


def test_a_page_has_a_title_a_lead_and_its_sections() -> None:
    prose = Prose.of(WRITTEN)
    assert (prose.title, prose.lead) == ("The till stands still", "Nobody pays at <service>.")
    assert [section.heading for section in prose.sections] == [LOOKS, MITIGATION]
    assert WRITTEN[prose.sections[1].start :].startswith("## Mitigation")
    assert prose.below(LOOKS) == "1. Look at `<slo>`."
    assert prose.below("Likely causes") == ""


def test_the_page_in_the_docs_lacks_nothing() -> None:
    page = (Path(__file__).parents[2] / "docs" / "runbooks.md").read_text(encoding="utf-8")
    prose = Prose.of(page.partition("```markdown\n")[2].partition("\n```\n")[0])
    assert tuple(section.heading for section in prose.sections) == HEADINGS
    assert all(section.text for section in prose.sections)


def test_a_comment_within_code_is_no_heading() -> None:
    assert "## nor this a heading" in Prose.of(WRITTEN).below(MITIGATION)


@pytest.mark.parametrize("text", ["", "words", "# Title", "## First looks"])
def test_a_page_that_lacks_most_is_read_all_the_same(text: str) -> None:
    assert all(section.heading in HEADINGS for section in Prose.of(text).sections)


@pytest.fixture
def plan(catalog: Catalog) -> Plan:
    shared = {f"runbooks/{name}.md": WRITTEN for name in ("service-down", "error-budget-burn")}
    return derive(catalog, {**shared, "checkout/runbooks/service-down.md": "# Own"})


def page_of(plan: Plan, name: str) -> Page:
    return next(page for page in pages(plan) if page.rule.page == name)


def test_every_alert_has_a_page_of_its_own(plan: Plan) -> None:
    named = [(page.rule.service, page.rule.page) for page in pages(plan)]
    assert len(set(named)) == len(named) == len(list(plan.alerts))


def test_a_services_own_words_are_taken_before_those_for_all(plan: Plan) -> None:
    assert page_of(plan, "service-down").prose.title == "Own"


def test_words_for_all_speak_of_this_alert(plan: Plan) -> None:
    prose = page_of(plan, "error-budget-burn-fast-availability").prose
    assert prose.lead == "Nobody pays at checkout."
    assert prose.below(LOOKS) == "1. Look at `availability`."


def test_one_looks_first_at_the_board_that_shows_what_is_judged(plan: Plan) -> None:
    boards = {page.rule.page: page.board and page.board.uid for page in pages(plan)}
    assert boards["service-down"] == "tocsin-checkout-health"
    assert boards["payments-stall"] == "tocsin-checkout-health"  # it has no panels of its own
    assert boards["error-budget-burn-slow-latency"] == "tocsin-objectives"
    assert boards["watchdog"] == "tocsin-monitoring"
    assert page_of(plan, "error-budget-burn-slow-latency").chosen == {"service": "checkout", "slo": "latency"}


def test_one_looks_back_as_far_as_the_alert_may_take(plan: Plan) -> None:
    assert page_of(plan, "service-down").since == "1h"
    assert page_of(plan, "error-budget-burn-slow-availability").since in {"7d", "30d"}
    assert "INTERVAL 1 HOUR" in page_of(plan, "service-down").query
    assert page_of(plan, "watchdog").query == ""


def test_a_page_says_where_its_alert_goes(plan: Plan) -> None:
    receivers = {page.rule.page: [route.receiver for route in page.routes] for page in pages(plan)}
    assert receivers["service-down"] == ["shop-pagerduty"]
    assert receivers["payments-stall"] == ["shop-slack"]
    assert receivers["watchdog"] == ["heartbeat"]


def test_a_page_needs_no_board(catalog: Catalog) -> None:
    bare = replace(derive(catalog), boards=())
    assert all(page.board is None for page in pages(bare))
    assert CHECKOUT.name in {page.rule.service for page in pages(bare)}
