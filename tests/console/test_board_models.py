from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests.console.boards import dashboard, panel, tree
from tocsin.console.boards.models import board


def test_rows_part_a_board_into_sections_whose_panels_begin_at_the_top() -> None:
    row = {"type": "row", "title": "Latency", "collapsed": False, "gridPos": {"x": 0, "y": 8, "w": 24, "h": 1}}
    below = tree("stat", gridPos={"x": 4, "y": 9, "w": 6, "h": 4})
    read = dashboard(below, row, tree("timeseries"))
    assert [(each.title, [shown.kind for shown in each.panels]) for each in read.sections] == [
        ("", ["timeseries"]),
        ("Latency", ["stat"]),
    ]
    place = read.sections[1].panels[0].place
    assert (place.x, place.y, place.width, place.height) == (4, 0, 6, 4)


def test_a_collapsed_row_keeps_the_panels_within_it_and_is_closed() -> None:
    row = {"type": "row", "title": "More", "collapsed": True, "gridPos": {"y": 0}, "panels": [tree("table")]}
    (section,) = dashboard(row).sections
    assert section.closed
    assert [each.kind for each in section.panels] == ["table"]


def test_what_would_be_drawn_otherwise_in_grafana_is_named() -> None:
    read = panel(
        "timeseries",
        transformations=[{"id": "organize", "options": {}}, {"id": "joinByField", "options": {}}],
        fieldConfig={"defaults": {"thresholds": {"mode": "percentage"}}},
        targets=[{"refId": "B", "hide": True}],
    )
    assert read.unmapped == (
        "its thresholds in percent",
        "its transformation joinByField",
        "its query B, which is hidden",
    )


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["panels", "type", "gridPos", "targets", "fieldConfig", "defaults", "options", "templating"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSONS)
def test_no_json_is_too_odd_to_be_read(odd: object) -> None:
    read = board({"panels": [odd], "templating": odd, "time": odd, "annotations": odd})
    assert orjson.dumps(read)
