"""Reads Dockerfiles into stages of instructions, and finds what no image of ours may do.

Source: Docker's documentation, "Dockerfile reference" and "Building best practices".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

KNOWN = {
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN"),
    *("SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}


@dataclass
class Stage:
    """A stage: its name, what it builds on, and its instructions with their arguments."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, lines that are continued joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in joined.splitlines()]


def stages(text: str) -> dict[str, Stage]:
    """Return the stages by their names."""
    found: dict[str, Stage] = {}
    for word, rest in instructions(text):
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stage = found[name or base] = Stage(name or base, base)
        else:
            stage.steps.append((word, rest))
    return found


def lineage(found: dict[str, Stage], name: str) -> list[tuple[str, str]]:
    """Return the instructions of a stage after those of the stages that it builds on."""
    stage = found[name]
    return [*(lineage(found, stage.base) if stage.base in found else []), *stage.steps]


def last(steps: list[tuple[str, str]], word: str) -> str:
    """Return what the last such instruction says, which counts."""
    return next((rest for each, rest in reversed(steps) if each == word), "")


def faults(text: str, target: str) -> Iterator[str]:
    """Yield what is wrong with the image that *target* is."""
    found = stages(text)
    for word, _ in instructions(text):
        if word not in KNOWN:
            yield f"{word} is no instruction"
    for stage in found.values():
        if stage.base not in found and not re.fullmatch(r"[a-z0-9./-]+:\d+\.\d+[\w.-]*", stage.base):
            yield f"{stage.base} is not pinned"
    yield from _image(lineage(found, target))
    for word, rest in instructions(text):
        if word == "RUN" and re.search(r"pip install(?!.*(--require-hashes|--no-deps))", rest):
            yield f"pip installs what no hash vouches for: {rest}"
        if word in {"ARG", "ENV"} and re.search(r"(SECRET|TOKEN|PASSWORD|DSN)\w*=\S", rest):
            yield f"a secret stays in the image: {rest}"


def _image(steps: list[tuple[str, str]]) -> Iterator[str]:
    if not any(word == "COPY" and "--from=" in rest for word, rest in steps):
        yield "it is built in one stage"
    if last(steps, "USER").partition(":")[0] in {"", "0", "root"}:
        yield "it runs as root"
    if not last(steps, "HEALTHCHECK"):
        yield "it does not say how to tell that it is well"
    if any(word == "ADD" for word, _ in steps):
        yield "ADD fetches and unpacks: use COPY"
