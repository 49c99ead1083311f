"""Tiers as the CRM keeps them beside the computed ones, and what each customer needs."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers import gaps
from dashboard.answers.tiers import without_tier
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.measure import measure
from metrics.tiers import compare
from metrics.tiers.care import with_care
from metrics.tiers.scheme import default_code

TABLE = "tier_records"
AXES_SCHEME = "three_axis_s2"


def rows(view: View, code: str) -> pl.LazyFrame:
    """The chosen customers with recorded and recomputed tier of a scheme, whatever is filtered."""
    today = data.as_of(view, "orders")
    people = data.selected(replace(without_tier(view), scheme=code), "customer_mart")
    records = data.frame(view, TABLE)
    return compare.against_records(records, people, code=code, as_of=today)


@data.once
def _schemes(view: View) -> frozenset[str]:
    """The schemes of which the CRM keeps tiers at all."""
    kept = data.frame(view, TABLE).select(pl.col("scheme").cast(pl.String).unique()).collect()
    return frozenset(kept["scheme"].drop_nulls())


@data.answer
def _counted(view: View, code: str) -> dict[str, float | None]:
    if code not in _schemes(view):
        return {"recorded": 0}  # joining everybody with nothing takes as long as with records
    found = measure(
        rows(view, code),
        coverage=compare.coverage(),
        agreement=compare.agreement(),
        accuracy=compare.accuracy(),
        active=pl.col("active").sum().cast(pl.Int64),
        recorded=pl.col("recorded").count().cast(pl.Int64),
        reviewed=pl.col("review_correct").count().cast(pl.Int64),
    ).collect()
    return found.row(0, named=True)


@data.answer
@gaps.named
def readings(view: View) -> dict[str, Reading]:
    """Coverage, accuracy and agreement of the default scheme's records; the latter two of S2's."""
    found = {code: _counted(view, code) for code in (default_code(), AXES_SCHEME)}
    told = {
        "tier_coverage": (default_code(), "coverage", "active"),
        "segmentation_accuracy": (default_code(), "accuracy", "reviewed"),
        "tier_records_agree": (default_code(), "agreement", "recorded"),
        "segmentation_accuracy_s2": (AXES_SCHEME, "accuracy", "reviewed"),
        "tier_records_agree_s2": (AXES_SCHEME, "agreement", "recorded"),
    }
    return {key: _reading(found[code], figure, n) for key, (code, figure, n) in told.items()}


def _reading(found: dict[str, float | None], figure: str, n: str) -> Reading:
    if not found["recorded"]:
        return unavailable("no_tier_records")
    if found[figure] is None:
        return unavailable("no_tier_reviews" if figure == "accuracy" else "no_rows")
    return Reading(found[figure], n=int(found[n] or 0))


@data.answer
def pairs(view: View) -> pl.DataFrame:
    """Customers by recorded and recomputed tier, of the scheme of the view.

    Returns:
        One row per pair that occurs: recorded, tier, customers, reviewed, correct; unordered. No
        rows without records of that scheme.
    """
    seen = pl.col("review_correct")
    return measure(
        rows(view, view.scheme).filter(pl.col("recorded").is_not_null()),
        "recorded",
        "tier",
        customers=pl.len().cast(pl.Int64),
        reviewed=seen.count().cast(pl.Int64),
        correct=seen.sum().cast(pl.Int64),
    ).collect()


def needs(view: View) -> pl.LazyFrame:
    """Template 1: the chosen customers with their need and the strategy suggested for it.

    The need is the one recorded under any scheme, the latest; else the rules' of the tier.
    """
    people = data.selected(view, "customer_mart").filter(pl.col("tier").is_not_null())
    today = data.as_of(view, "orders")
    latest = (
        data.frame(view, TABLE)
        .filter(pl.col("core_need").is_not_null(), pl.col("valid_from_on") <= today)
        .group_by("customer_id")
        .agg(pl.col("core_need").sort_by("valid_from_at", "record_id").last())
    )
    known = people.join(latest, on="customer_id", how="left", validate="1:1")
    return with_care(known)


@data.answer
def counted(view: View) -> dict[str | None, int]:
    """How many of the chosen customers have each need."""
    found = needs(view).group_by("need").agg(pl.len().cast(pl.Int64)).collect()
    return dict(found.iter_rows())


def in_pair(view: View, recorded: str, tier: str) -> pl.LazyFrame:
    """The customers of a pair of `pairs`, with the columns of the customer mart; not sorted."""
    people = data.selected(without_tier(view), "customer_mart")
    found = rows(view, view.scheme).filter(pl.col("recorded") == recorded, pl.col("tier") == tier)
    theirs = found.select("customer_id", "recorded")
    return people.join(theirs, on="customer_id", how="inner", validate="1:1")
