"""What was taken away in files, by whom: from the audit, read at every run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.settings import now
from dashboard.view import View
from dashboard.workspace import workspace
from data_access.workspace import downloads

TOLD_DAYS, LATELY_DAYS = 365, 30


@dataclass(frozen=True, slots=True)
class Lately:
    """The last 30 days in three numbers: files, the rows in them, and who took them."""

    files: int
    rows: int
    people: int


def files(view: View) -> pl.DataFrame:
    """The files of a year, the latest first; see `downloads.taken`. Times are the company's.

    Not kept: a download changes nothing that lists of customers are made of, so no state tells it.

    Raises:
        WorkspaceError: The workspace cannot be read.
    """
    found = downloads.taken(workspace(), view.principal, now() - timedelta(days=TOLD_DAYS))
    return found.with_columns(pl.col("taken_at").dt.convert_time_zone(data.time_zone().key))


def lately(taken: pl.DataFrame) -> Lately:
    """Of `files` those of the last 30 days."""
    since = now().astimezone(data.time_zone()) - timedelta(days=LATELY_DAYS)
    found = taken.filter(pl.col("taken_at") >= since)
    return Lately(found.height, int(found["rows"].sum()), found["taken_by"].n_unique())
