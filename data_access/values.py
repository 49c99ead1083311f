"""Raw values of a database driver to the contract's types, exactly or not at all.

A value that does not fit exactly (text in a number, half a fen, NaN, a day that does not exist)
becomes null and is counted by the caller. No number ever passes through a float. Values that come
as Python objects and values that come as Arrow columns have the same outcomes: what Polars does
not read at once is read one by one, as an object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from data_access.contract import TIME

_LIMITS: dict[pl.DataType, int] = {pl.Int16(): 2**15, pl.Int32(): 2**31, pl.Int64(): 2**63}
_TRUTHS = {"1": True, "true": True, "t": True, "0": False, "false": False, "f": False}


def typed(values: Sequence[Any] | pl.Series, dtype: pl.DataType) -> pl.Series:
    """One column of one batch in the contract's type.

    Times without a zone are UTC; whole numbers may arrive as integers, decimals, whole floats
    or digits; truths also as 0 and 1, as SQLite keeps them.

    Args:
        values: What the driver returned, None for null, or an Arrow column.
        dtype: A type of the contract.

    Returns:
        As many values as given; null where the value was null or is not readable.
    """
    if isinstance(values, pl.Series):
        return _of_column(values, dtype)
    kinds: set[type] = set(map(type, values)) - {type(None)}
    if kinds <= {_NATIVE[dtype]} and (not dtype.is_integer() or _fits(values, dtype)):
        return pl.Series(values, dtype=dtype)
    if dtype == pl.Boolean and kinds == {int}:  # as SQLite keeps them
        truths = {1: True, 0: False}
        return pl.Series(values).replace_strict(truths, default=None, return_dtype=pl.Boolean)
    if kinds == {str} and dtype in _TEXT_FORMATS:
        texts = pl.Series(values, dtype=pl.String)
        read = _from_text(texts, dtype)
        if read.null_count() == texts.null_count():
            return read
    exact = [None if value is None else _attempt(_EXACT[dtype], value) for value in values]
    if dtype.is_integer():  # narrower integers overflow to null, not to another number
        return pl.Series(exact, dtype=pl.Int64).cast(dtype, strict=False)
    return pl.Series(exact, dtype=dtype)


def lost(values: Sequence[Any] | pl.Series, read: pl.Series) -> pl.Series | None:
    """Which values were there and were not readable; None if all were."""
    column = isinstance(values, pl.Series)
    if read.null_count() == (values.null_count() if column else values.count(None)):
        return None
    given = values.is_not_null() if column else pl.Series([value is not None for value in values])
    return given & read.is_null()


def _of_column(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """At once what Polars reads exactly; the rest one by one."""
    values = _in_our_calendar(values)
    read = _at_once(values, dtype)
    if read is None:
        return typed(values.to_list(), dtype)
    lost = values.is_not_null() & read.is_null()
    if values.dtype == pl.String and lost.any():
        read = read.scatter(lost.arg_true(), typed(values.filter(lost).to_list(), dtype))
    return read


def _at_once(values: pl.Series, dtype: pl.DataType) -> pl.Series | None:
    """The column in the contract's type, null where it does not fit; None if of another kind."""
    found = values.dtype
    if found == dtype:
        return values
    if isinstance(found, pl.Datetime) and dtype == TIME:
        local = found.time_zone is None
        return values.dt.replace_time_zone("UTC") if local else values.dt.convert_time_zone("UTC")
    if found == pl.String and dtype in _TEXT_FORMATS:
        return _from_text(values, dtype)
    if (found.is_integer() or found == pl.String) and dtype in _PLAIN:
        return _plain(values, dtype)
    return None


def _plain(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Texts and whole numbers as text, number or truth."""
    if dtype == pl.Boolean:
        truths = {"1": True, "0": False} if values.dtype == pl.String else {1: True, 0: False}
        return values.replace_strict(truths, default=None, return_dtype=pl.Boolean)
    if dtype.is_integer():  # narrower integers overflow to null, not to another number
        return values.cast(pl.Int64, strict=False).cast(dtype, strict=False)
    return values.cast(dtype)


def _in_our_calendar(values: pl.Series) -> pl.Series:
    """Days and times of the years 1 to 9999; null for others, and for what means infinity."""
    if isinstance(values.dtype, pl.Datetime):
        values = values.cast(pl.Datetime("us", values.dtype.time_zone))
        ends = pl.Series([datetime.min, datetime.max])  # noqa: DTZ901 - of any zone
    elif values.dtype == pl.Date:
        ends = pl.Series([date.min, date.max])
    else:
        return values
    ours = values.to_physical().is_between(*ends.to_physical())
    return values.to_frame("value").select(pl.when(ours).then("value")).to_series()


def _fits(values: Sequence[int | None], dtype: pl.DataType) -> bool:
    limit = _LIMITS[dtype]
    return all(value is None or -limit <= value < limit for value in values)


def _from_text(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Times and days written in the usual form, all at once; null where written otherwise."""
    form = _TEXT_FORMATS[dtype]
    if dtype == TIME:
        return texts.str.to_datetime(form, time_unit="us", strict=False).dt.replace_time_zone("UTC")
    return texts.str.to_date(form, strict=False)


def _attempt(read: Callable[[Any], object], value: object) -> object:
    try:
        return read(value)
    except (TypeError, ValueError, OverflowError, KeyError):
        return None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _integer(value: float | Decimal | str) -> int:
    number = int(value)
    if not isinstance(value, str) and number != value:
        raise ValueError(value)
    if not -_LIMITS[pl.Int64()] <= number < _LIMITS[pl.Int64()]:
        raise OverflowError(number)
    return number


def _boolean(value: object) -> bool:
    return _TRUTHS[str(value).strip().lower()]


def _time(value: date | str) -> datetime:
    """A day without a time begins at midnight UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _day(value: date | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else datetime.fromisoformat(value).date()


_NATIVE: dict[pl.DataType, type] = {
    pl.String(): str,
    pl.Int16(): int,
    pl.Int32(): int,
    pl.Int64(): int,
    pl.Boolean(): bool,
    TIME: datetime,
    pl.Date(): date,
}
_PLAIN = (pl.String(), pl.Boolean(), *_LIMITS)
_TEXT_FORMATS: dict[pl.DataType, str] = {
    TIME: "%Y-%m-%d %H:%M:%S%.f",
    pl.Date(): "%Y-%m-%d",
}
_EXACT: dict[pl.DataType, Callable[[Any], object]] = {
    pl.String(): _text,
    pl.Int16(): _integer,
    pl.Int32(): _integer,
    pl.Int64(): _integer,
    pl.Boolean(): _boolean,
    TIME: _time,
    pl.Date(): _day,
}
