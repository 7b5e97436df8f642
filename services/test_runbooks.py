"""The runbooks of the services: what they tell to ask of the logs is answered."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.catalog import CATALOG
from tests.logs.stores import append, record
from tocsin import source
from tocsin.cli.project import load
from tocsin.derive import Page, pages
from tocsin.derive.questions import QUESTIONS
from tocsin.logs.database import opened
from tocsin.model import seconds

PAGES = {f"{page.rule.subject}": page for page in pages(load(None).plan)}
WRITTEN = source.runbooks(CATALOG, Path(__file__).parent)
ASKED = sorted(
    {line.strip() for page in WRITTEN.values() for line in page.text.splitlines() if "tocsin logs query" in line}
)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_query_of_a_page_counts_what_its_service_said(page: Page, tmp_path: Path) -> None:
    name = page.rule.service
    if not page.query:
        assert page.rule.name == "Watchdog"
        return
    now = datetime.now(UTC).isoformat()
    told = {"time": now, "severity": "ERROR", "serviceContext": {"service": name, "version": "1"}}
    append(tmp_path, [record("it broke", **told), record("it broke", **told)], name)
    with opened(tmp_path) as database:
        assert [row[:3] for row in database.ask(page.query).rows] == [("ERROR", "it broke", 2)]


@pytest.mark.parametrize("line", ASKED)
def test_what_is_to_be_asked_of_the_logs_can_be_asked(line: str, tmp_path: Path) -> None:
    words = shlex.split(line)[3:]
    append(tmp_path, [record("sold")])
    known = {question.name: question.sql for question in QUESTIONS}
    with opened(tmp_path, known) as database:
        if words[0] == "--question":
            assert words[1] in known
        else:
            database.ask(re.sub(r"@trace\b", "'4bf9'", words[0]))


def test_runbooks_ask_the_logs() -> None:
    assert len(ASKED) >= 8


def test_every_page_looks_back_further_than_its_alert_may_take() -> None:
    for page in PAGES.values():
        assert seconds(page.since) > seconds(page.rule.within)
