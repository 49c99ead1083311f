"""Rows of the workspace as Polars frames, in the contract's types."""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data_access.contract import TIME
from data_access.workspace.types import Moment

_TO_THE_MICROSECOND = 26  # characters of a time in SQLite before its zone, which is UTC


def frame(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> pl.DataFrame:
    """The rows of a select, its columns named and typed as there, also where there is none."""
    columns = list(statement.selected_columns)
    moments = [str(each.key) for each in columns if isinstance(each.type, Moment)]
    schema = {str(each.key): _polars(each.type) for each in columns}
    as_text = session.get_bind().dialect.name == "sqlite"
    if as_text:  # Polars reads a column of times in the time that Python takes for a few of them
        plain = (sa.type_coerce(each, sa.Text()).label(each.key) for each in columns)
        chosen = zip(columns, plain, strict=True)
        statement = statement.with_only_columns(
            *(text if isinstance(each.type, Moment) else each for each, text in chosen)
        )
        schema |= dict.fromkeys(moments, pl.String())
    rows = [tuple(row) for row in session.connection().execute(statement)]
    found = pl.DataFrame(rows, schema=schema, orient="row")
    return found.with_columns(_moment(name) for name in moments) if as_text else found


def _moment(name: str) -> pl.Expr:
    text = pl.col(name).str.head(_TO_THE_MICROSECOND)
    read = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", time_unit="us")
    return read.dt.replace_time_zone("UTC")


def _polars(kind: sa.types.TypeEngine[Any]) -> pl.DataType:
    if isinstance(kind, Moment):
        return TIME
    if isinstance(kind, sa.Integer):
        return pl.Int64()
    return pl.Float64() if isinstance(kind, sa.Float) else pl.String()
