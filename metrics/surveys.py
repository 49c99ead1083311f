"""Surveys: who was asked, who answered, and what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics import intervals, nps
from metrics.rules import load
from metrics.trends import Additive

_COLUMNS = (
    "response_id",
    "customer_id",
    "invited_on",
    "answered_on",
    "nps",
    "csat",
    "comment",
    "survey",
    "channel",
)


def survey_facts(responses: IntoLazyFrameT) -> IntoLazyFrameT:
    """Invitations to surveys, answered or not (portable).

    Args:
        responses: Contract table survey_responses.

    Returns:
        One row per invitation, unordered: response_id, customer_id, invited_on, answered_on, nps
        (0–10), csat (1–5), comment, survey, channel, sampled (whether it is the one of its customer
        that counts in the calendar month of the invitation; anonymous ones all count).
    """
    day, one = nw.col("invited_on"), nw.col("response_id")
    months = nw.from_native(responses).with_columns(_month=day.dt.year() * 12 + day.dt.month())
    first = one == one.min().over("customer_id", "_month")
    sampled = ~day.is_null() & (nw.col("customer_id").is_null() | first)
    return months.with_columns(sampled=sampled).select(*_COLUMNS, "sampled").to_native()


def event_day() -> pl.Expr:
    """The day a row of survey facts belongs to: of the answer, else of the invitation."""
    return pl.coalesce("answered_on", "invited_on")


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return intervals.share("response_rate", counts["answered"], counts["invited"])


_invited = pl.col("invited_on").is_not_null()
_answered = pl.col("answered_on").is_not_null()

RESPONSE = Additive(
    {
        "invited": _invited.sum().cast(pl.Int64),
        "answered": (_invited & _answered).sum().cast(pl.Int64),
        "answers_without_invitation": (~_invited & _answered).sum().cast(pl.Int64),
    },
    _figures,
)
"""Response rate: answered invitations ÷ invitations, over survey facts.

An answer without a recorded invitation is on neither side and counted apart. Slice and cut it by
`invited_on`, so that an answer counts where its invitation does. invited, answered,
answers_without_invitation (counts); response_rate with _low and _high (0 to 1, Wilson; null if no
invitation is recorded)."""


SAMPLE = Additive({"sampled": pl.col("sampled").sum().cast(pl.Int64)}, lambda _: {})
"""Customers invited, each once in a calendar month, over survey facts by `invited_on`."""


def settled(as_of: date) -> date:
    """The last day whose invitations have had their time to be answered (`surveys.toml`).

    Pass it as `as_of` to the trend of the response rate: later buckets are not complete.
    """
    return as_of - timedelta(days=cast("int", load("surveys")["settling_days"]))


def fewest_answers() -> int:
    """Least number of answers that a point of a drawn trend rests on (`surveys.toml`)."""
    return cast("int", load("surveys")["fewest_answers"])


def comments(facts: pl.LazyFrame) -> pl.LazyFrame:
    """What customers wrote, latest first; untrusted text.

    Returns:
        One row per answer with a comment that is not blank: the columns of the survey facts and
        nps_group (promoter, passive, detractor; null without a score); sorted by answered_on
        (latest first, nulls last), response_id.
    """
    written = facts.filter(pl.col("comment").str.strip_chars().str.len_chars() > 0).with_columns(
        nps_group=nps.group(pl.col("nps"))
    )
    return written.sort("answered_on", "response_id", descending=[True, False], nulls_last=True)
