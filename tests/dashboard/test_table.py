"""Tables: written in the reader's language; exports that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import i18n, spreadsheet, table
from dashboard.table import Column

COLUMNS = [
    Column("name", "Customer"),
    Column("share", "Share", "share"),
    Column("day", "Day", "date"),
    Column("count", "n", "count"),
]
FRAME = pl.DataFrame(
    {
        "name": ["=1+1", "@SUM(A1)", "-2", "plain, with comma", None],
        "share": [0.5, None, 0.123, 1.0, 0.0],
        "day": [date(2026, 10, 31), None, None, None, None],
        "count": [12345, None, -3, 0, 1],
    }
)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "en")


def test_values_are_written_and_undefined_is_a_dash():
    written = table.written(FRAME, COLUMNS)
    assert written.columns == ["Customer", "Share", "Day", "n"]
    assert written["Share"].to_list() == ["50.0%", "–", "12.3%", "100.0%", "0.0%"]
    assert written["Day"].to_list()[:2] == ["31 Oct 2026", "–"]
    assert written["n"].to_list() == ["12,345", "–", "−3", "0", "1"]


def test_magnitudes_lie_behind_their_words_so_that_a_click_sorts_by_them():
    styled = table.sortable(FRAME, COLUMNS)
    assert styled.data["n"].fillna(0).to_list() == [12345.0, 0.0, -3.0, 0.0, 1.0]
    assert styled.data["Customer"].to_list() == FRAME["name"].fill_null("–").to_list()
    page = styled.to_html()
    for text in (">12,345<", ">−3<", ">12.3%<", ">–<", ">31 Oct 2026<"):
        assert text in page


def _script() -> None:
    import polars as pl

    from dashboard import table
    from dashboard.table import Column

    frame = pl.DataFrame({"paid": [None, 99], "id": ["a", "b"]})
    columns = [Column("paid", "Paid", "money")]
    table.show(frame, columns, alt="")
    table.choose(frame, columns, key="k", identity="id", alt="")


def test_an_undefined_magnitude_is_a_dash_on_screen():
    tables = AppTest.from_function(_script).run().dataframe
    assert [shown.proto.placeholder for shown in tables] == [i18n.DASH] * 2


def test_money_behind_its_words_is_in_whole_units():
    frame = pl.DataFrame({"paid": [123_456, None, 99]})
    styled = table.sortable(frame, [Column("paid", "Paid", "money")])
    assert styled.data["Paid"].fillna(-1).to_list() == [1234.56, -1, 0.99]
    assert ">¥1,235<" in styled.to_html()


def test_a_bar_stays_a_number():
    written = table.written(FRAME, [Column("share", "Share", "share_bar")])
    assert written["Share"].to_list() == [50.0, None, 12.3, 100.0, 0.0]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_no_cell_of_an_export_is_a_formula():
    rows = read(spreadsheet.csv_bytes(FRAME, COLUMNS))
    assert rows[0] == ["Customer", "Share", "Day", "n"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@SUM(A1)", "'-2", "plain, with comma", ""]


def test_an_export_keeps_full_precision_and_plain_numbers():
    rows = read(spreadsheet.csv_bytes(FRAME, COLUMNS))
    assert rows[3][1:] == ["0.123", "", "-3"]


def test_an_empty_table_exports_its_headings():
    assert read(spreadsheet.csv_bytes(FRAME.clear(), COLUMNS)) == [
        ["Customer", "Share", "Day", "n"]
    ]


def test_time_is_told_in_its_own_unit_and_exported_in_hours():
    frame, columns = pl.DataFrame({"late": [0.5, 8622.0]}), [Column("late", "Overrun", "hours")]
    assert table.written(frame, columns)["Overrun"].to_list() == ["30 min", "359 days"]
    assert table.sortable(frame, columns).data["Overrun"].to_list() == [0.5, 8622.0]
    assert read(spreadsheet.csv_bytes(frame, columns)) == [["Overrun (h)"], ["0.5"], ["8622.0"]]


@pytest.mark.parametrize(
    ("texts", "cut"),
    [
        (["–"] * 14 + ["进行中 0/5"], True),  # twice the average does not count
        (["宋桂荣"] * 9 + ["Duane Meyer", "袁明"], True),  # not among the first rows
        (["宋桂荣"] * 8 + ["Cheyenne Payne", "袁明"], True),
        (["宋桂荣"] * 8 + ["Jo Lee", "袁明"], False),
        (["–", "–", "进行中 0/5"], False),  # of few rows all count
        ([], False),
    ],
)
def test_a_cell_that_the_browser_would_cut_off_gets_its_room(texts: list[str], cut: bool):
    found = table.room("跟进", texts)
    assert (found is not None) is cut
    assert found is None or found > 80
