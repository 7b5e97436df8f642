"""The colours of charts: for dark and for light ground, and what Grafana's names of colours stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LIGHT = {
    "green": "#15803d",
    "red": "#b91c1c",
    "orange": "#b45309",
    "yellow": "#a16207",
    "blue": "#1d4ed8",
    "purple": "#6d28d9",
    "text": "#1c2430",
}
_DARK = {
    "green": "#4ac27c",
    "red": "#ff7b7b",
    "orange": "#f3a43f",
    "yellow": "#ecc94b",
    "blue": "#7aa7ff",
    "purple": "#b79bf7",
    "text": "#e6eaf0",
}
_HEX = re.compile(r"#[0-9a-fA-F]{3,8}")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for one ground: *series* one after the other, *names* as Grafana's thresholds give them."""

    ink: str
    faint: str
    line: str
    card: str
    series: tuple[str, ...]
    names: dict[str, str]
    heat: tuple[str, ...]

    def named(self, colour: str) -> str:
        """Return the colour of Grafana's name, such as `dark-red`; one that nobody knows is that of texts."""
        if _HEX.fullmatch(colour):
            return colour
        return self.names.get(colour.rpartition("-")[2], self.ink)


LIGHT = Palette(
    ink="#1c2430",
    faint="#566070",
    line="#e3e6eb",
    card="#ffffff",
    series=(
        "#1f6fd6",
        "#c2620a",
        "#0d8a72",
        "#8e44c9",
        "#b8336a",
        "#5b7a12",
        "#0e86a8",
        "#7a5a3a",
        "#4c55b8",
        "#97701a",
    ),
    names=_LIGHT,
    heat=("#eef4fc", "#a9cbf2", "#5a97dd", "#1f5fae", "#0b2f63"),
)
DARK = Palette(
    ink="#e6eaf0",
    faint="#a2adbd",
    line="#2b3442",
    card="#181e27",
    series=(
        "#6ea8ff",
        "#f2a65a",
        "#4fc9ae",
        "#c394f3",
        "#f08bb0",
        "#a9cf5b",
        "#5cc8e8",
        "#c9a27a",
        "#9aa4f5",
        "#e0c061",
    ),
    names=_DARK,
    heat=("#1b2635", "#27507f", "#3f82c6", "#86b9f0", "#e2f0ff"),
)


def palette(*, dark: bool) -> Palette:
    """Return the palette for the ground that the reader sees."""
    return DARK if dark else LIGHT
