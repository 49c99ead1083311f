"""Campaign members of a Portuguese bank that sold term deposits by phone, 2008 to 2010.

Source: Sérgio Moro, Paulo Rita, Paulo Cortez (2012), "Bank Marketing", UCI Machine Learning
Repository, doi:10.24432/C5K306. Licence CC BY 4.0.

Decisions
- The source has day and month of the last contact, no year. Its rows are in order of time from
  May 2008, so the year rises whenever the month falls: 5 May 2008 to 17 Nov 2010, days never
  step back, and all but 50 of 45,211 contacts fall on Monday to Friday.
- `contacted_at` is therefore the last contact, not the first, at 12:00 UTC as the hour is unknown.
- The bank ran 17 campaigns, but the rows do not say which; they are grouped into one campaign per
  calendar year, and the share converted over all three is the published 11.70 %.
- `converted` is y, a term deposit was subscribed. There is no control group. Members are anonymous.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from data_access import contract
from data_access.real import carried

COMPLETE_UNTIL = datetime(2010, 11, 17, 23, 59, 59, tzinfo=UTC)

_FIRST_YEAR = 2008
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def tables() -> dict[str, pl.DataFrame]:
    """Campaigns (3 years) and campaign members (45,211)."""
    members = _members()
    return {"campaigns": _campaigns(members), "campaign_members": members}


def _members() -> pl.DataFrame:
    numbers = {name: number for number, name in enumerate(_MONTHS, start=1)}
    month = pl.col("month").replace_strict(numbers, return_dtype=pl.Int8)
    return (
        carried.read("bank_marketing")
        .with_columns(month)
        .with_columns(
            year=_FIRST_YEAR + (pl.col("month").diff() < 0).fill_null(value=False).cum_sum()
        )
        .select(
            member_id=pl.format("bank-{}", pl.int_range(1, pl.len() + 1)),
            campaign_id=pl.format("term-deposit-{}", "year"),
            customer_id=pl.lit(None, pl.String),
            contacted_at=pl.datetime("year", "month", "day", 12, time_zone="UTC").cast(
                contract.TIME
            ),
            converted=pl.col("y").replace_strict({"yes": True, "no": False}),
        )
    )


def _campaigns(members: pl.DataFrame) -> pl.DataFrame:
    year = pl.col("campaign_id").str.tail(4)
    return (
        members.group_by("campaign_id")
        .agg(starts_at=pl.col("contacted_at").min(), ends_at=pl.col("contacted_at").max())
        .with_columns(name=pl.format("Term deposit by phone, {}", year), channel=pl.lit("phone"))
        .sort("campaign_id")
    )
