"""The static runbooks on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tocsin.cli.project import load
from tocsin.targets import PRODUCTION
from tocsin.targets.runbooks import static


@pytest.mark.live
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_runbook_is_read_on_a_phone_without_scrolling_sideways(browser: Browser, tmp_path: Path, scheme: str) -> None:
    for artifact in static(load(None).plan, PRODUCTION, {}):
        file = tmp_path / artifact.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(artifact.text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]  # one of Playwright's words
    page = context.new_page()
    for path in ("index.html", "lightspeed-bigquery/sales-sync-stalled/index.html"):
        page.goto((tmp_path / path).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert Axe().run(page).response["violations"] == []
    context.close()
