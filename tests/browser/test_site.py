"""The site of the documentation in a browser: a reader finds a page by a word, and nobody else is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.docs.site import build


class Quiet(SimpleHTTPRequestHandler):
    """Serve files, and say nothing of it."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of the site."""
    assert build(tmp_path).returncode == 0
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_reader_finds_a_page_and_nothing_is_asked_of_other_machines(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/index.html")
    page.get_by_role("textbox", name="Search").fill("promtool")
    expect(page.get_by_role("link", name="Proof").first).to_be_visible()
    page.goto(f"{site}/checks/promql/no-pair.html")
    expect(page.get_by_role("heading", name="promql/no-pair")).to_be_visible()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((site, "blob:", "data:"))] == []
