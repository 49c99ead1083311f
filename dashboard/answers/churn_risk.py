"""What the churn risk page asks: who may leave, how many, what it costs, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import gaps, survival
from dashboard.answers.over_time import SPARK_MONTHS, month_is_running
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, next_bucket
from metrics.churn.effects import effects
from metrics.churn.history import COUNTS
from metrics.churn.model import ChurnModel
from metrics.churn.summary import leading_driver, risk_figures, risk_measures
from metrics.measure import measure
from metrics.selection import Period

KEYS = (
    "customers_at_risk",
    "revenue_at_risk",
    "churned_customers",
    "win_back_rate",
    "year_survival",
)
# Column to sort by, strongest first, by kind of list and code in the address; the first is usual.
SORTS = {
    "risk": {
        "revenue_at_risk": "revenue_at_risk",
        "p90": "p90",
        "p30": "p30",
        "silent": "silent_days",
        "value": "revenue_12m",
    },
    "silence": {"share": "silence_share", "silent": "silent_days", "value": "revenue_12m"},
    "churned": {"total": "revenue_total", "silent": "silent_days", "value": "revenue_12m"},
}
_REASON = (
    "silent_days",
    "usual_gap_days",
    "unanswered_streak",
    "last_nps",
    "purchases",
    "purchases_12m",
    "open_complaints",
)


@lru_cache(maxsize=8)
def _parsed(text: str) -> ChurnModel | None:
    try:
        return ChurnModel.from_json(text)
    except (ValueError, KeyError, TypeError):
        return None  # written by another version; the next refresh replaces it


def model(view: View) -> ChurnModel | None:
    """The model that scored this version's customers; None if there is none."""
    text = data.snapshot(view).manifest.facts.get("churn_model")
    return _parsed(text) if text else None


def refusal(view: View) -> tuple[str, Mapping[str, Any]]:
    """Why no model was fitted: code (empty if unknown) and the values it names."""
    facts = data.snapshot(view).manifest.facts
    return facts.get("churn_refusal_reason") or "", facts.get("churn_refusal_details") or {}


@data.answer
def summary(view: View) -> Mapping[str, Any]:
    """The measures of `risk_measures` over the chosen customers."""
    chosen = data.selected(view, "customer_mart")
    return chosen.select(**risk_measures()).collect().row(0, named=True)


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of the cards, by KPI: states of today, beside those of earlier month ends.

    Survival after a year has no earlier value: it would need everybody's threshold of that time.
    """
    if not data.present(view, "orders", "customers"):
        return dict.fromkeys(KEYS, unavailable("no_customers"))
    found = summary(view)
    if not found["buyers"]:
        reason = "no_customers" if view.selection.is_everything else "no_rows"
        return dict.fromkeys(KEYS, unavailable(reason))
    unscored = unavailable("not_scored")
    scored = found["scored"]
    return {
        "customers_at_risk": _state(view, "at_risk", n="scored") if scored else unscored,
        "revenue_at_risk": _state(view, "revenue_at_risk", n="scored") if scored else unscored,
        "churned_customers": _state(view, "churned", n="buyers"),
        "win_back_rate": _win_back(view),
        "year_survival": survival.after_a_year(view),
    }


def _state(view: View, figure: str, *, n: str) -> Reading:
    """A figure of today, with its past; without one if chosen by today's stage.

    Today's stage follows from what came after: who is churned today was not, a year ago.
    """
    found = summary(view)
    reading = Reading(found[figure], n=found[n])
    return reading if by_stage(view) else _with_past(reading, view, figure)


def by_stage(view: View) -> bool:
    """Whether customers are chosen by today's stage; then there is no past to show."""
    return view != view.without("stage")


def _win_back(view: View) -> Reading:
    """By the tier before coming back, and whatever today's stage: both follow from it."""
    now = _past(view).row(-1, named=True)
    if now["win_back_rate"] is None:
        return unavailable("nobody_lapsed")
    rate, low, high = (now[f"win_back_rate{end}"] for end in ("", "_low", "_high"))
    return _with_past(Reading(rate, n=now["lapsed"], low=low, high=high), view, "win_back_rate")


