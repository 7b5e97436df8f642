"""A runbook's Markdown, and the page that draws it."""

from __future__ import annotations

import json

import pytest

from tests.console.places import Places
from tocsin.console.alerts.runbook import runbook
from tocsin.console.markdown import Block, Run, blocks
from tocsin.console.metrics import Away
from tocsin.console.runbooks import view

PAGE = """\
# The service is down

Nobody **can** buy, *really*; see `up` and [the board](https://boards.example/1).

1. Look at the log.
2. Restart it:
   - gently

```
kill -TERM 1
```

| sign | cause |
|---|---|
| none | all |

---
"""


def test_a_page_becomes_blocks() -> None:
    assert blocks(PAGE) == (
        Block("heading", ((Run("The service is down"),),), 1),
        Block(
            "text",
            (
                (
                    Run("Nobody "),
                    Run("can", "strong"),
                    Run(" buy, "),
                    Run("really", "em"),
                    Run("; see "),
                    Run("up", "code"),
                    Run(" and "),
                    Run("the board", "plain", "https://boards.example/1"),
                    Run("."),
                ),
            ),
        ),
        Block("item", ((Run("Look at the log."),),), 1, "1."),
        Block("item", ((Run("Restart it:"),),), 1, "2."),
        Block("item", ((Run("gently"),),), 2, "•"),
        Block("code", ((Run("kill -TERM 1", "code"),),)),
        Block("cell", ((Run("sign"),), (Run("cause"),))),
        Block("cell", ((Run("none"),), (Run("all"),))),
        Block("rule", ()),
    )


def test_html_stays_text_and_no_address_runs_a_script() -> None:
    (html, link) = blocks("<img src=x onerror=alert(1)>\n\n[here](javascript:alert(1)) [there](file:///etc)")
    assert html == Block("text", ((Run("<img src=x onerror=alert(1)>"),),))
    assert not any(run.link for run in link.parts[0])


def test_the_page_of_an_alert_is_the_catalogs_wherever_it_is_served_else(places: Places) -> None:
    found = places.do(lambda sources: runbook(sources, "https://runbooks.example/checkout/service-down"))
    missing = places.do(lambda sources: runbook(sources, "https://runbooks.example/checkout/other"))
    assert isinstance(found, tuple)
    assert found[0] == Block("heading", ((Run("ServiceDown on checkout"),),), 1)
    assert isinstance(missing, Away)
    assert "There is no runbook “other” of checkout" in missing.sentence


def words(found: tuple[Block, ...]) -> str:
    return "\n".join("".join(run.text for run in part) for block in found for part in block.parts)


def test_a_runbook_leads_to_pages_beside_and_tells_what_was_seen(places: Places) -> None:
    seen = {
        "alert": "checkout/ServiceDown",
        "day": "its fault",
        "fault": "no instance answers",
        "rings": True,
        "after": 135.0,
        "silent": 15.0,
        "problem": None,
    }
    quiet = seen | {"day": "a healthy day", "fault": None, "rings": False, "after": None, "silent": None}
    row = {"fault": "all is slow", "rings": [], "silent": ["checkout/ServiceDown"]}
    told = {"matrix": [{"faults": [row]}], "rehearsals": [seen, quiet]}
    (places.folder / "proof.json").write_text(json.dumps(told))
    page = places.look(view.look, "service=checkout&alert=service-down").page
    addresses = {run.link for block in page for part in block.parts for run in part if run.link}
    assert "/boards?uid=tocsin-checkout-health&from=now-1h&to=now" in addresses
    assert all(address.startswith(("/boards?", "/logs?", "/errors?")) for address in addresses)
    for said in ("its fault: no instance answers\n2.2 min\n15 s", "silent on: a healthy day", "ring when: all is slow"):
        assert said in words(page)


def test_without_a_proof_a_runbook_tells_what_is_promised(places: Places) -> None:
    (places.folder / "proof.json").write_text("{}")
    page = places.look(view.look, "service=checkout&alert=service-down").page
    assert "no instance answers\n3m\n1m" in words(page)


def test_every_alert_stands_on_the_page_of_runbooks(places: Places) -> None:
    shown = places.look(view.look)
    assert ("checkout", "/runbooks/checkout/error-budget-burn-fast-availability") in {
        (entry.service, entry.address) for entry in shown.entries
    }
    assert places.look(view.look, "service=checkout&alert=nothing").missing.startswith("There is no runbook “nothing”")


@pytest.mark.parametrize("url", ["", "https://a.example/", "https://a.example/../..", "https://a.example/x/..%2fy"])
def test_an_alert_without_a_page_says_so(places: Places, url: str) -> None:
    found = places.do(lambda sources: runbook(sources, url))
    assert isinstance(found, Away)
    assert found.sentence == "This alert names no runbook: declare one with `runbook=`."
