"""Raw values of a database driver to the contract's types, exactly or not at all.

A value that does not fit exactly (text in a number, half a fen, NaN, a day that does not exist)
becomes null and is counted by the caller. No number ever passes through a float.
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


def typed(values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    """One column of one batch in the contract's type.

    Times without a zone are UTC; whole numbers may arrive as integers, decimals, whole floats
    or digits; truths also as 0 and 1, as SQLite keeps them.

    Args:
        values: What the driver returned, None for null.
        dtype: A type of the contract.

    Returns:
        As many values as given; null where the value was null or is not readable.
    """
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
