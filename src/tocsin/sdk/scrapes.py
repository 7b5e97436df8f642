"""Answers to scrapes: in the form and encoding that is asked for, for who has the token."""

from __future__ import annotations

import gzip
import hmac

from tocsin.sdk import exposition, openmetrics
from tocsin.sdk.foreign import Registries
from tocsin.sdk.metrics import Metrics
from tocsin.sdk.negotiation import accepts_gzip, wants_openmetrics
from tocsin.sdk.protocol import TEXT

Headers = tuple[tuple[bytes, bytes], ...]

_WORTH_IT = 1024
"""Bytes from which on a body is compressed."""


class Scrapes:
    """Answers scrapes of *metrics* and *registries*; with a *token* only those that bear it."""

    def __init__(self, metrics: Metrics, registries: Registries, token: str) -> None:
        self._metrics = metrics
        self._registries = registries
        self._credentials = f"Bearer {token}".encode() if token else b""

    def answer(self, accept: str, accept_encoding: str, authorization: bytes) -> tuple[int, bytes, bytes, Headers]:
        """Return status, body, content type and further headers for a request with these headers."""
        if self._credentials and not hmac.compare_digest(authorization, self._credentials):
            return 401, b"", TEXT, ((b"www-authenticate", b"Bearer"),)
        body, kind = self._openmetrics() if wants_openmetrics(accept) else self._text()
        headers: Headers = ((b"vary", b"accept, accept-encoding"),)
        if len(body) >= _WORTH_IT and accepts_gzip(accept_encoding):
            return 200, gzip.compress(body, 1, mtime=0), kind, (*headers, (b"content-encoding", b"gzip"))
        return 200, body, kind, headers

    def _text(self) -> tuple[bytes, bytes]:
        return self._metrics.render() + self._registries.render(openmetrics=False).encode(), exposition.CONTENT_TYPE

    def _openmetrics(self) -> tuple[bytes, bytes]:
        own = openmetrics.translated(self._metrics.render().decode(), self._metrics.requests.exemplars())
        text = own + self._registries.render(openmetrics=True) + openmetrics.EOF
        return text.encode(), openmetrics.CONTENT_TYPE
