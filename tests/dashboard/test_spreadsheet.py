"""Lists as files: typed, inert, and with what was asked for printed in them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from dashboard import data, i18n, list_files, spreadsheet
from dashboard.answers import churn_list
from dashboard.answers.churn_list import Choice
from dashboard.panels import churn_columns, churn_export
from dashboard.table import Column
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.selection import Selection
from tests.conftest import Installation

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://e","a")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000＝1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "{=A1}",
    "|cmd",
    "%cmd",
    "a;=1+1",
    "http://e/x",
    "mailto:a@e",
    "0138000",
    "1E5",
    "2024-1-2",
    "a\x00b",
    "\x07bell",
    "x" * 40_000,
    "深圳“引号”, 公司",
]
COLUMNS = [
    Column("name", "Customer"),
    Column("p90", "Risk", "share_bar"),
    Column("paid", "Paid", "money"),
    Column("on", "Day", "date"),
    Column("tier", "Tier", "code"),
    Column("n", "Days", "days"),
]
FRAME = pl.DataFrame(
    {
        "name": HOSTILE,
        "p90": [0.25, None] * (len(HOSTILE) // 2),
        "paid": [123_456, -7] * (len(HOSTILE) // 2),
        "on": [date(2026, 10, 31), None] * (len(HOSTILE) // 2),
        "tier": ["high", None] * (len(HOSTILE) // 2),
        "n": [-3, 12] * (len(HOSTILE) // 2),
    }
)
ABOUT = [("Filters", "=1+1"), ("As of", "31 Oct 2026")]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "en")


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def sheet(content: bytes) -> dict[str, tuple[str, str]]:
    """Type and value of every cell of the first sheet, read from the XML itself."""
    found = parts(content)
    shared = re.findall(
        r"<si>(?:<t[^>]*>(.*?)</t>|<t/>)</si>", found["xl/sharedStrings.xml"], re.DOTALL
    )
    cells: dict[str, tuple[str, str]] = {}
    pattern = r'<c r="([A-Z]+\d+)"([^>]*)><v>(.*?)</v></c>'
    for place, attributes, value in re.findall(pattern, found["xl/worksheets/sheet1.xml"]):
        text = 't="s"' in attributes
        cells[place] = ("text", shared[int(value)]) if text else ("number", value)
    return cells


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_no_cell_of_a_sheet_is_a_formula_or_a_link():
    content = spreadsheet.xlsx_list(FRAME, COLUMNS, ABOUT, sheets=("List", "About"))
    found = parts(content)
    sheets = {name: text for name, text in found.items() if name.startswith("xl/worksheets/")}
    assert len([name for name in sheets if name.endswith(".xml")]) == 2
    assert not [name for name, text in sheets.items() if "<f" in text or "hyperlink" in text]
    assert set(re.findall(r'<sheet name="([^"]+)"', found["xl/workbook.xml"])) == {"List", "About"}
    assert "=1+1" in found["xl/sharedStrings.xml"]
    assert all(kind == "text" for place, (kind, _) in sheet(content).items() if place[0] == "A")


def test_cells_of_a_sheet_are_typed():
    cells = sheet(spreadsheet.xlsx_list(FRAME, COLUMNS, ABOUT, sheets=("List", "About")))
    heads = [cells[f"{letter}1"][1] for letter in "ABCDEF"]
    assert heads == ["Customer", "Risk", "Paid (CNY)", "Day", "Tier", "Days"]
    assert cells["B2"] == ("number", "0.25")
    assert [float(cells[place][1]) for place in ("C2", "C3")] == [1234.56, pytest.approx(-0.07)]
    assert {cells[place][0] for place in ("C2", "C3")} == {"number"}
    assert cells["D2"] == ("number", "46326")  # days since 1899-12-30
    assert cells["E2"] == ("text", i18n.code("tier", "high"))
    assert cells["F2"] == ("number", "-3")
    assert not {"B3", "D3", "E3"} & cells.keys()  # undefined is empty


def test_no_cell_of_a_csv_is_a_formula_and_numbers_stay_numbers():
    lines = rows(spreadsheet.csv_list(FRAME, COLUMNS, ABOUT))
    assert lines[0] == ["Customer", "Risk", "Paid (CNY)", "Day", "Tier", "Days", "Filters", "As of"]
    for line in lines[1:]:
        text = line[0].lstrip(" \u3000")
        assert not text.startswith(("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"))
        assert not line[0].startswith(("\t", "\r", "\n"))
    high = i18n.code("tier", "high")
    assert lines[1][1:] == ["0.25", "1234.56", "2026-10-31", high, "-3", "'=1+1", "31 Oct 2026"]
    assert lines[2][1:6] == ["", "-0.07", "", "", "12"]
    assert len(lines) == len(HOSTILE) + 1


def test_an_empty_list_is_its_headings():
    content = spreadsheet.csv_list(FRAME.clear(), COLUMNS, ABOUT)
    assert len(rows(content)) == 1
    content = spreadsheet.xlsx_list(FRAME.clear(), COLUMNS, ABOUT, sheets=("List", "About"))
    assert sheet(content)["A1"] == ("text", "Customer")


def column_widths(content: bytes) -> list[float]:
    """Width of each column of the first sheet, in characters, as the file says it."""
    xml = parts(content)["xl/worksheets/sheet1.xml"]
    return [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', xml)]


def test_a_column_is_as_wide_as_what_it_shows_and_a_chinese_character_as_two_letters():
    name, owner = "苏州信域精密机械股份有限公司", "宋桂荣娟"
    frame = pl.DataFrame(
        {"name": [name, "Ltd"], "owner": [None, owner], "paid": [123_456_789_00, None], "n": [1, 2]}
    )
    columns = [
        Column("name", "客户"),
        Column("owner", "Owner"),
        Column("paid", "Paid", "money"),
        Column("n", "近 12 个月收入", "count"),
    ]
    content = spreadsheet.xlsx_list(frame, columns, ABOUT, sheets=("List", "About"))
    wide = column_widths(content)
    arrow = 3  # letters
    assert wide[0] >= 2 * len(name)
    assert 2 * len(owner) <= wide[1] < 2 * len(name)
    assert wide[2] >= len("123,456,789.00")
    assert wide[3] >= 2 * 5 + 4 + arrow  # the heading, with its arrow


def test_a_long_text_does_not_make_a_column_endless():
    content = spreadsheet.xlsx_list(FRAME, COLUMNS, ABOUT, sheets=("List", "About"))
    assert 60 <= column_widths(content)[0] < 70
    assert all(width > 5 for width in column_widths(content))


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    high = Selection((("tier", ("high", "basic")),))
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", high)


@pytest.mark.parametrize("kind", ["risk", "churned", "silence"])
def test_the_files_hold_exactly_the_list(kind: str, view: View):
    choice = Choice(kind, next(iter(churn_list.SORTS[kind])), silent=(20, None), nps=("none",))
    file = churn_export.file(view, choice, list(churn_columns.every(kind).values()), "Title")
    columns, said = list_files.exported(file), list_files.about(view, file)
    headings = [column.heading for column in columns]
    assert len(headings) == len(set(headings)) == len({column.name for column in columns})
    found = list_files.taken(view, file)
    lines = rows(spreadsheet.csv_list(found, columns, said))
    expected = churn_list.listed(view, choice).collect()
    place = headings.index("Customer id")
    assert [line[place] for line in lines[1:]] == expected["customer_id"].to_list()
    cells = sheet(spreadsheet.xlsx_list(found, columns, said, sheets=("List", "About")))
    letter = "ABCDEFGH"[place]
    assert [cells[f"{letter}{n + 2}"][1] for n in range(expected.height)] == (
        expected["customer_id"].to_list()
    )
    assert expected.height > 5


def test_what_was_asked_for_is_printed(view: View):
    choice = Choice("risk", "p90", minimum=0.25, search="东", silent=(20, 60))
    file = replace(churn_export.file(view, choice, (), "Title"), total=12_345)
    reader = replace(view, principal=Principal("x", "manager"))
    said = dict(list_files.about(reader, file))
    assert said["Filters"] == (
        "Tier: High-value, Basic; Risk in 90 days: ≥ 25%; Search: “东”; Days silent: 20 – 60"
    )
    assert said["Rows"] == "10,000 of 12,345"
    assert said["Data as of"] == "31 Oct 2026, 18:00"
    assert "4 times" in said["Counts as churned after"]


@pytest.mark.parametrize(
    ("role", "most"),
    [("success_lead", 2_000), ("manager", 10_000), ("executive", 0), ("whoever", 0)],
)
def test_a_role_takes_away_so_many_rows(role: str, most: int, view: View):
    reader = Principal("x", role)
    assert reader.exported_rows == most
    choice = Choice("churned", "total")
    columns = list(churn_columns.every("churned").values())
    file = churn_export.file(view, choice, columns, "Title")
    found = list_files.taken(replace(view, principal=reader), file)
    assert found.height == min(most, churn_list.totals(view, choice)[0])
