"""From a panel and its answers to what is shown of it; what cannot be mapped says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.console.boards import heat, lines, tables, values
from tocsin.console.boards.answers import CALCULATIONS, Series, common_labels, shown
from tocsin.console.boards.drawn import Content, Drawn, Nothing, Plain, Prose
from tocsin.console.boards.links import Reader
from tocsin.console.boards.models import KINDS, PanelModel
from tocsin.console.boards.palette import Palette
from tocsin.console.boards.variables import Choice
from tocsin.console.markdown import blocks
from tocsin.console.metrics import Away, Exemplar, Window


def drawn(
    panel: PanelModel,
    found: Sequence[Series] | Away,
    window: Window,
    colours: Palette,
    *,
    choices: Mapping[str, Choice],
    span: tuple[str, str] | None = None,
    marks: Sequence[lines.Mark] = (),
    dots: Sequence[Exemplar] = (),
) -> Drawn:
    """Return *panel* as it is seen, with the links that can be followed from here."""
    series = () if isinstance(found, Away) else found
    labels = common_labels(series)
    reader = Reader(choices, window, span)
    return Drawn(
        number=panel.number,
        title=panel.title,
        description=panel.description,
        place=panel.place,
        content=_content(panel, found, window, colours, (marks, dots)),
        links=reader.all((*panel.links, *panel.lines), labels),
        remarks=_remarks(panel, series),
    )


def _content(
    panel: PanelModel,
    found: Sequence[Series] | Away,
    window: Window,
    colours: Palette,
    beside: tuple[Sequence[lines.Mark], Sequence[Exemplar]],
) -> Content:
    if panel.kind not in KINDS:
        return Nothing(
            f"The console cannot draw a panel of the kind {panel.kind or 'without a name'}: see it in Grafana."
        )
    if panel.kind == "text":
        return _text(panel)
    if isinstance(found, Away):
        return Nothing(found.sentence, away=True)
    found = shown(panel, found)
    if not any(each.values for each in found):
        return Nothing(panel.no_value or "No data in this span.")
    return _picture(panel, found, window, colours, beside)


def _text(panel: PanelModel) -> Content:
    content = str(panel.options.get("content") or "")
    return Prose(blocks(content)) if panel.options.get("mode", "markdown") == "markdown" else Plain(content)


def _picture(
    panel: PanelModel,
    found: Sequence[Series],
    window: Window,
    colours: Palette,
    beside: tuple[Sequence[lines.Mark], Sequence[Exemplar]],
) -> Content:
    if panel.kind == "timeseries":
        return lines.chart(panel, found, window, colours, marks=beside[0], dots=beside[1])
    if panel.kind == "heatmap":
        return heat.heatmap(panel, found, window, colours)
    if panel.kind == "stat":
        return values.numbers(panel, found, window, colours)
    if panel.kind == "table":
        return tables.table(panel, found)
    return _CHARTS[panel.kind](panel, found, colours)


_CHARTS = {
    "gauge": values.gauge,
    "bargauge": values.bars,
    "piechart": values.shares,
}


def _remarks(panel: PanelModel, found: Sequence[Series]) -> tuple[str, ...]:
    unknown = [f"the calculation {name}" for name in panel.calculations if name not in CALCULATIONS]
    unshown = (
        [f"{len(found) - lines.MOST} of its series"] if panel.kind == "timeseries" and len(found) > lines.MOST else []
    )
    return (*panel.unmapped, *unknown, *unshown)
