"""Tables on screen: a tidy frame and one column spec each, formatted in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import streamlit as st

from dashboard import i18n, kpi, stacked, theme
from dashboard.i18n import t
from dashboard.settings import settings

# Words, and what is read like one; the rest are magnitudes and stand right, digit under digit.
_LEFT = ("text", "customer", "code", "flag", "date", "moment", "month", "figure")
_SAMPLE, _FEW = 10, 5  # rows by which a column is sized in the browser; up to so many, all count
_USUAL = 1.6  # times the average: below it counts; less than the browser's 2, widths are guessed
_WIDE, _NARROW, _PADDING, _WIDEST = 13.2, 7.2, 20, 400  # pixels: of a character, of a cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the frame, its heading (already translated) and how to write it.

    `kind`: text, customer (a name; where `opening` draws the table, it opens their page), code
    (with `dimension`), count, share, share_bar, points, score, days, hours, money (in `currency`,
    else the company's; a code belongs in the heading), date, moment, month, flag, figure (text
    that stands like a number). `write` puts a value of the frame into words instead; it is left
    out of downloads.
    """

    name: str
    heading: str
    kind: str = "text"
    dimension: str = ""
    sign: bool = False
    currency: str = ""
    write: Callable[[Any], str] | None = None


def writer(column: Column) -> Callable[[Any], str]:
    """What puts a value of a column into words."""
    if column.write is not None:
        return column.write
    writers: dict[str, Callable[[Any], str]] = {
        "code": lambda value: i18n.code(column.dimension or column.name, value),
        "count": lambda value: i18n.number(value, sign=column.sign),
        "days": lambda value: i18n.number(value, sign=column.sign),
        "share": lambda value: i18n.share(value, sign=column.sign),
        "share_bar": i18n.share,
        "points": lambda value: i18n.number(value, 1, sign=column.sign),
        "hours": lambda value: i18n.duration(value, sign=column.sign),
        "score": lambda value: i18n.number(value, 2, sign=column.sign),
        "money": lambda value: kpi.money(
            value, sign=column.sign, compact=False, currency=column.currency, code=False
        ),
        "date": i18n.short_day,
        "moment": i18n.moment,
        "month": lambda value: i18n.DASH if value is None else i18n.month(value),
        "flag": lambda value: i18n.DASH if value is None else t("flag.yes" if value else "flag.no"),
    }
    return writers.get(column.kind, lambda value: i18n.DASH if value is None else str(value))


def _whole_share(value: float | None) -> str:
    return i18n.share(value, 0)


def without_bar(column: Column) -> Column:
    """The column as text, also where a table draws a bar."""
    if column.kind != "share_bar":
        return column
    return replace(column, kind="share", write=_whole_share)


