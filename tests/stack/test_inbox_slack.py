from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.stack.inboxes import DATA, SHOP, Inbox
from tests.stack.test_inbox_pagerduty import HOSTILE, JSON
from tocsin.stack.inbox.mrkdwn import mrkdwn, web_address
from tocsin.stack.inbox.slack_view import panels


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def messages(inbox: Inbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = inbox.get("/messages.json").json()["messages"]
    return found


def test_a_message_is_answered_ok_as_plain_text_and_kept(inbox: Inbox) -> None:
    body = {"channel": "#shop", "username": "Alertmanager", "attachments": [{"fallback": "It burns", "text": ""}]}
    answer = inbox.post(SHOP.slack, json=body)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    (message,) = messages(inbox)
    assert message.pop("at") > 0
    assert message == {
        "id": 1,
        "team": "shop",
        "channel": "#shop",
        "username": "Alertmanager",
        "text": "It burns",
        "body": body,
    }


def test_a_form_with_a_payload_is_a_message(inbox: Inbox) -> None:
    answer = inbox.post(DATA.slack, data={"payload": '{"text": "hello"}'})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert [(message["team"], message["text"]) for message in messages(inbox)] == [("data", "hello")]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"attachments": [], "blocks": None}, "no_text"),
        ({"text": 5}, "invalid_payload"),
        ({"attachments": "x"}, "invalid_payload"),
        ({"attachments": ["x"]}, "invalid_payload"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"blocks": [{"text": "no type"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ([], "invalid_payload"),
    ],
)
def test_a_wrong_message_is_refused_in_slacks_own_word(inbox: Inbox, body: Any, word: str) -> None:
    answer = inbox.post(SHOP.slack, json=body)
    assert (answer.status_code, answer.text) == (400, word)
    assert messages(inbox) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"not json", "application/json"),
        (b"", "application/json"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"text=hello", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b'{"text": "json, but said to be a form"}', "application/x-www-form-urlencoded"),
    ],
)
def test_what_cannot_be_read_is_an_invalid_payload(inbox: Inbox, content: bytes, kind: str) -> None:
    answer = inbox.post(SHOP.slack, content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.text) == (400, "invalid_payload")


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/services/T1/B1/wrongToken", 403, "invalid_token"),
        ("/services/T1/B9/shopToken", 404, "no_service"),
        ("/services/T1", 404, "no_service"),
        ("/services/", 404, "no_service"),
        ("/services/T1/B1/shopToken/more", 404, "no_service"),
    ],
)
def test_a_webhook_of_nobody_is_refused(inbox: Inbox, path: str, status: int, word: str) -> None:
    answer = inbox.post(path, json={"text": "x"})
    assert (answer.status_code, answer.text) == (status, word)


