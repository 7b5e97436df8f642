"""A runbook's Markdown, as the inbox serves it and a page draws it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.places import Places
from tests.stack.inboxes import running_inbox
from tocsin.console.alerts.runbook import runbook
from tocsin.console.markdown import Block, Run, blocks
from tocsin.console.metrics import Away

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


@pytest.mark.live
def test_the_page_of_an_alert_comes_from_the_inbox_wherever_it_is_served_else(places: Places, tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout/service-down.md").write_text("# Down")
    with running_inbox(tmp_path / "inbox", "--runbooks", str(tmp_path)) as inbox:
        at = places.at(inbox=inbox.url)
        found = at.do(lambda sources: runbook(sources, "https://runbooks.example/checkout/service-down"))
        missing = at.do(lambda sources: runbook(sources, "https://runbooks.example/checkout/other"))
    assert found == (Block("heading", ((Run("Down"),),), 1),)
    assert isinstance(missing, Away)
    assert "There is no runbook “other” for checkout" in missing.sentence


@pytest.mark.parametrize("url", ["", "https://a.example/", "https://a.example/../..", "https://a.example/x/..%2fy"])
def test_an_alert_without_a_page_says_so(places: Places, url: str) -> None:
    found = places.do(lambda sources: runbook(sources, url))
    assert isinstance(found, Away)
    assert found.sentence == "This alert names no runbook: declare one with `runbook=`."
