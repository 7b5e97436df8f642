"""Links of boards, followed from the console: Grafana's variables in them, and the span and values that they keep.

Sources: Grafana's documentation, "Configure data links" and "Manage dashboard links".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from tocsin.console.boards.models import Link
from tocsin.console.boards.variables import ALL, USE, Choice
from tocsin.console.metrics import Window

_LABEL = "__field.labels."
_SAFE = "$."


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader sees: the values that are chosen, the window, and its ends as the address has them, if it has."""

    choices: Mapping[str, Choice]
    window: Window
    span: tuple[str, str] | None = None

    @property
    def _own(self) -> dict[str, str]:
        """Grafana's own variables, as they stand in an address."""
        return {
            "__from": f"{self.window.start * 1000:.0f}",
            "__to": f"{self.window.end * 1000:.0f}",
            "__url_time_range": self._time,
            "__all_variables": "&".join(map(_chosen, self.choices.values())),
        }

    @property
    def _time(self) -> str:
        start, end = self.span or (f"{self.window.start * 1000:.0f}", f"{self.window.end * 1000:.0f}")
        return urlencode({"from": start, "to": end})

    def all(self, links: Iterable[Link], labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Return the titles and addresses of those of *links* that can be followed from a field with *labels*."""
        return tuple((link.title, address) for link in links if (address := self.followed(link, labels)))

    def followed(self, link: Link, labels: Mapping[str, str]) -> str | None:
        """Return the address of *link* from a field with *labels*.

        Nothing if it needs a label that is not known, or leads to no page. A board's own address in Grafana, `/d/UID`,
        becomes that of the console.
        """
        holes: list[str] = []
        address = USE.sub(lambda use: self._value(use, labels, holes), link.url)
        if holes or not re.match(r"https?://|/(?!/)", address):
            return None
        if found := re.match(r"/d/([^/?#]+)[^?#]*\??", address):
            address = f"/boards?uid={found[1]}{_joined(address[found.end() :])}"
        kept = [self._time] if link.keeps_time else []
        kept += map(_chosen, self.choices.values()) if link.keeps_values else []
        return address + (("&" if "?" in address else "?") + "&".join(kept) if kept else "")

    def _value(self, use: re.Match[str], labels: Mapping[str, str], holes: list[str]) -> str:
        name = use[1] or use[2] or use[4]
        if name in self._own:
            return self._own[name]
        if name in self.choices:
            return _written(self.choices[name], use)
        if name.startswith(_LABEL) and name.removeprefix(_LABEL) in labels:
            return quote(labels[name.removeprefix(_LABEL)], safe="")
        holes.append(name)
        return ""


def _joined(rest: str) -> str:
    return f"&{rest}" if rest else ""


def _chosen(choice: Choice) -> str:
    return urlencode([(f"var-{choice.variable.name}", value) for value in choice.chosen])


def _written(choice: Choice, use: re.Match[str]) -> str:
    """Return the values of a variable; all of them are nothing in particular, save to another board."""
    if use[3] == "queryparam":
        return _chosen(choice)
    if choice.all_chosen:
        return quote(ALL, safe=_SAFE) if use.string[: use.start()].endswith(f"var-{choice.variable.name}=") else ""
    return quote(",".join(choice.chosen), safe=",")
