"""Secrets and personal data that are known by their form: e-mail addresses, phone and card numbers, credentials.

Sources: E.164 (at most 15 digits after the +), the North American Numbering Plan's 3-3-4, ISO/IEC 7812 (card numbers:
13 to 19 digits, Luhn's check digit, the issuers' first digits), RFC 7515 (a JWT begins with eyJ, {" in base64),
RFC 6750 and RFC 7617 (Bearer and Basic), RFC 3986 (userinfo in a URL). Every pattern takes time linear in its text:
what could begin anywhere in a run matches the whole run, and a function decides.
"""

from __future__ import annotations

import base64
import binascii
import re

REDACTED = "[redacted]"

_USERINFO = re.compile(
    r"(?<=://)(?:[^\s/?#\"'<>]{0,256}@|[^\s/?#@:\[]{0,256}:(?!\d{1,5}(?:[/?#\s]|$))[^\s@\"'<>]{0,256}@)"
)
_DOMAIN = re.compile(r"(?:@|%40)(?:[\w-]++\.)+(?:xn--[\w-]+|[^\W\d_]{2,})")
_LOCAL = frozenset("._+-%")
_CREDENTIALS = re.compile(r"\b(bearer|basic)((?:\s|%20)\s*)([\w.~+/=:-]{6,})", re.IGNORECASE)
_PROSE = re.compile(
    r"(?:tokens?|auth\w*|credentials?|schemes?|headers?|challenges?|formats?|realm|requests?|missing|required)[.:=]?",
    re.IGNORECASE,
)
"""What follows the word bearer in prose."""

_JWT = re.compile(r"eyJ[\w-]++(?:(?:\.[\w-]*+){2,4})?")
_INTERNATIONAL = re.compile(r"(?<![\w+])(\+|%2[bB])([1-9](?:[ ./()\u00a0-]{0,3}\d)*+)")
_AMERICAN = re.compile(
    r"(?<![\w+-])(?<!\d\.)(?:1[ .-]?)?"
    r"(?:\(\d{3}\)[ .-]?\d{3}[ .-]?\d{4}|\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4}|\d{3} \d{3}-\d{4})(?!\w|[.-]\d)"
)
_DIGITS = re.compile(
    r"(?<![^\W_])(?:"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![^\W_])"
    r"|(?P<run>[0-9](?:[ -]?[0-9])*+))"
)
"""A UUID, or a run of digits with single spaces and hyphens between."""

_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]\d|[689]\d\d)\d{10,15}"  # Diners Club
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|(?:5[06-8]|6[37])\d{11,17}"  # Maestro
    r"|(?:6[0245]|8[12])\d{14,17}"  # Discover, RuPay, UnionPay
    r"|220[0-4]\d{12,15}"  # Mir
    r"|9792\d{12}"  # Troy
)
_MARKS = b"@=:+%'`\""
_KINDS = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ!" + _MARKS,
    b"0000000000abcdefghijklmnopqrstuvwxyz." + b"!" * len(_MARKS),
)
_ALIKE = "0" * 10
"""The digits of the shortest phone number without a +."""

_CARD_LENGTHS = range(13, 20)
_PHONE_LENGTHS = range(8, 16)
_GLUED_PHONE = 9


def redact_forms(text: str) -> str:
    """Return *text* without what is known by its form."""
    lowered = text.lower()
    if "://" in text:
        text = _USERINFO.sub(f"{REDACTED}@", text)
    if "@" in text or "%40" in text:
        text = _without_emails(text)
    if "eyJ" in text:
        text = _JWT.sub(lambda found: REDACTED if "." in found[0] else found[0], text)
    if "bearer" in lowered or "basic" in lowered:
        text = _CREDENTIALS.sub(_credentials, text)
    if "+" in text or "%2" in text:
        text = _INTERNATIONAL.sub(_international, text)
    if _ALIKE in _kinds(text):
        text = _DIGITS.sub(_cards, _AMERICAN.sub(REDACTED, text))
    return text


