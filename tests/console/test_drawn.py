"""Every page is drawn, whether or not there is anything to see; tests/browser looks at them in a browser."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.console.places import NOBODY, ROOT
from tests.console.serving import serving
from tests.console.test_alerts import RULE
from tests.console.test_errors import BUGSINK, TRACE
from tests.console.test_inbox import INBOX
from tests.console.test_proof import TOLD
from tests.logs.stores import append, record
from tocsin.console.pages import PAGES

PATHS = [page.path for page in PAGES]
SERVE = """
import sys
from functools import partial
from pathlib import Path
from tests.conftest import CHECKOUT
from tocsin import Catalog, Team
from tocsin.console import serving
from tocsin.derive import derive

folder, url = Path(sys.argv[1]), sys.argv[2]
catalog = Catalog(
    services=(CHECKOUT,),
    teams=(Team(name="shop", slack="#shop"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example",
)
places = dict.fromkeys(("prometheus", "alertmanager", "inbox", "tracker"), url) | {"alertmanager": sys.argv[3]}
files = {"tracker_token": folder / "token", "store": folder / "store"}
files |= {"monitoring": folder, "boards": folder, "proof": folder / "proof.json"}
serving.serve(partial(serving.opened, derive(catalog), **places, **files), 0, lambda url: print(url, flush=True))
"""


def console(folder: Path, url: str, alertmanager: str = "") -> Iterator[str]:
    """Serve a console of which every part is at *url*, save Alertmanager if that is elsewhere."""
    command = [sys.executable, "-c", SERVE, str(folder), url, alertmanager or url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console of which every part is away."""
    yield from console(tmp_path_factory.mktemp("bare"), NOBODY)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console that has something to show on each page."""
    folder = tmp_path_factory.mktemp("full")
    (folder / "proof.json").write_text(json.dumps(TOLD))
    (folder / "token").write_text("token")
    append(folder / "store", [record("sold out", severity="ERROR")])
    answers = {
        "/api/v1/rules": {"status": "success", "data": {"groups": [{"rules": [RULE]}]}},
        "/api/v2/alerts": [],
        "/api/v2/silences": [],
        **INBOX,
        **BUGSINK,
    }
    with serving(answers) as url:
        yield from console(folder, url)


def drawn(console: str, path: str) -> str:
    """Return what a page shows at first, as texts."""
    page = httpx.get(console + path, timeout=20, trust_env=False)
    assert page.status_code == 200
    return html.unescape(page.text)


def test_the_address_that_an_alert_links_leads_to_its_runbook(bare: str) -> None:
    found = httpx.get(f"{bare}/runbooks/checkout/service-down", trust_env=False, follow_redirects=True)
    assert (found.status_code, str(found.url)) == (200, f"{bare}/runbooks?service=checkout&alert=service-down")
    assert "ServiceDown on checkout" in html.unescape(found.text)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_which_all_is_away_says_so_and_its_twin_too(bare: str, path: str) -> None:
    assert "fault of the console" not in drawn(bare, path)
    assert httpx.get(f"{bare}{path}.json", trust_env=False).json() is not None


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/alerts", ("Slow", "pending", "x > 1", "The alert that always must ring does not")),
        ("/logs", ("sold out", "ERROR")),
        ("/logs?sql=SELECT+severity,+COUNT(*)+AS+n+FROM+logs+GROUP+BY+severity", ("Chart", "1 row")),
        ("/logs?sql=SELECT+nothing+FROM+logs", ("line 1, column 8", "^^^^^^^")),
        ("/inbox", ("The till is down", "Triggered", "High urgency", "Firing: TillDown", "watchdog is late")),
        ("/objectives", ("checkout: availability", "99.9 % over 30d", "nothing known yet", "Not known: nothing")),
        ("/errors", ("Refused", "till.py:7", f"trace={TRACE}")),
        ("/catalog", ("payments_total", "PaymentsStall", "is not written yet: `tocsin build` writes it.")),
        ("/runbooks", ("PaymentsStall", "ErrorBudgetBurnFast availability", "/runbooks/checkout/service-down")),
        ("/runbooks?service=checkout&alert=service-down", ("ServiceDown on checkout", "How it was proved", "logs?")),
        ("/runbooks?service=checkout&alert=nothing", ("There is no runbook", "PaymentsStall")),
        ("/proof", ("1 alerts proved", "2 min 30 s", "unheard", "never rings")),
    ],
)
def test_a_page_shows_what_there_is(full: str, path: str, shown: tuple[str, ...]) -> None:
    page = drawn(full, path)
    assert [text for text in shown if text not in page] == []
