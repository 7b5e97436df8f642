"""An artifact: a relative path and the text that belongs there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file to be written, its path relative to the output folder with forward slashes."""

    path: str
    text: str
