"""A runbook tells to run a command of `tocsin`, `kubectl` or `gcloud` that there is not, or with a flag it has not.

Commands stand in blocks of code that say `sh`, or in a line between backquotes.
`<service>` and `<slo>` stand for those of the alert.

## Why it matters

At three in the morning nobody looks up how a flag is spelled: it is copied, it fails, and minutes are gone.

## Bad

```markdown
Roll back: `gcloud run services update-trafic checkout --to-revision=checkout-00041`
```

## Good

```markdown
Roll back: `gcloud run services update-traffic checkout --to-revisions=checkout-00041=100`
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import dropwhile

from tocsin.checks.case import Case
from tocsin.checks.commands import TOOLS, Tool
from tocsin.checks.problem import Problem
from tocsin.checks.written import commands, runbooks

ID = "runbook/unknown-command"

_ASSIGNMENT = re.compile(r"\w+=.*")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each command that a shell cannot read, that there is not, or that lacks one of its flags."""
    own = case.observation.commands
    tools = {**TOOLS, "tocsin": Tool(own, bare=frozenset(("--help",)))} if own else TOOLS
    for page in runbooks(case):
        for command in commands(page):
            if command.words is None:
                yield page.problem(ID, "no shell reads it: a quotation mark is not closed", command.span)
            else:
                for message in _wrong(command.words, tools):
                    yield page.problem(ID, message, command.span)


def _wrong(words: Sequence[str], tools: Mapping[str, Tool]) -> Iterator[str]:
    """Yield what is wrong with a command; a tool's name alone is none."""
    name, *rest = list(dropwhile(_ASSIGNMENT.fullmatch, words)) or [""]
    tool = tools.get(name)
    if tool is None or not rest:
        return
    verbs, flags = _split(rest, tool)
    verb = next((" ".join(verbs[:n]) for n in range(len(verbs), 0, -1) if " ".join(verbs[:n]) in tool.commands), None)
    if verb is None:
        if verbs:
            yield f"there is no command {name} {_meant([' '.join(verbs[:n]) for n in (3, 2, 1)], tool.commands)}"
        return
    known = tool.commands[verb] | tool.valued | tool.bare
    for flag in flags:
        if flag not in known:
            yield f"{name} {verb} has no flag {_meant([flag], known)}"


def _split(words: Sequence[str], tool: Tool) -> tuple[list[str], list[str]]:
    """Return the words that are no flags, and the names of those that are."""
    verbs: list[str] = []
    flags: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            break
        if word.startswith("-") and word != "-":
            flag, given, _ = word.partition("=")
            flags.append(flag)
            if flag in tool.valued and not given:
                next(waiting, None)
        else:
            verbs.append(word)
    return verbs, flags


def _meant(said: Sequence[str], known: Iterable[str]) -> str:
    """Return the first of what may have been said that is like something known, and that; or the last, like nothing."""
    choices = sorted(known)
    for each in said:
        if close := get_close_matches(each, choices, 1):
            return f"{each}: say {close[0]}"
    return f"{said[-1]}: correct it, or leave it out"
