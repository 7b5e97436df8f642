"""Secrets that stand behind their names in a text: key=value, "key": value, `Header: value`, in any program's form."""

from __future__ import annotations

import re

from tocsin.model.forms import REDACTED
from tocsin.sdk.names import Names, measures

_NAME = r"(?:\b(?i:api|private|access|secret|signing|encryption)[ ])?[\w.$-]++"
_SIGN = r"(?:[:!=]?={1,3}>?|:|%3[dDaA])"
_NAMED = re.compile(
    rf"(?P<quote>\\*[\"'`])(?P<quoted>[\w.$ -]{{1,100}}+)(?P=quote)\s*(?:{_SIGN}|,)\s*"
    rf"|(?<![\w.$-])(?:(?<=%)[\dA-Fa-f]{{2}})?(?P<name>{_NAME})"
    rf"(?:\]?\\*[\"'`]\s*(?:{_SIGN}|,)\s*"
    rf"|(?:\]|%5[dD])?(?:%2[27])?(?P<sign>\s*{_SIGN}\s*)"
    r"|(?<=\w)(?P<option>[ ]+)(?=\S))"
)
"""A name, and what says that a value follows: a sign, a comma after a quoted name, or a space after an --option."""

_OPENER = re.compile(r"(?:[bBuUrRfF]{1,2})?(\\*(?:'''|\"\"\"|[\"'`]))")
_SCHEME = re.compile(r"(?:bearer|basic|digest|token|negotiate|apikey)[ ]+", re.IGNORECASE)
_BARE = re.compile(
    r"(?:[^\s&;,\"'`)\]}%\\]"
    r"|&(?!(?:amp;)?[\w.%\[\]-]+=)"
    r"|[;,](?!\s|$|[\w.-]+[=:])"
    r"|[\"'`](?=\w)"
    r"|[)\]}](?![\s;,.:)\]}\"'`]|$)"
    r"|%(?!26)"
    r"|\\(?![\"'`nrt]))++"
)
"""A value without quotes: up to white space, or to what separates it from the next."""

_LINE = re.compile(r"[^\r\n\"'`]*")
_WHOLE_LINE = ("authorization", "cookie")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_BRACKETS = re.compile(r"[()\[\]{}]|\\*[\"'`]")
_NOTHING = frozenset(("", "none", "null", "nil", "true", "false", "undefined", REDACTED))
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def redact_assigned(text: str, names: Names) -> str:
    """Return *text* without the values of secret names."""
    parts: list[str] = []
    done = 0
    found = _NAMED.search(text)
    while found:
        start, name = found.end(), found["quoted"] or found["name"]
        if names.secret(name) and not (found["option"] and not name.startswith("--")):
            start, end = _value(text, found)
            if _tells(text[start:end], name):
                parts += (text[done:start], REDACTED)
                done = end
            start = end
        elif found["option"]:
            start = found.start("option")
        found = _NAMED.search(text, start)
    return "".join((*parts, text[done:])) if parts else text


def _tells(value: str, name: str) -> bool:
    """Tell whether *value* says anything secret."""
    return value.lower() not in _NOTHING and not (_NUMBER.fullmatch(value) and measures(name))


def _value(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Return where the value behind a secret name begins and ends."""
    start = found.end()
    opener = _OPENER.match(text, start)
    if opener:
        return opener.end(), _closing(text, opener.end(), opener[1])
    sign = found["sign"] or ""
    if "=" in sign and sign.strip() != sign:
        return start, start  # `token = make()` in a program: what is secret there stands in quotes
    if text.startswith(REDACTED, start):
        return start, start + len(REDACTED)
    if text[start : start + 1] in _CLOSERS:
        return start, _balanced(text, start)
    if ":" in sign and any(word in found["name"].lower() for word in _WHOLE_LINE):
        return start, _LINE.match(text, start).end()  # type: ignore[union-attr]  # it matches nothing as well
    scheme = _SCHEME.match(text, start)
    bare = _BARE.match(text, scheme.end() if scheme else start)
    return start, bare.end() if bare else start


def _closing(text: str, start: int, quote: str) -> int:
    """Return where the quoted text that begins at *start* ends; one that was cut off ends with the whole text."""
    end = text.find(quote, start)
    while end > start and text[end - 1] == "\\" and not text.endswith("\\\\", start, end):
        end = text.find(quote, end + 1)
    return len(text) if end < 0 else end


def _balanced(text: str, start: int) -> int:
    """Return where the structure that begins at *start* ends, with its last bracket."""
    closers: list[str] = []
    found = _BRACKETS.search(text, start)
    while found:
        mark, end = found[0], found.end()
        if mark in _CLOSERS:
            closers.append(_CLOSERS[mark])
        elif mark in _CLOSERS.values():
            if closers and closers[-1] == mark:
                closers.pop()
            if not closers:
                return end
        else:
            end = min(_closing(text, end, mark) + len(mark), len(text))
        found = _BRACKETS.search(text, end)
    return len(text)
