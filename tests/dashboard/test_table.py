"""Tables: written in the reader's language; exports that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl
import pytest

from dashboard import i18n, table
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


def test_a_bar_stays_a_number():
    written = table.written(FRAME, [Column("share", "Share", "share_bar")])
    assert written["Share"].to_list() == [50.0, None, 12.3, 100.0, 0.0]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_no_cell_of_an_export_is_a_formula():
    rows = read(table.csv_bytes(FRAME, COLUMNS))
    assert rows[0] == ["Customer", "Share", "Day", "n"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@SUM(A1)", "'-2", "plain, with comma", ""]


def test_an_export_keeps_full_precision_and_plain_numbers():
    rows = read(table.csv_bytes(FRAME, COLUMNS))
    assert rows[3][1:] == ["0.123", "", "-3"]


def test_an_empty_table_exports_its_headings():
    assert read(table.csv_bytes(FRAME.clear(), COLUMNS)) == [["Customer", "Share", "Day", "n"]]
