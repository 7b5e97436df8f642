"""Slack's markup as HTML. Source: Slack's developer documentation, "Formatting message text"."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_KEPT = re.compile(r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<mention>[^<>\n]+)>", re.DOTALL)
_STYLES = tuple(
    (re.compile(rf"(?<![\w{mark}]){re.escape(mark)}(?=\S)([^\n]{{1,500}}?)(?<=\S){re.escape(mark)}(?![\w{mark}])"), tag)
    for mark, tag in (("*", "strong"), ("_", "em"), ("~", "s"))
)
_SLOT = re.compile("\ue000(\\d+)\ue001")
_QUOTE = re.compile(r"(?:^&gt;[^\n]*(?:\n|\Z))+", re.MULTILINE)


def web_address(value: Any) -> str:
    """Give *value* if it is an address that a browser may safely open, else an empty string."""
    if not isinstance(value, str):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme in ("http", "https") and parts.netloc else ""


def mrkdwn(text: str) -> Markup:
    """Render Slack markup: bold, italic, strike, code, links, mentions, quotes. Everything else is escaped."""
    kept: list[Markup] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_kept(found))
        return f"\ue000{len(kept) - 1}\ue001"

    text = _KEPT.sub(keep, re.sub("[\ue000\ue001]", "", text))
    html = str(escape(_unescape(text)))
    for style, tag in _STYLES:
        html = style.sub(rf"<{tag}>\1</{tag}>", html)
    html = _QUOTE.sub(_quote, html)
    return Markup(_SLOT.sub(lambda slot: str(kept[int(slot[1])]), html))  # noqa: S704 - escaped above, piece by piece


def _kept(found: re.Match[str]) -> Markup:
    if found["block"] is not None:
        return Markup("<pre>{}</pre>").format(_unescape(found["block"]).strip("\n"))
    if found["code"] is not None:
        return Markup("<code>{}</code>").format(_unescape(found["code"]))
    target, _, label = _unescape(found["mention"]).partition("|")
    if target.startswith("!date"):
        return escape(label)
    if target.startswith(("@", "#", "!")):
        sign = "#" if target.startswith("#") else "@"
        return Markup('<b class="mention">{}{}</b>').format(sign, (label or target.partition("^")[0]).lstrip("@#!"))
    if address := web_address(target):
        return Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, label or target)
    return escape(label or target)


def _quote(found: re.Match[str]) -> str:
    lines = [line.removeprefix("&gt;").removeprefix(" ") for line in found[0].rstrip("\n").split("\n")]
    return "<blockquote>" + "\n".join(lines) + "</blockquote>"


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
