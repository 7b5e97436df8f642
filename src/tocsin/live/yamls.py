"""Reads YAML as trees that know where they stand; aliases are not expanded, and nothing is constructed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import yaml

from tocsin.live import spelling
from tocsin.live.written import Indices, Source, Table, Tree, Written

DEEPEST = 100
"""How many tables and lists may lie in one another."""


class _Mark(Protocol):
    index: int


_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES: dict[str | None, Callable[[Written], Indices]] = {
    "'": spelling.single,
    '"': spelling.double,
    "|": spelling.literal,
    ">": spelling.folded,
}

_NOTHING = ("", "~", "null", "Null", "NULL")


class Unreadable(ValueError):  # noqa: N818 - what it says of a file
    """A text that is no YAML or JSON, from character *index* on."""

    def __init__(self, why: str, index: int) -> None:
        super().__init__(why)
        self.why = why
        self.index = index


def documents(source: Source) -> Iterator[Tree]:
    """Yield the documents of *source*.

    Raises:
        Unreadable: it is no YAML.

    """
    building = _Building(source)
    try:
        for event in yaml.parse(source.text, _LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                building = _Building(source)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield building.root[0] if building.root else None
            else:
                building.take(event)
    except yaml.MarkedYAMLError as cause:
        said = " ".join(part for part in (cause.context, cause.problem) if part)
        raise Unreadable(said, _index(cause.problem_mark or cause.context_mark)) from None
    except yaml.reader.ReaderError as cause:
        raise Unreadable(f"it has a character that YAML does not allow: {cause.reason}", cause.position) from None


@dataclass
class _Building:
    source: Source
    root: list[Tree] = field(default_factory=list)
    open: list[tuple[list[Tree] | Table, list[Written]]] = field(default_factory=list)
    """What is not closed yet, a table with the key whose value comes next."""

    anchored: dict[str, Tree] = field(default_factory=dict)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._anchor(event, self._scalar(event))
            case yaml.SequenceStartEvent():
                self._enter(event, [])
            case yaml.MappingStartEvent():
                self._enter(event, Table(self.source, _index(event.start_mark)))
            case yaml.AliasEvent():
                if event.anchor not in self.anchored:
                    raise Unreadable(f"nothing is anchored as &{event.anchor}", _index(event.start_mark))
                self._put(self.anchored[event.anchor], event)
            case yaml.CollectionEndEvent():
                closed, _ = self.open.pop()
                if isinstance(closed, Table):
                    closed.until = _end(self.source.text, closed.at, _index(event.end_mark))

    def _scalar(self, event: yaml.ScalarEvent) -> Written | None:
        if event.implicit[0] and event.value in _NOTHING:
            return None
        spelled = _STYLES.get(event.style, spelling.plain)
        at, until = _index(event.start_mark), _index(event.end_mark)
        return Written.of(event.value, self.source, at, until, spelled)

    def _enter(self, event: yaml.CollectionStartEvent, tree: list[Tree] | Table) -> None:
        if len(self.open) >= DEEPEST:
            raise Unreadable(f"more than {DEEPEST} lists lie in one another", _index(event.start_mark))
        self._anchor(event, tree)
        self.open.append((tree, []))

    def _anchor(self, event: yaml.NodeEvent, tree: Tree) -> None:
        if event.anchor:
            self.anchored[event.anchor] = tree
        self._put(tree, event)

    def _put(self, tree: Tree, event: yaml.Event) -> None:
        if not self.open:
            self.root.append(tree)
            return
        parent, keys = self.open[-1]
        if isinstance(parent, list):
            parent.append(tree)
        elif not keys:
            at, until = _index(event.start_mark), _index(event.end_mark)
            keys.append(tree if isinstance(tree, Written) else Written.of("", self.source, at, until, spelling.plain))
        else:
            _set(parent, keys.pop(), tree)


def _index(mark: _Mark | None) -> int:
    return mark.index if mark is not None else 0


def _set(table: Table, key: Written, tree: Tree) -> None:
    if key == "<<" and isinstance(tree, Table | list):
        for merged in tree if isinstance(tree, list) else (tree,):
            if isinstance(merged, Table) and merged is not table:
                for name, value in merged.items():
                    table.setdefault(name, value)
    elif key in table and key in table.own:
        table.twice.append(key)
    else:
        table.own.add(key)
        table[key] = tree


def _end(text: str, at: int, until: int) -> int:
    """Return where a table ends: before the blank lines and comments that follow it."""
    while until > at:
        start = max(text.rfind("\n", at, until), at)
        line = text[start:until].strip()
        if line and not line.startswith("#"):
            return start + len(text[start:until].rstrip())
        if start == at:
            break
        until = start
    return until
