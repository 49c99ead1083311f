"""What the quality page asks of the list: how much of it was right, and how early it came."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers.model_quality import origins
from dashboard.view import View
from metrics import intervals
from metrics.churn.lists import MODEL, ORDERS
from metrics.churn.origins import BacktestRule
from metrics.churn.warnings import LEVELS
from metrics.measure import measure, ratio
from metrics.tiers.scheme import scheme

_OFFERED = (1, 2, 5)  # leading digits of list sizes that can be chosen
_MOST_OFFERED = 7
_CHANCE, _ = ORDERS  # by p90, and by revenue at risk


@data.once
def list_sizes(view: View) -> tuple[int, ...]:
    """The lists that can be chosen, as long as every forecast can make them; ascending."""
    rows = _whole(view).group_by("size").agg(pl.len()).collect()
    full = rows.filter(pl.col("len") == origins(view).height)["size"].sort().to_list()
    return tuple(size for size in full if int(str(size)[0]) in _OFFERED and _is_round(size))[
        -_MOST_OFFERED:
    ]


def _is_round(size: int) -> bool:
    return not str(size)[1:].strip("0")


def _whole(view: View) -> pl.LazyFrame:
    """The whole company's lists by chance of churn: what the page is about unless it says else."""
    by_chance = (pl.col("order") == _CHANCE) & pl.col("tier").is_null()
    return data.frame(view, "backtest_lists").filter(by_chance)


def usual_size(view: View) -> int:
    """The list that the page begins with: of those offered the one nearest to the rules'."""
    wanted = BacktestRule.standard().list_size
    return min(list_sizes(view), key=lambda size: abs(size - wanted), default=0)


def _hits() -> dict[str, pl.Expr]:
    listed, caught, churned = (pl.col(name).sum() for name in ("listed", "caught", "churned"))
    base = ratio(churned, pl.col("customers").sum())
    precision = intervals.share("precision", caught, listed)
    recall = intervals.share("recall", caught, churned)
    money = ratio(pl.col("revenue_caught").sum(), pl.col("revenue_lost").sum())
    counts = {"listed": listed, "caught": caught, "churned": churned}
    return {**counts, **precision, **recall, "lift": ratio(ratio(caught, listed), base)} | {
        "money_recall": money
    }


@data.once
def by_size(view: View) -> pl.DataFrame:
    """Precision and recall of the list by its size, all forecasts together.

    Returns:
        One row per size that every forecast can make, ascending: size, listed, caught, churned,
        precision, recall (with _low and _high), lift (precision ÷ share of everybody who churned),
        money_recall (revenue of the caught ÷ of all who churned; null if they brought none).
    """
    rows = measure(_whole(view), "size", forecasts=pl.len(), **_hits())
    return rows.filter(pl.col("forecasts") == origins(view).height).collect()


@data.once
def of_list(view: View, size: int) -> pl.DataFrame:
    """The same of one size by origin, ascending."""
    rows = _whole(view).filter(pl.col("size") == size)
    return measure(rows, "origin", **_hits()).collect()


@data.once
def by_order(view: View, size: int) -> pl.DataFrame:
    """Lists of one size by chance and by money, of the whole company and within each tier.

    Returns:
        One row for the whole company (tier null), then one per tier, the best first, all forecasts
        together: churned, and of each order (`ORDERS`) listed, precision, recall, money_recall
        with its name and an underscore before them.
    """
    rows = data.frame(view, "backtest_lists").filter(pl.col("size") == size)
    told = measure(rows, "order", "tier", **_hits()).collect()
    names = ("listed", "precision", "recall", "money_recall")
    found = told.filter(pl.col("order") == _CHANCE).select("tier", "churned")
    for order in ORDERS:
        part = told.filter(pl.col("order") == order)
        named = part.select("tier", *(pl.col(name).alias(f"{order}_{name}") for name in names))
        found = found.join(named, on="tier", how="left", validate="1:1", nulls_equal=True)
    best_first = {code: place for place, code in enumerate(scheme(view.scheme).codes)}
    place = pl.col("tier").replace_strict(best_first, default=-1, return_dtype=pl.Int8)
    return found.sort(place)


@data.once
def top_tenth(view: View) -> float | None:
    """The share of those who churned that was in the first tenth of the list, all forecasts."""
    rows = data.frame(view, "backtest_tenths").filter(pl.col("tenth") == 1)
    return rows.select(ratio(pl.col("caught").sum(), pl.col("churned").sum())).collect().item()


@data.once
def rules(view: View) -> pl.DataFrame:
    """Each warning rule, and the model at the same volume; all forecasts together.

    Returns:
        One row per level, red, yellow, blue and model: flagged, caught, precision, recall (with
        _low, _high), model_precision, model_recall, churned; null for a rule that is switched off.
    """
    flagged, caught, model = (pl.col(name).sum() for name in ("flagged", "caught", "model_caught"))
    churned, asked = pl.col("churned").sum(), pl.col("flagged").count() > 0
    told = measure(
        data.frame(view, "backtest_rules"),
        "level",
        flagged=pl.when(asked).then(flagged),
        caught=pl.when(asked).then(caught),
        churned=churned,
        **intervals.share("precision", caught, pl.when(asked).then(flagged)),
        **intervals.share("recall", pl.when(asked).then(caught), churned),
        model_precision=ratio(model, pl.when(asked).then(flagged)),
        model_recall=ratio(pl.when(asked).then(model), churned),
    )
    order = pl.col("level").replace_strict(_ORDER, return_dtype=pl.Int8)
    return told.sort(order).collect()


_ORDER = {level: place for place, level in enumerate((*LEVELS, MODEL))}


@data.once
def leads(view: View) -> pl.DataFrame:
    """How early those who churned were warned of: rows of `lead_times` with shares.

    Returns:
        Its rows with warned_share (warned ÷ churned) and long_share (at least 30 days before ÷
        churned); origin null: all forecasts.
    """
    churned = pl.col("churned")
    return (
        data.frame(view, "backtest_leads")
        .with_columns(
            warned_share=ratio(pl.col("warned"), churned),
            long_share=ratio(pl.col("warned_long"), churned),
        )
        .sort("origin", "level")
        .collect()
    )
