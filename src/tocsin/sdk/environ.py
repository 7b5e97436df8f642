"""A WSGI request, seen as the ASGI scope that it would have been.

Source: PEP 3333, "environ Variables" and "Unicode Issues": text in an environ is latin-1 of the bytes that were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.sdk.protocol import Scope

KEY = "tocsin"
"""Where a scope or an environ holds the context of its request."""

SCOPE = "tocsin.scope"
"""Where an environ holds its scope, once somebody has asked for it."""

_UNPREFIXED = {"CONTENT_TYPE": b"content-type", "CONTENT_LENGTH": b"content-length"}


class Translated(dict[str, Any]):
    """The scope of an environ; its headers are translated when somebody asks for all of them."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        root = environ.get("SCRIPT_NAME", "")
        super().__init__(
            type="http",
            http_version=environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/"),
            method=environ["REQUEST_METHOD"],
            scheme=environ.get("wsgi.url_scheme", "http"),
            path=_text(root + environ.get("PATH_INFO", "")),
            root_path=_text(root),
            query_string=environ.get("QUERY_STRING", "").encode("latin-1"),
        )
        self._environ = environ
        if KEY in environ:
            self[KEY] = environ[KEY]

    def __missing__(self, name: str) -> Any:
        if name != "headers":
            raise KeyError(name)
        self[name] = _headers(self._environ)
        return self[name]


def scope_of(asked: Scope) -> Scope:
    """Return the scope of a request that is *asked* for by one, or by an environ: the same one each time."""
    if "REQUEST_METHOD" not in asked:
        return asked
    scope = asked.get(SCOPE)
    if not isinstance(scope, Translated):
        scope = asked[SCOPE] = Translated(asked)
    return scope


def headed(environ: Mapping[str, Any], names: Iterable[tuple[bytes, str]]) -> dict[bytes, bytes]:
    """Return the headers of some *names*, each given as it is in a scope and in an environ."""
    return {name: environ[key].encode("latin-1") for name, key in names if key in environ}


def _headers(environ: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    prefixed = [
        (name[5:].replace("_", "-").lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    return prefixed + [
        (header, environ[name].encode("latin-1")) for name, header in _UNPREFIXED.items() if environ.get(name)
    ]


def _text(latin: str) -> str:
    return latin if latin.isascii() else latin.encode("latin-1").decode("utf-8", "replace")
