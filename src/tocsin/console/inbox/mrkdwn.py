"""Slack's markup as words of a style. Source: Slack's developer documentation, "Formatting message text"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.console.markdown import Run, Style, address

_STYLES: dict[str, Style] = {"*": "strong", "_": "em", "~": "strike"}
_MARKUP = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<target>[^<>\n]+)>"
    r"|(?<!\w)(?P<mark>[*_~])(?=\S)(?P<styled>(?:(?!(?P=mark))[^\n]){1,500}?)(?<=\S)(?P=mark)(?!\w)",
    re.DOTALL,
)


def slack(text: str) -> tuple[Run, ...]:
    """Return Slack's markup as words of a style."""
    return tuple(_runs(text.strip("\n")))


def unescaped(text: str) -> str:
    """Return a text as it was before it was written for Slack."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _runs(text: str) -> Iterator[Run]:
    at = 0
    for found in _MARKUP.finditer(text):
        if found.start() > at:
            yield Run(unescaped(text[at : found.start()]))
        at = found.end()
        yield from _marked(found)
    if at < len(text):
        yield Run(unescaped(text[at:]))


def _marked(found: re.Match[str]) -> Iterator[Run]:
    if found["block"]:
        yield Run(unescaped(found["block"]).strip("\n"), "block")
    elif found["code"]:
        yield Run(unescaped(found["code"]), "code")
    elif found["target"]:
        yield _target(found)
    else:
        style = _STYLES[found["mark"]]
        for run in _runs(found["styled"]):
            yield Run(run.text, style if run.style == "plain" else run.style, run.link)


def _target(found: re.Match[str]) -> Run:
    """Return a link, or whom a message is for; what is neither stays as it is."""
    target, _, label = unescaped(found["target"]).partition("|")
    if target.startswith("!date"):
        return Run(label)
    if target[0] in "@#!":
        name = (label or target.partition("^")[0]).lstrip("@#!")
        return Run(f"{'#' if target[0] == '#' else '@'}{name}", "mention")
    if not target.startswith("/") and address(target):
        return Run(label or target, "plain", target)
    return Run(unescaped(found[0]))
