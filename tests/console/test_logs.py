"""The page of logs, looked at in real stores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.console.places import Places
from tests.logs.stores import append, record, seal
from tocsin.console.logs import view as logs
from tocsin.console.logs.view import NEWEST, Chart, Filters, Series

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a sealed segment and an open one."""
    folder = tmp_path / "store"
    append(folder, [record("first", time="2026-11-25T03:00:00.000000Z", severity="ERROR")])
    seal(folder)
    traced = {"logging.googleapis.com/trace": f"projects/p/traces/{TRACE}"}
    append(folder, [record("second", **traced, fields={"n": 2}), record("third", severity="WARNING")], number=2)
    return folder


def asked(places: Places, **query: str | list[str]) -> logs.Logs:
    return places.look(logs.look, urlencode(query, doseq=True))


def messages(seen: logs.Logs) -> list[str]:
    assert seen.table is not None
    at = [column.name for column in seen.table.columns].index("message")
    return [row[at] for row in seen.table.rows]


@pytest.mark.usefixtures("store")
def test_the_newest_records_come_first_from_lines_and_from_parquet(places: Places) -> None:
    seen = asked(places)
    assert sorted(messages(seen)[:2]) == ["second", "third"]
    assert messages(seen)[2:] == ["first"]
    assert (seen.trouble, seen.absent, seen.chart, seen.live) == (None, "", None, False)
    assert seen.services == ("checkout", "shop")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"severity": "WARNING"}, {"first", "third"}),
        ({"severity": "ERROR", "service": ["shop", "till"]}, {"first"}),
        ({"service": ["till"]}, set()),
        ({"trace": TRACE}, {"second"}),
        ({"text": "ir"}, {"first", "third"}),
    ],
)
def test_filters_hold_for_all_that_is_kept(places: Places, query: dict[str, str | list[str]], found: set[str]) -> None:
    assert set(messages(asked(places, **query))) == found


@pytest.mark.usefixtures("store")
def test_a_record_is_shown_with_its_trace_and_what_was_added(places: Places) -> None:
    seen = asked(places, text="second", live="on")
    assert seen.table is not None
    assert seen.table.rows == (("2026-11-25T04:00:00.000000Z", "INFO", "shop", "second", TRACE, {"n": 2}),)
    assert seen.live
    assert seen.filters == Filters((), "DEFAULT", "", "second")


def test_there_are_more_records_than_are_shown(places: Places, tmp_path: Path) -> None:
    append(tmp_path / "store", [record(str(number)) for number in range(NEWEST + 1)])
    seen = asked(places)
    assert seen.table is not None
    assert (len(seen.table.rows), seen.table.more) == (NEWEST, True)


@pytest.mark.usefixtures("store")
def test_a_query_is_answered_as_table_and_chart(places: Places) -> None:
    sql = "SELECT severity, COUNT(*) AS n FROM logs GROUP BY severity ORDER BY severity"
    seen = asked(places, sql=sql)
    assert seen.table is not None
    assert seen.table.rows == (("ERROR", 1), ("INFO", 1), ("WARNING", 1))
    assert seen.chart == Chart(over_time=False, labels=("ERROR", "INFO", "WARNING"), series=(Series("n", (1, 1, 1)),))
    assert seen.sql == sql


@pytest.mark.usefixtures("store")
def test_over_time_each_word_has_a_line(places: Places) -> None:
    sql = "SELECT TIMESTAMP_TRUNC(time, HOUR) AS hour, severity, COUNT(*) AS n FROM logs GROUP BY hour, severity"
    seen = asked(places, sql=sql)
    assert seen.chart is not None
    assert seen.chart.over_time
    assert seen.chart.labels == ("2026-11-25T03:00:00.000000Z", "2026-11-25T04:00:00.000000Z")
    assert set(seen.chart.series) == {
        Series("ERROR", (1, None)),
        Series("INFO", (None, 1)),
        Series("WARNING", (None, 1)),
    }


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "sql", ["SELECT message FROM logs", "SELECT 1 AS n", "SELECT service, 1 AS n FROM logs LIMIT 0"]
)
def test_what_has_nothing_to_draw_is_a_table_alone(places: Places, sql: str) -> None:
    seen = asked(places, sql=sql)
    assert seen.table is not None
    assert seen.chart is None


