"""Other definitions of churn: what they would say of today's customers, and how often wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import polars as pl

from metrics import intervals
from metrics.churn.model import ChurnModel
from metrics.churn.rhythm import Definition, judged
from metrics.churn.score import away, reaching
from metrics.churn.summary import expected_loss, win_back_counts
from metrics.churn.win_back import lapsed_by
from metrics.measure import count
from metrics.rules import load

_MOVED = ("tau_days", "remaining_days", "churned", "p30", "p60", "p90", "silent_90")


@cache
def choices() -> Mapping[str, Definition]:
    """The definitions a reader may look at, by code: multiples of the usual gap, then fixed days.

    The one of the rules is among them, under `standard_code`.
    """
    rules, own = load("churn")["choices"], Definition.standard()
    multiples = sorted({*rules["times"], *([] if own.fixed_days else [own.times])})
    fixed = sorted({*rules["fixed_days"], *([own.fixed_days] if own.fixed_days else [])})
    found = [replace(own, times=times, fixed_days=None) for times in multiples]
    found += [replace(own, fixed_days=days) for days in fixed]
    return {_code(each): each for each in found}


def standard_code() -> str:
    """The code of the definition in the rules."""
    return _code(Definition.standard())


def _code(definition: Definition) -> str:
    if definition.fixed_days is not None:
        return f"{definition.fixed_days}d"
    return f"{definition.times:g}x"


def rescored(
    customers: pl.LazyFrame, model: ChurnModel | None, definition: Definition
) -> pl.LazyFrame:
    """Scored customers by another definition of churn: no event is read, nothing is fitted.

    The model predicts purchases and knows nothing of the threshold, so band and pace stay. For 2
    million customers half a second of processor time.

    Args:
        customers: The customer mart.
        model: The model that scored them, or None: then probabilities stay null.
        definition: Of churn.

    Returns:
        The rows with tau_days, remaining_days, churned, lapsed, p30, p60, p90, silent_90 (of the
        churned, by how many such came back) and revenue_at_risk by that definition; what else they
        hold, the stage and lapsed_lately too, stays by the one of the rules. So does everything of
        customers under contract, whom no silence makes churned; those churned by the end of one
        stay so.
    """
    runs = pl.col("contract_days").is_not_null()
    own = customers.with_columns(pl.col(_MOVED).name.prefix("_"))
    moved = judged(own, definition).with_columns(lapsed=lapsed_by(definition))
    if model is not None:
        free = pl.when(~runs).then("band")  # a band of tenure is none of silence
        moved = reaching(moved.with_columns(_band="band", band=free), model).with_columns(
            silent_90=away(model, pl.lit(model.window))
        )
        moved = moved.with_columns(band="_band").drop("_band")
    kept = (pl.when(runs).then(f"_{name}").otherwise(name).alias(name) for name in _MOVED)
    back = moved.with_columns(kept).drop(f"_{name}" for name in _MOVED)
    return back if model is None else back.with_columns(revenue_at_risk=expected_loss())


def costs(customers: pl.LazyFrame, then: pl.LazyFrame | None = None) -> pl.DataFrame:
    """What each definition would call churned today, and how often it was wrong.

    Wrong are those whom it called churned 90 days ago, by what was known then, and who have
    bought or signed a contract since. A patient definition is wrong less often and warns later.
    Customers under contract are churned by none, those who have left one by every definition: of
    the churned those under contract today are left out, of the lapsed those under contract then.

    Args:
        customers: Rows of the customer mart.
        then: Rows of those to be looked at 90 days ago; the same ones by default.

    Returns:
        One row per definition in the order of `choices`: code, typical_days (median threshold of
        those judged by their purchases; null without any), churned, lapsed, came_back (customers),
        win_back_rate with _low and _high (0 to 1, Wilson; null if nobody had lapsed).
    """
    free = customers.filter(pl.col("contract_days").is_null())
    by_purchases = pl.col("contract_ended_on").is_null()
    today = [
        judged(free, definition).select(
            code=pl.lit(code),
            typical_days=pl.col("tau_days").filter(by_purchases).median(),
            churned=count(pl.col("churned").fill_null(value=False)),
        )
        for code, definition in choices().items()
    ]
    known = customers if then is None else then
    back = [
        known.with_columns(lapsed=lapsed_by(definition)).select(**win_back_counts())
        for definition in choices().values()
    ]
    found = pl.collect_all([*today, *back])
    rate = intervals.share("win_back_rate", pl.col("came_back"), pl.col("lapsed"))
    rows = pl.concat(found[: len(today)]).hstack(pl.concat(found[len(today) :]))
    return rows.with_columns(**rate)
