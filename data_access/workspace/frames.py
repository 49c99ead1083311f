"""Rows of the workspace as Polars frames, in the contract's types."""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data_access.contract import TIME
from data_access.workspace.types import Moment


def frame(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> pl.DataFrame:
    """The rows of a select, its columns named and typed as there, also where there is none."""
    schema = {each.key or "": _polars(each.type) for each in statement.selected_columns}
    rows = [tuple(row) for row in session.execute(statement)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _polars(kind: sa.types.TypeEngine[Any]) -> pl.DataType:
    if isinstance(kind, Moment):
        return TIME
    if isinstance(kind, sa.Integer):
        return pl.Int64()
    return pl.Float64() if isinstance(kind, sa.Float) else pl.String()