def suspicious(text: str) -> bool:
    """Tell whether *text* can hold a secret, at a glance: if not, it holds none."""
    kinds = _kinds(text)
    return "!" in kinds or _ALIKE in kinds or "--" in text or "eyj" in kinds or "bearer" in kinds or "basic" in kinds


def is_card(digits: str) -> bool:
    """Tell whether *digits* are a card number: an issuer's first digits and length, and Luhn's check digit."""
    if not _ISSUERS.fullmatch(digits):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _kinds(text: str) -> str:
    """Return *text* in lower case with 0 for every digit and ! for every mark, without what stands between digits."""
    return text.encode("utf-8", "surrogatepass").translate(_KINDS, b" -.()").decode("latin-1")


def _without_emails(text: str) -> str:
    parts: list[str] = []
    done = 0
    for found in _DOMAIN.finditer(text):
        start = found.start()
        while start > done and _is_local(text, start - 1):
            start -= 1
        if start < found.start():
            parts += (text[done:start], REDACTED)
            done = found.end()
    return "".join((*parts, text[done:])) if parts else text


def _is_local(text: str, at: int) -> bool:
    letter = text[at]
    return letter.isalnum() or letter in _LOCAL or (letter in "'&" and text[at - 1 : at].isalnum())


def _credentials(found: re.Match[str]) -> str:
    scheme, space, value = found.groups()
    secret = _names_and_password(value) if scheme.lower() == "basic" else not _PROSE.fullmatch(value)
    return f"{scheme}{space}{REDACTED}" if secret else found[0]


def _names_and_password(value: str) -> bool:
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return False


def _international(found: re.Match[str]) -> str:
    """Leave out a phone number, and no more numbers than fit into one; a number with a sign is none."""
    groups = re.findall(r"\d+|\D+", found[2])
    glued = found.string[found.end() : found.end() + 1].isalnum()
    digits, end = 0, 0
    for at in range(0, len(groups) - glued, 2):
        if digits + len(groups[at]) >= _PHONE_LENGTHS.stop:
            break
        digits += len(groups[at])
        end = at + 1
    decimal = groups[1:2] == ["."] and len(groups) == 3  # noqa: PLR2004 - digits, a point, digits
    if digits not in _PHONE_LENGTHS or decimal or (end == 1 and digits < _GLUED_PHONE):
        return found[0]
    return REDACTED + "".join(groups[end:])


def _cards(found: re.Match[str]) -> str:
    """Leave out the card numbers among digits; one begins and ends with a group of them."""
    run = found["run"]
    if run is None or len(run) < _CARD_LENGTHS.start:
        return found[0]
    groups = re.findall(r"[0-9]+|[ -]", run)
    first, last = _whole(found)
    at, kept = first, 0
    parts: list[str] = []
    while at < len(groups) - last:
        end = _card_end(groups, at, len(groups) - last)
        if end:
            parts += (*groups[kept:at], REDACTED)
            kept = end
        at = (end or at + 1) + 1
    return "".join((*parts, *groups[kept:]))


def _card_end(groups: list[str], start: int, stop: int) -> int:
    """Return the index after the last group of the card number that begins at *start*; 0 if none does."""
    digits = ""
    for at in range(start, stop, 2):
        digits += groups[at]
        if len(digits) >= _CARD_LENGTHS.stop:
            break
        if is_card(digits):
            return at + 1
    return 0


def _whole(found: re.Match[str]) -> tuple[int, int]:
    """Return how many pieces of a run are no whole number, at its beginning (2 or 0) and at its end (1 or 0)."""
    before = found.string[max(found.start() - 2, 0) : found.start()]
    after = found.string[found.end() : found.end() + 2]
    return (
        2 * (before[-1:] == "." and before[:1].isdigit()),
        int(after[:1].isalnum() or (after[:1] == "." and after[1:].isdigit())),
    )