def _past(view: View) -> pl.DataFrame:
    """The measures of `risk_figures` at each stored day, ascending, the last today's."""
    return _stored(view.whenever().without("stage"))


@data.answer
def _stored(view: View) -> pl.DataFrame:
    counts = {name: pl.col(name).sum() for name in COUNTS}
    rows = measure(data.selected(view, "risk_months"), "day", **risk_figures(counts))
    days = data.frame(view, "risk_months").select(pl.col("day").unique())
    return days.join(rows, on="day", how="left", validate="1:1").sort("day").collect()


def _with_past(reading: Reading, view: View, figure: str) -> Reading:
    rows, as_of = _past(view), data.as_of(view, "orders")
    before, year_ago = view.earlier_states(as_of)
    return replace(
        reading,
        previous=_at(rows, figure, before),
        last_year=_at(rows, figure, year_ago),
        trend=tuple(rows[figure].tail(SPARK_MONTHS)),
        running=month_is_running(as_of),
    )


def _at(rows: pl.DataFrame, figure: str, days: Period | None) -> float | None:
    """The figure at the end of the month in which these days end, as tiers are told."""
    if days is None:
        return None
    end = next_bucket(days.last_month, Grain.MONTH)
    known = rows.filter(pl.col("day") < end)
    return known[figure][-1] if known.height else None


@data.answer
def drivers(view: View) -> pl.DataFrame:
    """The model's effects in readable steps; see `metrics.churn.effects`; no rows without one.

    They belong to the whole company: filters do not change the model.
    """
    fitted = model(view)
    return effects(fitted) if fitted else pl.DataFrame(schema={"feature": pl.String})


def reasons() -> pl.Expr:
    """What a sentence about a customer's first driver needs, as one struct column."""
    driver = leading_driver().struct.field("driver")
    return pl.struct(driver.alias("driver"), *_REASON).alias("reason")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants of the list.

    Attributes:
        kind: risk (p90 above 0 and at least `minimum`), silence (not churned, longest silence
            against the own threshold first) or churned.
        sort: A code of SORTS.
        minimum: Least p90, 0 to 1.
        search: Part of a name or an id; case does not matter.
    """

    kind: str
    sort: str
    minimum: float = 0.0
    search: str = ""


@data.answer
def listed_totals(view: View, choice: Choice) -> tuple[int, int, int]:
    """How many the list holds, their revenue at risk, and their revenue of 12 months."""
    sums = pl.col("revenue_at_risk", "revenue_12m").sum()
    return listed(view, choice).select(pl.len(), sums).collect().row(0)  # pyright: ignore[reportReturnType]


def listed(view: View, choice: Choice) -> pl.LazyFrame:
    """The list: who may leave, who has left, or (without a model) who is silent for long.

    Returns:
        Rows of the customer mart with reason (struct), reason_rhythm (the same), reason_code
        (silence if nothing else leads and it is longer than usual), silence_share (silent ÷
        threshold) and back_90 (churned: chance of a purchase within 90 days); strongest first,
        ties by id.
    """
    rows = data.selected(view, "customer_mart")
    match choice.kind:
        case "risk":
            rows = rows.filter((pl.col("p90") > 0) & (pl.col("p90") >= choice.minimum))
        case "churned":
            rows = rows.filter(pl.col("churned"))
        case _:
            rows = rows.filter(~pl.col("churned"))
    if choice.search:
        rows = rows.filter(named(choice.search))
    share = pl.col("silent_days") / pl.col("tau_days")  # a threshold is never 0
    return (
        rows.with_columns(silence_share=share, back_90=1 - pl.col("silent_90"))
        .sort(
            SORTS[choice.kind][choice.sort],
            "customer_id",
            descending=[True, False],
            nulls_last=True,
        )
        .with_columns(reasons())
        .with_columns(reason_rhythm="reason", reason_code=pl.col("reason").struct.field("driver"))
    )


def named(search: str) -> pl.Expr:
    """Whether the name holds, or the id begins with, what was typed; case does not matter."""
    wanted = re.escape(search.strip())
    name = pl.col("name").str.contains(f"(?i){wanted}")
    begins = pl.col("customer_id").str.contains(f"(?i)^{wanted}")
    return (name | begins).fill_null(value=False)