@pytest.mark.usefixtures("store")
def test_what_is_wrong_with_a_query_is_said_with_its_place(places: Places) -> None:
    seen = asked(places, sql="SELECT service,\n  nothing FROM logs")
    assert seen.table is None
    assert seen.trouble is not None
    assert seen.trouble.sentence == "line 2, column 3: There is no column nothing here."
    assert seen.trouble.excerpt == "  nothing FROM logs\n  ^^^^^^^\n"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("sql", ["DELETE FROM logs", "SELECT * FROM read_text('/etc/passwd')", "SELECT 1; SELECT 2"])
def test_a_query_does_nothing_but_read(places: Places, sql: str) -> None:
    seen = asked(places, sql=sql)
    assert seen.table is None
    assert seen.trouble is not None


@pytest.mark.usefixtures("store")
def test_every_question_of_the_library_is_asked_by_its_name(places: Places) -> None:
    for name, title in asked(places).questions:
        seen = asked(places, question=name)
        assert seen.table is not None, (name, seen.trouble)
        assert title in seen.sql


def test_where_there_is_no_store_it_is_said(places: Places) -> None:
    seen = asked(places)
    assert seen.absent.startswith("There is no store in ")
    assert messages(seen) == []


@pytest.mark.usefixtures("store")
def test_a_severity_that_there_is_not_is_said(places: Places) -> None:
    seen = asked(places, severity="LOUD")
    assert seen.trouble is not None
    assert seen.trouble.sentence.startswith("There is no severity 'LOUD'")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("span", "found"),
    [
        (("1795575600000", "1795579200000"), {"first"}),
        (("1795579200000", "1795579201000"), {"second", "third"}),
        (("1795575600001", "1795579200000"), set()),
        (("now-1h", "now"), set()),
    ],
)
def test_a_span_of_time_holds_for_filters_and_for_queries(
    places: Places, span: tuple[str, str], found: set[str]
) -> None:
    ends = dict(zip(("from", "to"), span, strict=True))
    filtered = asked(places, **ends)
    assert set(messages(filtered)) == found
    assert (filtered.start, filtered.end) == span
    assert set(messages(asked(places, sql="SELECT message FROM logs", **ends))) == found


@pytest.mark.usefixtures("store")
def test_one_end_of_a_span_alone_means_all_before_or_all_since(places: Places) -> None:
    assert set(messages(asked(places, to="1795579200000"))) == {"first"}
    assert set(messages(asked(places, **{"from": "1795579200000"}))) == {"second", "third"}


@pytest.mark.usefixtures("store")
def test_what_is_no_span_is_said_and_nothing_shown(places: Places) -> None:
    seen = asked(places, **{"from": "yesterday", "to": "now"})
    assert seen.table is None
    assert seen.trouble is not None
    assert seen.trouble.sentence.startswith("yesterday to now is no span of time: write from=now-6h&to=now")


@pytest.mark.usefixtures("store")
def test_what_a_query_lacks_is_told_by_what_the_console_has(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = asked(places, sql="SELECT * FROM logs WHERE trace = @t")
    assert seen.trouble is not None
    assert "The parameter @t has no value here: write the value in its place." in seen.trouble.sentence
    monkeypatch.setattr(logs, "BOUNDS", replace(logs.BOUNDS, seconds=0.001))
    late = asked(places, sql="SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 100000000)) AS a JOIN logs ON TRUE")
    assert late.trouble is not None
    assert late.trouble.sentence.startswith("The query was stopped after 0.001 s: that is all a query of the console")


@pytest.mark.usefixtures("store")
def test_what_is_followed_is_of_the_filters_and_of_now(places: Places) -> None:
    seen = asked(places, live="on", severity="WARNING")
    assert set(messages(seen)) == {"first", "third"}
    assert set(messages(asked(places, live="on", **{"from": "now-1h", "to": "now"}))) == set()
    assert (seen.live, seen.came, seen.ends) == (True, 0, None)
