"""Asks the parts of the stack over HTTP; one that does not answer is a sentence, never an exception in a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from tocsin.console.metrics import Away

PATIENCE = 5.0
"""Seconds in which a part has to answer."""

MOST = 300
"""Characters that are said of a refusal."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the stack, called *name*, that listens at *url*."""

    name: str
    url: str
    http: httpx.AsyncClient

    async def ask(self, path: str, parameters: Iterable[tuple[str, str]] = ()) -> Any | Away:
        """Return the JSON that is answered to a GET."""
        answer = await self._answer("GET", path, httpx.QueryParams(tuple(parameters)), None)
        return self.understood(answer, lambda told: told.json())

    async def order(self, method: str, path: str, body: object = None) -> Any | Away:
        """Return the JSON that is answered to an order; None if nothing is."""
        answer = await self._answer(method, path, None, body)
        return self.understood(answer, lambda told: told.json() if told.content else None)

    async def text(self, path: str) -> str | Away:
        """Return the text that is answered to a GET."""
        answer = await self._answer("GET", path, None, None)
        return answer if isinstance(answer, Away) else answer.text

    def understood(self, told: Any | Away, read: Callable[[Any], T]) -> T | Away:
        """Return what *read* makes of an answer; one that it cannot read is of something else than this part."""
        if isinstance(told, Away):
            return told
        try:
            return read(told)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return Away(f"What answers at {self._place} is no {self.name}: look at what else listens there.")

    async def _answer(
        self, method: str, path: str, parameters: httpx.QueryParams | None, body: object
    ) -> httpx.Response | Away:
        url = self.url.rstrip("/") + path
        try:
            answer = await self.http.request(method, url, params=parameters, json=body, timeout=PATIENCE)
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            reason = " ".join(str(cause).split()) or type(cause).__name__
            return Away(f"No {self.name} answers at {self._place} ({reason}): is the stack up? `tocsin status` tells.")
        if answer.is_success:
            return answer
        said = " ".join(answer.text.split())[:MOST]
        return Away(f"{self.name} at {self._place} answers {answer.status_code}: {said or 'it says nothing more'}")

    @property
    def _place(self) -> str:
        """The address, without its password."""
        return re.sub(r"//[^/@]*@", "//", self.url)


def sentences(*found: object) -> tuple[str, ...]:
    """Return what is to be said of the parts that are away, each once."""
    return tuple(dict.fromkeys(each.sentence for each in found if isinstance(each, Away)))
