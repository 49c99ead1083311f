"""Tiers as the CRM keeps them beside the computed ones, and what each customer needs."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers import gaps
from dashboard.answers.tiers import without_tier
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.tiers import records
from metrics.tiers.care import with_care
from metrics.tiers.scheme import default_code

MART = "customer_mart"
AXES_SCHEME = "three_axis_s2"


def rows(view: View, code: str) -> pl.LazyFrame:
    """The chosen customers with recorded and computed tier of a scheme, whatever is filtered."""
    return data.selected(replace(without_tier(view), scheme=code), MART)


@data.answer
def _pairs(view: View, code: str) -> pl.DataFrame:
    chosen = replace(without_tier(view), scheme=code)
    return records.pairs(data.tally(chosen, MART, *records.OF_PAIRS)).collect()


def _counted(view: View, code: str) -> dict[str, float | None]:
    told, held = _pairs(view, code), pl.col("recorded").is_not_null()
    return told.select(
        coverage=records.coverage(),
        agreement=records.agreement(),
        accuracy=records.accuracy(),
        active=pl.col("active").sum(),
        recorded=pl.col("customers").filter(held).sum(),
        reviewed=pl.col("reviewed").sum(),
    ).row(0, named=True)


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


def pairs(view: View) -> pl.DataFrame:
    """Customers by recorded and computed tier, of the scheme of the view: see `records.pairs`.

    No rows without records of that scheme.
    """
    return _pairs(view, view.scheme).drop_nulls("recorded")


def needs(view: View) -> pl.LazyFrame:
    """Template 1: the chosen customers with their need and the strategy suggested for it.

    The need is the one recorded under any scheme, the latest; else the rules' of the tier.
    """
    return with_care(data.selected(view, MART).filter(pl.col("tier").is_not_null()))


@data.answer
def counted(view: View) -> dict[str | None, int]:
    """How many of the chosen customers have each need."""
    of = ("tier", "complaints_12m", "core_need")  # what a need follows from: a few hundred groups
    groups = data.tally(view, MART, *of).filter(pl.col("tier").is_not_null())
    found = with_care(groups).group_by("need").agg(pl.col("rows").sum()).collect()
    return dict(found.iter_rows())


def in_pair(view: View, recorded: str, tier: str) -> pl.LazyFrame:
    """The customers of a pair of `pairs`, with the columns of the customer mart; not sorted."""
    return rows(view, view.scheme).filter(pl.col("recorded") == recorded, pl.col("tier") == tier)
