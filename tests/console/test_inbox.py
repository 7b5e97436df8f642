"""The page of the inbox, looked at in a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.places import NOBODY, Places
from tests.console.serving import serving
from tests.stack.inboxes import SHOP, event, running_inbox
from tocsin.console.inbox import view as inbox
from tocsin.console.inbox.mrkdwn import slack
from tocsin.console.inbox.slack import MOST, Attachment, Piece, attachments, pieces
from tocsin.console.inbox.view import Link
from tocsin.console.markdown import Run

INCIDENT = {
    "id": 1,
    "status": "triggered",
    "severity": "critical",
    "summary": "The till is down",
    "team": "shop",
    "source": "till-3",
    "runbook": "javascript:alert(1)",
    "triggers": 1,
    "log": [{"number": 1, "at": 1_764_043_200.0, "effect": "opened"}],
    "body": {"payload": {"custom_details": {"num_firing": 1}}},
}
MESSAGE = {
    "id": 1,
    "at": 1_764_043_200.0,
    "team": "shop",
    "channel": "#shop",
    "body": {"attachments": [{"color": "danger", "title": "Firing: TillDown", "text": "*Down*"}]},
}
INBOX: dict[str, Any] = {
    "/incidents.json": {"incidents": [INCIDENT]},
    "/messages.json": {"messages": [MESSAGE]},
    "/heartbeats.json": {"heartbeats": [{"name": "watchdog", "at": 1_764_043_200.0, "every": 60.0}]},
}


def _spaced(*runs: Run) -> Iterator[Run]:
    for at, run in enumerate(runs):
        yield from (Run(" "), run) if at else (run,)


@pytest.mark.live
def test_what_was_sent_is_shown_as_pagerduty_and_slack_would(places: Places, tmp_path: Path) -> None:
    with running_inbox(tmp_path / "inbox") as real:
        httpx.post(f"{real.url}/v2/enqueue", json=event(custom_details={"because": "Nobody can buy."}))
        httpx.post(f"{real.url}/v2/enqueue", json=event("resolve"))
        said = {"color": "good", "title": "Resolved", "title_link": "https://a.example/", "text": "*up* again"}
        httpx.post(real.url + SHOP.slack, json={"channel": "#shop", "attachments": [said]})
        seen = places.at(inbox=real.url).look(inbox.look)
    (incident,) = seen.incidents
    assert (incident.status, incident.severity, incident.summary) == ("resolved", "critical", "The disk is full")
    assert [entry.effect for entry in incident.log] == ["opened", "resolved"]
    assert incident.urgency == "high"
    assert ("because", "Nobody can buy.") in incident.details
    (message,) = seen.messages
    assert message.channel == "#shop"
    title = Piece("title", ((Run("Resolved", "strong", "https://a.example/"),),))
    assert message.attachments == (Attachment("good", (title, Piece("text", ((Run("up", "strong"), Run(" again")),)))),)
    assert seen.away == ()


def test_slacks_markup_becomes_words_and_no_address_runs_a_script() -> None:
    assert slack("*a &amp; b* <https://x.example/?a=1&amp;b=2|Runbook> `c` <javascript:alert(1)|d>") == (
        Run("a & b", "strong"),
        Run(" "),
        Run("Runbook", "plain", "https://x.example/?a=1&b=2"),
        Run(" "),
        Run("c", "code"),
        Run(" "),
        Run("<javascript:alert(1)|d>"),
    )


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("_a_ ~b~", (Run("a", "em"), Run(" "), Run("b", "strike"))),
        ("*a <https://x.example|b>*", (Run("a ", "strong"), Run("b", "strong", "https://x.example"))),
        ("snake_case_name 2*3*4", (Run("snake_case_name 2*3*4"),)),
        ("```\na *b*\n```", (Run("a *b*", "block"),)),
        (
            "<!here> <#C1|ops> <@U1>",
            tuple(_spaced(Run("@here", "mention"), Run("#ops", "mention"), Run("@U1", "mention"))),
        ),
        ("<!date^1^{date}|then>", (Run("then"),)),
        ("<b>&lt;b&gt;</b>", (Run("<b>"), Run("<b>"), Run("</b>"))),
    ],
)
def test_slacks_markup_is_that_of_its_documentation(text: str, runs: tuple[Run, ...]) -> None:
    assert slack(text) == runs


def words(kind: Any, *texts: str) -> Piece:
    return Piece(kind, tuple((Run(text),) for text in texts))


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def test_blocks_are_laid_out_as_slack_would() -> None:
    button = {"type": "button", "text": plain("Open"), "url": "https://x.example/"}
    blocks = [
        {"type": "header", "text": plain("*Down*")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "a\n&gt; b\nc"}, "fields": [plain("d"), plain("e")]},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "image", "alt_text": "a cat"}, plain("f")]},
        {"type": "actions", "elements": [button, {**button, "url": "javascript:alert(1)"}]},
        {"type": "video"},
    ]
    assert pieces({"text": "not shown", "blocks": blocks}) == (
        words("header", "*Down*"),
        words("text", "a"),
        words("quote", "b"),
        words("text", "c"),
        words("fields", "d", "e"),
        Piece("divider"),
        words("context", "[image: a cat]", "f"),
        Piece("actions", ((Run("Open", "plain", "https://x.example/"),), (Run("Open"),))),
        words("context", "[video is not drawn here; the inbox's messages.json has it]"),
    )


def test_an_attachment_has_its_colour_its_fields_and_where_it_is_from() -> None:
    told = {"color": "#36A64F", "pretext": "a", "fields": [{"title": "b", "value": "c"}], "footer": "d"}
    (seen,) = attachments({"attachments": [told]})
    fields = Piece("fields", ((Run("b\n", "strong"), Run("c")),))
    assert seen == Attachment("#36a64f", (words("text", "a"), fields, words("context", "d")))


@pytest.mark.parametrize("colour", ["red; background: url(//x.example)", "#12345", 7, None])
def test_a_colour_that_is_none_is_left_out(colour: object) -> None:
    (seen,) = attachments({"attachments": [{"color": colour, "fallback": "a"}]})
    assert seen == Attachment("", (words("text", "a"),))


@pytest.mark.parametrize("body", [{}, {"blocks": 3, "attachments": "no"}, {"blocks": [{"type": 5}, None, []]}])
def test_whatever_slack_took_is_drawn(body: dict[str, Any]) -> None:
    assert [piece.kind for piece in pieces(body)] in ([], ["context"])
    assert attachments(body) == ()


def test_a_message_without_end_is_cut() -> None:
    assert len(pieces({"blocks": [{"type": "divider"}] * 1000})) == MOST
    ((run,),) = (text for piece in pieces({"text": "x" * 9000}) for text in piece.texts)
    assert len(run.text) < 4000


def test_an_incident_leads_to_its_runbook_first_and_to_no_address_twice(places: Places) -> None:
    links = [{"href": "https://a.example/", "text": "Runbook"}, {"href": "https://b.example/"}, {"href": "data:x"}]
    body = {"links": links, "payload": {}, "client": "Tocsin", "client_url": "https://c.example/"}
    told = {**INCIDENT, "runbook": "https://a.example/", "severity": "warning", "body": body}
    with serving({**INBOX, "/incidents.json": {"incidents": [told]}}) as url:
        (incident,) = places.at(inbox=url).look(inbox.look).incidents
    assert incident.urgency == "low"
    assert incident.links == (
        Link("Runbook", "https://a.example/"),
        Link("https://b.example/", "https://b.example/"),
        Link("View in Tocsin", "https://c.example/"),
    )


def test_an_address_that_a_browser_must_not_open_is_none(places: Places) -> None:

    with serving(INBOX) as url:
        seen = places.at(inbox=url).look(inbox.look)
    assert seen.incidents[0].links == ()
    assert seen.heartbeats[0].late


def test_an_inbox_that_is_away_is_said_once(places: Places) -> None:
    seen = places.look(inbox.look)
    assert (seen.incidents, seen.messages, seen.heartbeats) == ((), (), ())
    assert len(seen.away) == 1
    assert seen.away[0].startswith(f"No inbox answers at {NOBODY} (")
