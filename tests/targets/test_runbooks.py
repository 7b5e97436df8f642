"""The pages of alerts, as Markdown and as static pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import PurePosixPath

import pytest

from tocsin.cli.project import load
from tocsin.derive import Plan, Proved, Trial, pages
from tocsin.derive.prose import HEADINGS
from tocsin.targets import PRODUCTION, Site
from tocsin.targets.runbooks import markdown, render, static
from tocsin.targets.runbooks.words import escaped

PROVED = Proved(
    made="2026-11-25 at 12:00 UTC",
    trials=(
        Trial(what="its fault: no instance answers", must=True, rang=150, silent=15),
        Trial(what="its fault: no instance is there", must=True, problem="it does not ring"),
        Trial(what="a healthy day", must=False),
    ),
    beside=(("all requests fail", 480.0),),
    deaf=("orders_total stands still",),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(None).plan


class Reader(HTMLParser):
    """What a page leads to, loads, and is called."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.links += [value for name in ("href", "src") if (value := found.get(name))]
        self.ids.add(found.get("id") or "")


def test_every_page_has_every_section_with_words_and_its_facts(plan: Plan) -> None:
    for artifact in render(plan, PRODUCTION):
        if artifact.path.endswith("README.md"):
            continue
        headings = re.findall(r"^## (.+)$", artifact.text, re.MULTILINE)
        assert headings == [*HEADINGS, "How it was proved", "The rule"], artifact.path
        assert not re.search(r"^## .+\n+(?=##|\Z)", artifact.text, re.MULTILINE), artifact.path
        assert "<service>" not in artifact.text


def test_every_link_between_pages_leads_to_one(plan: Plan) -> None:
    written = {artifact.path: artifact.text for artifact in render(plan, PRODUCTION)}
    for path, text in written.items():
        for link in re.findall(r"\]\(([^)#:]+\.md)", text):
            assert str(PurePosixPath(path).parent / link) in written, (path, link)
    assert "(sales-sync-stalled.md)" in written["runbooks/lightspeed-bigquery/errors-logged-outside-requests.md"]
    assert "(error-budget-burn-fast-availability.md)" in written["runbooks/voice-commerce/voice-conversion-drop.md"]


def test_static_pages_lead_to_each_other_by_folders_and_run_nothing(plan: Plan) -> None:
    written = {artifact.path: artifact.text for artifact in static(plan, PRODUCTION, {})}
    assert {PurePosixPath(path).name for path in written} == {"index.html", "runbooks.css"}
    for path, text in written.items():
        if path.endswith(".css"):
            continue
        page = Reader(text)
        assert not page.tags & {"script", "img", "iframe"}
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
        for link in (link for link in page.links if ":" not in link):
            target, _, section = link.partition("#")
            folder = [*PurePosixPath(path).parent.parts]
            for part in PurePosixPath(target).parts:
                folder = folder[:-1] if part == ".." else [*folder, part]
            led = "/".join(folder if target.endswith(".css") else [*folder, "index.html"])
            assert led in written, (path, link)
            assert section in {"", *Reader(written[led]).ids}


def test_a_static_page_has_the_address_that_the_alert_links(plan: Plan) -> None:
    site = Site(runbooks="https://r.example")
    written = {artifact.path for artifact in static(plan, site, {})}
    for rule in plan.alerts:
        address = site.runbook(plan.catalog, rule.service, rule.page)
        assert f"{address.removeprefix('https://r.example/')}/index.html" in written


def test_the_sheet_knows_dark_and_light(plan: Plan) -> None:
    (sheet,) = (each.text for each in static(plan, PRODUCTION, {}) if each.path == "runbooks.css")
    assert "color-scheme: light dark" in sheet
    assert "prefers-color-scheme: dark" in sheet


def test_a_page_tells_what_was_seen_instead_of_what_is_promised(plan: Plan) -> None:
    page = next(page for page in pages(plan) if page.rule.subject == "voice-commerce/ServiceDown")
    seen = markdown(page, plan, PRODUCTION, PROVED)
    for told in (
        "| its fault: no instance answers | 2.5 min | 15 s |",
        "| its fault: no instance is there | never | never |",
        "silent on: a healthy day.",
        "beside others when: all requests fail (after 8 min).",
        "does not ring when: orders_total stands still.",
        "**Not proved**: its fault: no instance is there: it does not ring.",
    ):
        assert told in seen
    promised = markdown(page, plan, PRODUCTION)
    assert "| no instance answers | 3m | 1m |" in promised
    assert "Proved on" not in promised


@pytest.mark.parametrize("text", ["a|b", "a [b](c)", "*a* `b` <c>", "a\nb"])
def test_words_stay_words_in_a_table(text: str) -> None:
    shown = escaped(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[|*`<\[]", shown)
