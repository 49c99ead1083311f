"""Value of a customer by month: in a year, its growth, and in a lifetime by the plans' formula."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import baseline, gaps
from dashboard.answers.lifecycle import judged
from dashboard.answers.over_time import SPARK_MONTHS
from dashboard.answers.tiers import first_whole, top, topic
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, is_complete
from metrics.clv.rule import Terms
from metrics.value import value_months

KEYS = {"customer_value_growth": "growth", "clv_formula": "clv", "clv_formula_core": "clv"}
_TOO_SHORT = {"growth": "short_growth", "clv": "short_lifetime"}
_CORE = "clv_formula_core"


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Growth of the yearly value, lifetime value of everybody and of the top tier."""
    return {key: _reading(view, key) for key in KEYS} | {"crm_rank": _rank(view)}


def months(view: View, key: str) -> pl.DataFrame:
    """The months behind a measure, see `value_months`, and complete."""
    return _months(judged(view).whenever(), core=key == _CORE)


@data.answer
def _months(view: View, *, core: bool) -> pl.DataFrame:
    """Everybody's, or those of the top tier: of a month end, and of the beginning of its year.

    Filters on today's tier and stage do not apply: whoever buys more rises.
    """
    as_of = data.as_of(view, "orders")
    rows, kept = (data.selected(view, name) for name in ("tier_months", "retention_months"))
    if core:
        rows, kept = (each.filter(pl.col("tier") == top(view)) for each in (rows, kept))
    terms = Terms.standard(None, money_scale=settings().money_scale)
    found = value_months(
        rows.filter(pl.col("month") >= first_whole(view)),
        kept,
        years=round(terms.months / 12),
        cost=terms.cost,
    )
    return found.with_columns(complete=is_complete(pl.col("month"), Grain.MONTH, as_of=as_of))


def _reading(view: View, key: str) -> Reading:
    figure, period = KEYS[key], topic(view).period(view)
    rows = months(view, key).filter(pl.col("month") <= period.last_month)
    known = {row["month"]: row for row in rows.iter_rows(named=True)}
    now = known.get(period.last_month)
    if now is None or now[figure] is None:
        return unavailable(_TOO_SHORT[figure])
    before, year_ago = (
        known.get(days.last_month, {}).get(figure) if days else None
        for days in view.earlier(period)
    )
    return Reading(
        value=now[figure],
        previous=before,
        last_year=year_ago,
        n=now["buyers"],
        trend=tuple(rows[figure].tail(SPARK_MONTHS).to_list()),
        running=not now["complete"],
        baseline=_frozen(view, known, figure),
    )


def _frozen(view: View, known: dict[object, dict[str, float]], figure: str) -> float | None:
    """The same at the end of the year before the programme."""
    year = baseline.year(first_whole(view))
    return known.get(year.last_month, {}).get(figure) if year else None


@data.once
def _rank(view: View) -> Reading:
    """The company's place among others, as last assessed."""
    if not data.present(view, "assessments"):
        return unavailable("no_table", "assessments")
    told = (
        data.frame(view, "assessments")
        .filter(pl.col("subject") == "crm_capability")
        .sort("assessed_on", "assessment_id")
        .collect()
    )
    if told.is_empty():
        return unavailable("no_rows")
    shares = [percent / 100 for percent in told["rank_percent"]]
    return Reading(shares[-1], previous=shares[-2] if len(shares) > 1 else None, trend=(*shares,))