def test_a_webhook_that_sends_too_much_is_told_when_to_retry(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, slack_limit=2)
    answers = [inbox.post(SHOP.slack, json={"text": "x"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert inbox.post(DATA.slack, json={"text": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~gone~ `code`", "<strong>bold</strong> <em>it</em> <s>gone</s> <code>code</code>"),
        ("2 * 3 * 4, snake_case_name, a~b~c", "2 * 3 * 4, snake_case_name, a~b~c"),
        (
            "*see <https://a.example/?q=1&amp;r=2|the run>*",
            '<strong>see <a href="https://a.example/?q=1&amp;r=2" rel="noreferrer">the run</a></strong>',
        ),
        ("<https://a.example>", '<a href="https://a.example" rel="noreferrer">https://a.example</a>'),
        ("<javascript:alert(1)|click>", "click"),
        (
            "<@U1|ada> <#C1|shop> <!here> <!subteam^S1|@ops>",
            " ".join(f'<b class="mention">{name}</b>' for name in ("@ada", "#shop", "@here", "@ops")),
        ),
        ("<!date^1392734382^{date}|18 Feb>", "18 Feb"),
        ("<|x> <> < >", "x &lt;&gt;  "),
        ("```\nraw *x* <b>\n```", "<pre>raw *x* &lt;b&gt;</pre>"),
        ("> quoted\n> twice\nafter", "<blockquote>quoted\ntwice</blockquote>after"),
        ("a &lt;b&gt; &amp; <script>alert(1)", "a &lt;b&gt; &amp; scriptalert(1)"),
        ("\ue0000\ue001", "0"),
    ],
)
def test_markup_is_drawn_as_slack_draws_it(text: str, html: str) -> None:
    assert str(mrkdwn(text)) == html


FRAGMENTS = [
    *"*_~`<>|&;#@! \n:/ax\ue000\ue0010",
    "```",
    "&lt;",
    "&gt;",
    "<https://a.example|",
    '"><img src=x>',
    "<!date^1|",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_no_markup_lets_a_tag_through(text: str) -> None:
    html = str(mrkdwn(text))
    for tag in ("strong", "em", "s", "code", "pre", "blockquote", "b", "a"):
        html = html.replace(f"</{tag}>", "").replace(f"<{tag}>", "")
    html = html.replace('<b class="mention">', "")
    assert "<" not in html.replace('<a href="http', "")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//a.example", "http:", "http://[", "", 5, None]
)
def test_only_web_addresses_become_links(address: Any) -> None:
    assert web_address(address) == ""


def test_a_message_of_blocks_and_attachments_is_drawn_piece_by_piece() -> None:
    body = {
        "text": "only for the notification",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Report"}},
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "*all* well"},
                "fields": [{"type": "mrkdwn", "text": "a"}],
            },
            {"type": "divider"},
            {
                "type": "context",
                "elements": [{"type": "plain_text", "text": "*plain*"}, {"type": "image", "alt_text": "A cat"}],
            },
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": "https://a.example"}
                ],
            },
            {"type": "video"},
        ],
        "attachments": [
            {
                "color": "danger",
                "title": "Down",
                "title_link": "https://b.example",
                "text": "It _is_",
                "fields": [{"title": "Since", "value": "noon"}],
                "footer": "foot",
            },
            {"color": "javascript", "fallback": "just this"},
        ],
    }
    drawn = [
        (panel.color, [(piece.kind, str(piece.html), piece.href) for piece in panel.pieces]) for panel in panels(body)
    ]
    assert drawn == snapshot(
        [
            (
                "",
                [
                    ("header", "Report", ""),
                    ("text", "<strong>all</strong> well", ""),
                    ("field", "a", ""),
                    ("divider", "<hr>", ""),
                    ("small", "*plain*", ""),
                    ("small", "[image: A cat]", ""),
                    ("link", "Open", "https://a.example"),
                    ("small", "[the inbox does not draw video; it is in messages.json]", ""),
                ],
            ),
            (
                "#e01e5a",
                [
                    ("title", "Down", "https://b.example"),
                    ("text", "It <em>is</em>", ""),
                    (
                        "field",
                        """\
<strong>Since</strong>
noon\
""",
                        "",
                    ),
                    ("small", "foot", ""),
                ],
            ),
            ("#dddddd", [("text", "just this", "")]),
        ]
    )


@given(st.dictionaries(st.sampled_from(["text", "channel", "username", "attachments", "blocks"]), JSON | HOSTILE))
def test_whatever_is_sent_is_answered_and_shown(tmp_path_factory: pytest.TempPathFactory, body: dict[str, Any]) -> None:
    inbox = Inbox(tmp_path_factory.mktemp("inbox"))
    part = body | {"type": "section", "fields": [body], "elements": [body], "title": body, "color": "<b>"}
    for sent in (body, {"attachments": [part]}, {"blocks": [part, {"type": "context", "elements": [part]}]}):
        assert inbox.post(SHOP.slack, json=sent).status_code in (200, 400)
    page = inbox.get("/")
    assert page.status_code == 200
    for hostile in ("<script>alert", "<img", 'href="javascript:'):
        assert hostile not in page.text
