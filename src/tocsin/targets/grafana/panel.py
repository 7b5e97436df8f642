"""A pane as a panel of Grafana's: what all kinds have in common, and a function for each kind."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_uppercase

from grafana_foundation_sdk.builders import bargauge, common, gauge, heatmap, piechart, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as parts
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    FieldColorModeId,
    FieldConfigSource,
    Panel,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.piechart import PieChartLegendValues, PieChartType
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from tocsin.derive import Bounds, Pane
from tocsin.targets.grafana.source import prometheus, titled

GOOD, WARNING, CRITICAL, NEUTRAL = "green", "orange", "red", "text"

_LAST = "lastNotNull"
_FORMATS = {"heatmap": PromQueryFormat.HEATMAP, "table": PromQueryFormat.TABLE}
_NOW_ONLY = ("gauge", "bargauge", "piechart", "table")


def spelled(pane: Pane) -> Panel:
    """Return the panel of a pane, without its number, place and links."""
    panel = KINDS[pane.panel.kind](pane).build()
    panel.title = pane.panel.title
    panel.description = pane.panel.help
    panel.datasource = prometheus()
    panel.targets = list(_queries(pane))
    config = panel.field_config = panel.field_config or FieldConfigSource()
    config.defaults.unit = pane.panel.unit
    config.defaults.no_value = pane.empty or None
    config.defaults.thresholds = thresholds(pane.bounds, drawn=pane.panel.kind == "timeseries")
    return panel


def thresholds(bounds: Bounds, *, drawn: bool) -> ThresholdsConfig:
    """Return the steps of a picture's colours; *drawn* over time they are lines, of which no side has a colour."""
    found = [(bounds.warning, WARNING), (bounds.critical, CRITICAL)]
    steps = sorted((value, colour) for value, colour in found if value is not None)
    if not steps or drawn:
        return _steps([(None, GOOD if drawn else NEUTRAL), *steps])
    if not bounds.below:
        return _steps([(None, GOOD), *steps])
    values, colours = zip(*steps, strict=True)
    return _steps(list(zip((None, *values), (*colours, GOOD), strict=True)))


def _steps(steps: list[tuple[float | None, str]]) -> ThresholdsConfig:
    return ThresholdsConfig(ThresholdsMode.ABSOLUTE, [Threshold(value, colour) for value, colour in steps])


def _queries(pane: Pane) -> list[Dataquery]:
    now = pane.panel.kind in _NOW_ONLY
    return [
        Dataquery(
            ref_id=letter,
            expr=query.expr,
            legend_format=query.legend or "__auto",
            datasource=prometheus(),
            format_val=_FORMATS.get(pane.panel.kind, PromQueryFormat.TIME_SERIES),
            instant=now,
            range_val=not now,
            exemplar=pane.exemplars,
        )
        for letter, query in zip(ascii_uppercase, pane.panel.queries, strict=False)
    ]


def _timeseries(pane: Pane) -> Builder[Panel]:
    bounded = pane.bounds != Bounds()
    alone = not any("{{" in query.legend for query in pane.panel.queries)  # the areas of many lines hide each other
    style = GraphThresholdsStyleMode.DASHED if bounded else GraphThresholdsStyleMode.OFF
    return (
        timeseries.Panel()
        .color_scheme(parts.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(style))
        .line_width(1)
        .fill_opacity(10 if alone else 0)
        .show_points(VisibilityMode.NEVER)
        .axis_soft_min(0)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
            .calcs([_LAST, "max"])
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )


def _stat(_: Pane) -> Builder[Panel]:
    return (
        stat.Panel()
        .color_scheme(_by_threshold())
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(_now())
    )


def _gauge(_: Pane) -> Builder[Panel]:
    return gauge.Panel().color_scheme(_by_threshold()).min(0).max(1).reduce_options(_now())


def _bargauge(_: Pane) -> Builder[Panel]:
    return (
        bargauge.Panel()
        .color_scheme(_by_threshold())
        .min(0)
        .max(1)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .orientation(VizOrientation.HORIZONTAL)
        .reduce_options(_now())
    )


def _piechart(_: Pane) -> Builder[Panel]:
    return (
        piechart.Panel()
        .color_scheme(parts.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .pie_type(PieChartType.DONUT)
        .reduce_options(_now())
        .legend(
            piechart.PieChartLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.RIGHT)
            .show_legend(show_legend=True)
            .values([PieChartLegendValues.VALUE, PieChartLegendValues.PERCENT])
        )
    )


def _heatmap(pane: Pane) -> Builder[Panel]:
    return (
        heatmap.Panel()
        .calculate(calculate=False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(64))
        .y_axis(heatmap.YAxisConfig().unit(pane.axis))
        .cell_values(heatmap.CellValues().unit(pane.panel.unit))
        .show_legend()
    )


def _table(pane: Pane) -> Builder[Panel]:
    order = {name: place for place, name in enumerate(pane.columns)}
    renamed = {name: titled(name) for name in pane.columns if name != "Value"}
    return (
        table.Panel()
        .color_scheme(_by_threshold())
        .with_transformation(_transformation("filterFieldsByName", {"include": {"names": list(pane.columns)}}))
        .with_transformation(_transformation("organize", {"indexByName": order, "renameByName": renamed}))
    )


KINDS: dict[str, Callable[[Pane], Builder[Panel]]] = {
    "timeseries": _timeseries,
    "stat": _stat,
    "gauge": _gauge,
    "bargauge": _bargauge,
    "piechart": _piechart,
    "heatmap": _heatmap,
    "table": _table,
}
"""How each kind is spelled; a new kind is a function and a line here."""


def _by_threshold() -> parts.FieldColor:
    return parts.FieldColor().mode(FieldColorModeId.THRESHOLDS)


def _now() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs([_LAST])


def _transformation(name: str, options: object) -> DataTransformerConfig:
    return DataTransformerConfig(id_val=name, options=options)