def written(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The frame as text, headed and formatted; shares drawn as bars stay numbers (0 to 100)."""
    series: list[pl.Series] = []
    for column in columns:
        values = frame[column.name]
        if column.kind == "share_bar":
            series.append((values * 100).alias(column.heading))
        else:
            write = writer(column)
            texts = [write(value) for value in values.to_list()]
            series.append(pl.Series(column.heading, texts, dtype=pl.String))
    return pl.DataFrame(series)


def told(frame: pl.DataFrame, **words: Callable[[Mapping[str, Any]], str]) -> pl.DataFrame:
    """The frame with columns of words, each made from its rows.

    In this thread: one of Polars' own would know nothing of the reader's language.
    """
    rows = list(frame.iter_rows(named=True))
    return frame.with_columns(
        pl.Series(name, [say(row) for row in rows], pl.String) for name, say in words.items()
    )


def sortable(frame: pl.DataFrame, columns: Sequence[Column]) -> Any:
    """The written table with the magnitudes behind the words: a click on a heading sorts by these.

    Returns:
        A pandas Styler, the one kind of table whose cells Streamlit shows in other words than
        their values. Money is in whole units in it, as in a download.
    """
    texts = written(frame, columns)
    values = texts.to_pandas()
    words: dict[Any, Any] = {}
    for column in columns:
        if _is_magnitude(column):
            behind = whole_units(column, frame[column.name]).cast(pl.Float64)
            values[column.heading] = behind.to_pandas()
            said = dict(zip(behind.to_list(), texts[column.heading].to_list(), strict=True))
            words[column.heading] = said.__getitem__
    return values.style.format(words, na_rep=i18n.DASH)


def _is_magnitude(column: Column) -> bool:
    return column.kind not in (*_LEFT, "share_bar")


def whole_units(column: Column, values: pl.Series) -> pl.Series:
    """Money in whole units, any other value as it is."""
    if column.kind != "money":
        return values
    scale = settings().money_scale
    return (values / 10**scale).round(scale)


def configuration(frame: pl.DataFrame, columns: Sequence[Column]) -> dict[str, Any]:
    """What Streamlit is told of each column: bars, alignment, widths."""
    configuration: dict[str, Any] = {}
    texts = written(frame, columns)
    for column in columns:
        if column.kind == "share_bar":
            configuration[column.heading] = st.column_config.ProgressColumn(
                column.heading, format="%.0f%%", min_value=0, max_value=100, width=90
            )
            continue
        width = room(column.heading, texts[column.heading].to_list())
        if _is_magnitude(column):
            configuration[column.heading] = st.column_config.NumberColumn(
                column.heading, alignment="right", width=width
            )
        elif column.kind == "figure":
            configuration[column.heading] = st.column_config.TextColumn(
                column.heading, alignment="right", width=width
            )
        elif width is not None:
            configuration[column.heading] = st.column_config.Column(column.heading, width=width)
    return configuration


def room(heading: str, texts: Sequence[str]) -> int | None:
    """The width of a column whose longest cell the browser would cut off; None if it fits.

    The browser sizes a column by its first rows and the last, without those twice as wide as they
    are on average: one name, one follow-up among dashes.
    """
    widths = [_pixels(text) for text in texts]
    seen = widths if len(widths) <= _SAMPLE else [*widths[: _SAMPLE - 1], widths[-1]]
    if len(seen) > _FEW:
        average = sum(seen) / len(seen)
        seen = [width for width in seen if width < _USUAL * average]
    widest = max(widths, default=0)
    fits = max([*seen, _pixels(heading)]) >= widest
    return None if fits else min(round(widest), _WIDEST)


def _pixels(text: str) -> float:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return wide * _WIDE + (len(text) - wide) * _NARROW + _PADDING


def show(
    frame: pl.DataFrame, columns: Sequence[Column], *, alt: str, height: int | None = None
) -> None:
    """Draw a read-only table; on a phone that has no room for it, its rows below each other."""
    if _is_cramped(frame, columns):
        names, others = _headings(frame, columns)
        stacked.rows(others, names, alt=alt)
        return
    st.dataframe(
        sortable(frame, columns),
        hide_index=True,
        column_config=configuration(frame, columns),
        alt=alt,
        height=height or "content",
        placeholder=i18n.DASH,
    )


def choose(
    frame: pl.DataFrame, columns: Sequence[Column], *, key: str, identity: str, alt: str
) -> str | None:
    """Draw a table whose rows can be picked; return the identity of the picked row.

    The key should name the content (filters, sort, page): a selection is a row number, and must
    not survive a change of the rows. On a phone that has no room for it, what a row is called is
    a button.
    """
    if _is_cramped(frame, columns):
        names, others = _headings(frame, columns)
        return stacked.buttons(others, names, frame[identity].cast(pl.String).to_list(), key=key)
    event: Any = st.dataframe(
        sortable(frame, columns),
        hide_index=True,
        column_config=configuration(frame, columns),
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        alt=alt,
        height="content",
        placeholder=i18n.DASH,
    )
    return picked(frame, identity, event["selection"]["rows"])


def _in_words(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    return written(frame, [without_bar(column) for column in columns])


def _headings(frame: pl.DataFrame, columns: Sequence[Column]) -> tuple[list[str], pl.DataFrame]:
    """What a row is called, and the rest: by the first column, if several rows have it by two."""
    texts = _in_words(frame, columns)
    alike = texts.to_series(0).n_unique() < texts.height and texts.width > 1
    names = texts.columns[: 2 if alike and not _is_magnitude(columns[1]) else 1]
    joined = texts.select(pl.concat_str(names, separator=" · ")).to_series()
    return joined.to_list(), texts.drop(names)


def _is_cramped(frame: pl.DataFrame, columns: Sequence[Column]) -> bool:
    """Whether the window is a phone's, and the table wider."""
    if not theme.is_narrow():
        return False
    texts = _in_words(frame, columns)
    widths = (max(map(_pixels, [name, *texts[name].to_list()])) for name in texts.columns)
    return sum(widths) > stacked.ROOM


def picked(frame: pl.DataFrame, identity: str, rows: Sequence[int]) -> str | None:
    """The identity of the picked row; None if there is none, or the frame has no such row."""
    ids = frame[identity].to_list()
    return ids[rows[0]] if rows and 0 <= rows[0] < len(ids) else None
