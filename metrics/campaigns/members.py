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
        ends_on, campaign (name), campaign_channel; null where unknown.
    """
    known = nw.from_native(campaigns).select(
        "campaign_id",
        "scenario",
        "starts_on",
        "ends_on",
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


def combination(channels: pl.Expr) -> pl.Expr:
    """A combination of channels in one way of writing: in the order of the alphabet, each once."""
    each = channels.str.split("+").list.eval(pl.element().str.strip_chars())
    return each.list.unique().list.sort().list.join("+").replace("", None)


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


def _outcome(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    scores = (counts["score_sum"], counts["score_squares"], counts["scores"])
    low, high = intervals.mean(*scores)
    before, after = counts["complaints_before"], counts["complaints_after"]
    bounds = intervals.wilson(after, after + before)
    return {
        **intervals.share("participation", counts["participants"], counts["invited"]),
        **intervals.share("repurchase", counts["bought"], counts["joined"]),
        **intervals.share("conversion", counts["converted"], counts["conversion_known"]),
        "satisfaction": ratio(counts["score_sum"], counts["scores"]),
        "satisfaction_low": low,
        "satisfaction_high": high,
        "reach": ratio(counts["contacted"], counts["targets"]),
        "complaint_change": ratio(after - before, before),
        "complaint_change_low": pl.when(before > 0).then(ratio(bounds[0], 1 - bounds[0]) - 1),
        "complaint_change_high": pl.when(before > 0).then(ratio(bounds[1], 1 - bounds[1]) - 1),
        "complaint_rate_before": ratio(before, counts["complaints_known"]),
        "complaint_rate_after": ratio(after, counts["complaints_known"]),
        "fit": ratio(counts["fitting"], counts["formed"]),
    }


_score = pl.col("satisfaction").cast(pl.Int64)
_known = pl.col("complaints_before").is_not_null() & pl.col("complaints_after").is_not_null()


def _sum(values: pl.Expr, of: pl.Expr) -> pl.Expr:
    return values.cast(pl.Int64).filter(of).sum()


def _outcomes(mine: pl.Expr, fits: pl.Expr) -> Additive:
    joined, reached = mine & _participated, mine & pl.col("contacted_on").is_not_null()
    return Additive(
        {
            "targets": count(mine),
            "contacted": count(reached),
            "invited": count(mine & _participated.is_not_null()),
            "participants": count(joined),
            "joined": count(joined & pl.col("bought").is_not_null()),
            "bought": count(joined & (pl.col("bought") > 0)),
            "converted": count(reached & _converted),
            "conversion_known": count(reached & _converted.is_not_null()),
            "scores": count(mine & _score.is_not_null()),
            "score_sum": _sum(_score, mine),
            "score_squares": _sum(_score * _score, mine),
            "complaints_known": count(mine & _known),
            "complaints_before": _sum(pl.col("complaints_before"), mine & _known),
            "complaints_after": _sum(pl.col("complaints_after"), mine & _known),
            "formed": count(mine & fits.is_not_null()),
            "fitting": count(mine & fits),
        },
        _outcome,
    )


def outcomes(forms: Mapping[str, tuple[str, ...]] | None = None) -> Additive:
    """What came of campaigns, over the targets, who is held out apart.

    participation = took part ÷ targets of whom it is known (S1: participants ÷ target customers,
    reached or not); repurchase = participants with a purchase on days 1 to 30 after the end ÷
    participants; satisfaction = mean of the answers; complaint_change = (complaints on days 1 to
    30 after the last contact − those on days 30 to 1 before the first) ÷ those before, its
    interval by Wilson on after ÷ (after + before), as for two Poisson counts of equal length;
    reach = contacted ÷ targets; fit = targets whose form suits their tier ÷ targets of whom a
    plan says what does. All with _low and _high where an interval is defined, null where there is
    nothing to divide by. Complaints fall after any campaign that is made for those who complained;
    `CONTROL_COMPLAINTS` tells how much.

    Args:
        forms: What suits each tier; none: nobody's form is judged.
    """
    fits = pl.lit(None, pl.Boolean)
    for tier, suiting in (forms or {}).items():
        here = (pl.col("tier") == tier) & pl.col("form").is_not_null()
        fits = pl.when(here).then(pl.col("form").is_in(suiting)).otherwise(fits)
    return _outcomes(_target, fits)


CONTROL_COMPLAINTS = _outcomes(~_target, pl.lit(None, pl.Boolean))
"""The same of those held out, for their complaints before and after."""
