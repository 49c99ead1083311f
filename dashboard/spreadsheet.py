"""Tables as files, CSV and XLSX: typed cells, and none that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import east_asian_width

import polars as pl

from dashboard.settings import settings
from dashboard.table import Column, whole_units, writer

# A spreadsheet would run a cell that begins with one of these, after blanks too; the wide ones
# are what a Chinese keyboard types.
_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")
_CONTROLS = ("\t", "\r", "\n", "\0")
_WORDED = ("text", "customer", "code", "flag")
_ROW_LIMIT = 1_048_575  # of a sheet, below its headings
_LETTER, _AIR, _ARROW, _WIDEST = 7.4, 12, 3, 60  # pixels of one; in letters
_NUMBERS = {  # how a sheet shows a kind of column
    "share": "0.0%",
    "share_bar": "0.0%",
    "money": "#,##0.00",
    "count": "#,##0",
    "days": "#,##0",
    "points": "0.0",
    "score": "0.00",
    "hours": "#,##0.0",
    "date": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "moment": "yyyy-mm-dd hh:mm",
}


def inert(value: object) -> object:
    """A cell of a CSV file that no spreadsheet runs: a text that would begin a formula is quoted.

    Numbers stay numbers: a negative one is no text.
    """
    if not isinstance(value, str):
        return value
    begins = value.lstrip(" \u3000").startswith(_FORMULA_STARTS) or value.startswith(_CONTROLS)
    return f"'{value}" if begins else value


def csv_bytes(frame: pl.DataFrame, columns: Sequence[Column]) -> bytes:
    """The table as CSV for a program: codes and plain numbers; UTF-8 with BOM.

    Columns told in words (`write`) are left out. Money is in whole units, time in hours.
    """
    columns = [column for column in columns if column.write is None]
    plain = [whole_units(column, frame[column.name]).to_list() for column in columns]
    return _csv([_heading(column) for column in columns], zip(*plain, strict=True))


def _heading(column: Column) -> str:
    return f"{column.heading} (h)" if column.kind == "hours" else column.heading


def _csv(headings: Sequence[str], rows: Any) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([inert(heading) for heading in headings])
    for row in rows:
        lines.writerow(["" if value is None else inert(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def worded(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The table as a reader would copy it: words in their language, the rest typed values.

    Money is in whole units, a share a fraction; undefined is null.
    """
    return pl.DataFrame([_worded(frame[column.name], column) for column in columns])


def _worded(values: pl.Series, column: Column) -> pl.Series:
    heading = _money_heading(column)
    if column.write is None and column.kind not in _WORDED:
        return whole_units(column, values).alias(heading)
    write = writer(column)
    texts = [None if value is None else write(value) for value in values.to_list()]
    return pl.Series(heading, texts, dtype=pl.String)


def _money_heading(column: Column) -> str:
    if column.kind != "money":
        return _heading(column)
    return f"{column.heading} ({column.currency or settings().currency})"


def csv_list(
    frame: pl.DataFrame, columns: Sequence[Column], about: Sequence[tuple[str, str]]
) -> bytes:
    """A list as CSV, where it came from in the last columns of every row.

    Not in lines of comments above the headings, which no program reads, nor in a file of its own,
    which gets lost: so the first line is the headings, and lists of several weeks put together
    still say which row is of which.
    """
    words = worded(frame, columns)
    told = [text for _, text in about]
    rows = ((*row, *told) for row in words.iter_rows())
    return _csv([*words.columns, *(name for name, _ in about)], rows)


def widths(words: pl.DataFrame, columns: Sequence[Column]) -> list[int]:
    """How wide each column of a sheet is, in pixels: its longest cell, at most 60 characters.

    A Chinese character is as wide as two others, which the writer's own measure does not know. A
    heading needs room for the arrow of its filter, too.
    """
    found: list[int] = []
    for heading, column in zip(words.columns, columns, strict=True):
        cells = words[heading]
        longest = max((_cells(text) for text in _longest(cells, column)), default=0)
        found.append(round(_AIR + _LETTER * max(min(longest, _WIDEST), _cells(heading) + _ARROW)))
    return found


def _longest(cells: pl.Series, column: Column) -> Iterable[str]:
    """Texts among which is the widest that a column shows."""
    if cells.dtype == pl.String:
        wide = cells.str.len_bytes() + cells.str.len_chars()  # 2 a letter, 4 a Chinese character
        place = wide.arg_max()
        return [] if place is None else [str(cells[place])]
    if cells.dtype.is_temporal():
        return [_NUMBERS.get(column.kind, "yyyy-mm-dd")]
    if column.kind in ("share", "share_bar"):
        return ["100.0%"]
    return [f"{value:,.2f}" for value in (cells.min(), cells.max()) if value is not None]


def _cells(text: str) -> int:
    """How many letters wide a text is."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def xlsx_list(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    about: Sequence[tuple[str, str]],
    *,
    sheets: tuple[str, str],
) -> bytes:
    """A list as XLSX: typed cells on the first sheet, where it came from on the second.

    Texts are written as texts: nothing in them becomes a formula or a link.

    Args:
        frame: The rows.
        columns: What to write of them.
        about: Name and text of what is told: filters, as of, definition.
        sheets: Names of the two sheets.
    """
    from xlsxwriter import Workbook  # only a download needs it

    words = worded(frame.head(_ROW_LIMIT), columns)
    out = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, {**safe, "in_memory": True, "nan_inf_to_errors": True}) as book:
        formats: Any = {
            heading: _NUMBERS[column.kind]
            for heading, column in zip(words.columns, columns, strict=True)
            if column.write is None and column.kind in _NUMBERS
        }
        words.write_excel(
            book,
            sheets[0],
            column_formats=formats,
            column_widths=dict(zip(words.columns, widths(words, columns), strict=True)),
            freeze_panes=(1, 1),
        )
        told = book.add_worksheet(sheets[1])
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        told.set_column(0, 0, 24, wrap)
        told.set_column(1, 1, 90, wrap)
        for row, (name, text) in enumerate(about):
            told.write_string(row, 0, name)
            told.write_string(row, 1, text)
    return out.getvalue()
