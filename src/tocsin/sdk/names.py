"""Names whose values are secret: of fields, headers, cookies, parameters and variables, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_WORDS = (
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "cred",
    "credential",
    "csrf",
    "cvc",
    "cvv",
    "dsn",
    "jwt",
    "otp",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "session",
    "sid",
    "sig",
    "token",
    "xsrf",
    *(f"{whose} key" for whose in ("access", "account", "api", "encryption", "master", "private", "signing", "ssh")),
    *(f"{whose} signature" for whose in ("amz", "goog")),
)
"""What makes a name secret when it stands in it as a whole word, or as words in this order."""

_GLUED = (
    "accesskey",
    "accesstoken",
    "apikey",
    "authorization",
    "authtoken",
    "clientsecret",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "secretkey",
    "sessid",
    "sessionid",
    "setcookie",
)
"""What makes a name secret wherever it stands in it, whatever stands between its letters."""

_STEMS = tuple(
    "auth bear cookie cred csrf xsrf cvc cvv dsn jwt otp pass pwd secret sess sid sig token key phone".split()  # noqa: SIM905 - a list of twenty words, one on a line, hides the rest
)

_PHONE = "phone|telephone|msisdn|(?:phone|telephone|mobile|cell) (?:number|no)"
_MEASURES = frozenset(
    ("age", "count", "duration", "expiry", "length", "limit", "ms", "seconds", "size", "ttl", "version")
)
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN = re.compile(r"[\W\d_]+")
_LONGEST = 200
_REMEMBERED = 4096


class Names:
    """Tells names of secrets from others; *declared* are further ones, in any case and with any separators."""

    def __init__(self, declared: Iterable[str] = ()) -> None:
        own = [" ".join(_spoken(_CAMEL.sub(" ", name).lower())) for name in declared]
        own = [name for name in own if name]
        words = "|".join(re.escape(name) for name in (*_WORDS, *own))
        self._spoken = re.compile(rf"(?:^| )(?:(?:{words})s?(?: |$)|(?:{_PHONE})$)")
        self._glued = re.compile("|".join(re.escape(name.replace(" ", "")) for name in (*_GLUED, *own)))
        self._stems = (*_STEMS, *(max(name.split(), key=len) for name in own))
        self.secret = lru_cache(_REMEMBERED)(self._judge)
        """Tell whether what has this name is secret."""

    def hinted(self, lowered: str) -> bool:
        """Tell whether a text in lower case can hold such a name: if not, it holds none."""
        for stem in self._stems:  # noqa: SIM110 - on the way of many a log line, where any() takes twice as long
            if stem in lowered:
                return True
        return False

    def _judge(self, name: str) -> bool:
        name = name[-_LONGEST:]
        lowered = _spoken(name.lower())
        return bool(
            self._glued.search("".join(lowered))
            or self._spoken.search(" ".join(lowered))
            or self._spoken.search(" ".join(_spoken(_CAMEL.sub(" ", name).lower())))
        )


def measures(name: str) -> bool:
    """Tell whether a number of this name says how much or how long, as in token_count."""
    spoken = _spoken(_CAMEL.sub(" ", name[-_LONGEST:]).lower())
    return bool(spoken) and spoken[-1] in _MEASURES


def _spoken(name: str) -> list[str]:
    return [word for word in _BETWEEN.split(name) if word]
