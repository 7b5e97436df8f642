"""Pushing metrics, for those whom nobody can scrape: tried again for a while, bounded, never raising."""

from __future__ import annotations

import atexit
import base64
import http.client
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Lock, Thread
from urllib.parse import unquote, urlsplit, urlunsplit

from tocsin.model import DeclarationError, Service
from tocsin.sdk import letters
from tocsin.sdk.families import Family, read
from tocsin.sdk.letters import Letter, Sender

_WRITERS: dict[str, Callable[[str, Sequence[Family], Sender], Letter]] = {
    "pushgateway": letters.pushgateway,
    "remotewrite": letters.remote_write,
    "otlp": letters.otlp,
}
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0
_AGAIN = frozenset((408, 429, 500, 502, 503, 504))
"""Statuses after which the same request may succeed."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to push: a *kind* of receiver, its address without credentials, and the Authorization header for it."""

    kind: str
    url: str
    authorization: str = ""

    @classmethod
    def read(cls, text: str) -> Destination:
        """Read what TOCSIN_PUSH says, like pushgateway+http://user:password@host:9091.

        Raises:
            DeclarationError: it is no address of a receiver.

        """
        kind, _, rest = text.partition("+")
        try:
            parts = urlsplit(rest)
            known = kind in _WRITERS and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            known = False
        if not known:
            raise DeclarationError(
                "TOCSIN_PUSH is no address to push to: set pushgateway+http://HOST:9091, "
                "remotewrite+http://HOST:9090/api/v1/write or otlp+http://HOST:4318 (or https)."
            )
        credentials, _, host = parts.netloc.rpartition("@")
        encoded = base64.b64encode(unquote(credentials).encode()).decode()
        url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), parts.query, ""))
        return cls(kind, url, f"Basic {encoded}" if credentials else "")


class Push:
    """Pushes a service's metrics; *failed* is told, in a sentence, of what could not be pushed.

    No push takes longer than *timeout* seconds of whoever waits for it.
    """

    def __init__(
        self,
        destination: Destination,
        timeout: float,
        *,
        service: Service,
        version: str,
        environment: str,
        failed: Callable[[str], None],
    ) -> None:
        self._destination = destination
        self._timeout = timeout
        self._whose = {"service": service.name, "team": service.team, "version": version, "environment": environment}
        self._failed = failed
        self._began = time.time()
        self._first = True

    def send(self, exposition: str, names: frozenset[str], instance: str, *, wait: bool) -> None:
        """Push the families of *exposition* that have *names*.

        Without *wait* (on an event loop) the push goes on beside the program, whose end waits for it then.
        """
        sender = Sender(**self._whose, instance=instance, began=self._began, now=time.time(), first=self._first)
        self._first = False
        attempt = _Attempt(
            self._destination, self._timeout, failed=self._failed, exposition=exposition, names=names, sender=sender
        )
        if wait:
            attempt.wait()
        else:
            atexit.register(attempt.wait)


class _Attempt(Thread):
    """One push and its repetitions; a thread of its own, since no timeout covers the look-up of a host's name."""

    def __init__(
        self,
        destination: Destination,
        timeout: float,
        *,
        failed: Callable[[str], None],
        exposition: str,
        names: frozenset[str],
        sender: Sender,
    ) -> None:
        super().__init__(name="tocsin-push", daemon=True)
        self._destination = destination
        self._timeout = timeout
        self._failed = failed
        self._content = exposition, names, sender
        self._deadline = time.monotonic() + timeout
        self._ended = Event()
        self._outcome = Lock()  # taken by who decides how it ended: the push, or the one who waits too long
        self.start()

    def wait(self) -> None:
        """Return when it has ended, or its time is over."""
        atexit.unregister(self.wait)
        if not self._ended.wait(max(0.0, self._deadline - time.monotonic())):
            self._over(f"no answer within {self._timeout:g} s")

    def run(self) -> None:
        try:
            trouble = self._tried()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a push, the program goes on
            trouble = f"{type(error).__name__}: {error}"
        self._over(trouble)
        self._ended.set()

    def _over(self, trouble: str) -> None:
        """End with *trouble*, or without if there is none; what it ended with once is not changed."""
        if self._outcome.acquire(blocking=False) and trouble:
            where = f"{self._destination.kind} at {self._destination.url}"
            self._failed(f"Metrics could not be pushed to the {where}: {trouble}.")

    def _tried(self) -> str:
        """Push until it is done, refused, or too late; return what is wrong, if anything."""
        request, pause = self._request(), _FIRST_WAIT
        while True:
            trouble, again = _asked(request, self._deadline)
            left = self._deadline - time.monotonic() - pause
            if not trouble or not again or left <= 0:
                return trouble
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads repetitions, guards nothing
            pause = min(2 * pause, _LONGEST_WAIT)

    def _request(self) -> urllib.request.Request:
        exposition, names, sender = self._content
        families = [family for family in read(exposition) if family.name in names]
        letter = _WRITERS[self._destination.kind](exposition, families, sender)
        headers = {"User-Agent": "tocsin", **letter.headers}
        if self._destination.authorization:
            headers["Authorization"] = self._destination.authorization
        parts = urlsplit(self._destination.url)
        url = urlunsplit(parts._replace(path=parts.path + letter.path))
        return urllib.request.Request(url, letter.body, headers, method="POST")  # noqa: S310 - read as http or https


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, which would turn a POST into a GET, and carry credentials elsewhere."""

    def redirect_request(self, *_: object) -> None:
        """Refuse."""


def _asked(request: urllib.request.Request, deadline: float) -> tuple[str, bool]:
    """Send *request*; return what went wrong, and whether to try again."""
    try:
        left = max(0.01, deadline - time.monotonic())
        with urllib.request.build_opener(_Straight).open(request, timeout=left):
            return "", False
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(200).decode("utf-8", "replace").strip()
        return f"it answered {error.code} {said}".strip(), error.code in _AGAIN
    except (OSError, http.client.HTTPException) as error:
        return str(getattr(error, "reason", "") or str(error) or type(error).__name__), True
