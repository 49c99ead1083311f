"""Campaigns: who was reached, took part and did what was asked, against those left alone."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics import intervals
from metrics.measure import count, measure, ratio
from metrics.trends import Additive


def member_facts(members: IntoLazyFrameT, campaigns: IntoLazyFrameT) -> IntoLazyFrameT:
    """Campaign members with their campaign (portable).

    Args:
        members: Contract table campaign_members.
        campaigns: Contract table campaigns; campaign_id is unique.

    Returns:
        One row per member, unordered: the columns of campaign_members, scenario, starts_on,
        campaign (name), campaign_channel; null where unknown.
    """
    known = nw.from_native(campaigns).select(
        "campaign_id",
        "scenario",
        "starts_on",
        campaign=nw.col("name"),
        campaign_channel=nw.col("channel"),
    )
    return nw.from_native(members).join(known, on="campaign_id", how="left").to_native()


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        "reach_share": ratio(counts["contacted"], counts["targets"]),
        **intervals.share(
            "participation_share", counts["participants"], counts["participation_known"]
        ),
        **intervals.share("conversion_share", counts["converted"], counts["conversion_known"]),
    }


_target = ~pl.col("is_control").fill_null(value=False)
_contacted = _target & pl.col("contacted_at").is_not_null()
_participated, _converted = pl.col("participated"), pl.col("converted")

RESULTS = Additive(
    {
        "targets": count(_target),
        "contacted": count(_contacted),
        "participants": count(_contacted & _participated),
        "participation_known": count(_contacted & _participated.is_not_null()),
        "converted": count(_contacted & _converted),
        "conversion_known": count(_contacted & _converted.is_not_null()),
    },
    _figures,
)
"""Reach, participation and conversion of a campaign, over its members.

Conversion is converted ÷ contacted members whose outcome is known; the control group and those
never reached are on neither side. Participation likewise (S1: at least 70 %). targets, contacted,
participants, participation_known, converted, conversion_known (counts); reach_share,
participation_share and conversion_share with _low and _high (0 to 1, Wilson; null if nothing is
known)."""


def _lift_figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    treated = (counts["treated_converted"], counts["treated"])
    control = (counts["control_converted"], counts["control"])
    low, high = intervals.difference(*treated, *control)
    return {
        "treated_share": ratio(*treated),
        "control_share": ratio(*control),
        "lift": ratio(*treated) - ratio(*control),
        "lift_low": low,
        "lift_high": high,
    }


LIFT = Additive(
    {
        "treated": count(_target & _converted.is_not_null()),
        "treated_converted": count(_target & _converted),
        "control": count(~_target & _converted.is_not_null()),
        "control_converted": count(~_target & _converted),
    },
    _lift_figures,
)
"""Lift: conversion share of all targets minus that of the control group.

All targets, reached or not: those who can be reached differ from those who cannot, and the control
group holds both. treated, treated_converted, control, control_converted (counts with a known
outcome); treated_share, control_share (0 to 1), lift, lift_low, lift_high (difference, -1 to 1,
Newcombe; null without a control group)."""


def campaign_results(members: pl.LazyFrame, campaigns: pl.LazyFrame) -> pl.LazyFrame:
    """Every campaign with its reach, participation, conversion and lift.

    Returns:
        One row per campaign, also without members (counts 0, shares null): campaign_id, name,
        scenario, channel, starts_on, ends_on, the columns of RESULTS and LIFT;
        sorted by starts_on (latest first, nulls last), campaign_id.
    """
    counts = {**RESULTS.counts, **LIFT.counts}
    counted = measure(members, "campaign_id", **counts)
    return (
        campaigns.select("campaign_id", "name", "scenario", "channel", "starts_on", "ends_on")
        .join(counted, on="campaign_id", how="left", validate="1:1")
        .with_columns(pl.col(list(counts)).fill_null(0))
        .with_columns(**RESULTS.from_counts(), **LIFT.from_counts())
        .sort("starts_on", "campaign_id", descending=[True, False], nulls_last=True)
    )
