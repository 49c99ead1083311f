"""How many of the churned come back, against what the model's pace says."""

from __future__ import annotations

import polars as pl

from metrics.churn.model import ChurnModel
from metrics.churn.score import silent
from metrics.measure import ratio
from metrics.rules import load


def returns(rows: pl.DataFrame, model: ChurnModel) -> tuple[tuple[float, float], ...]:
    """Observed ÷ predicted returns of churned customers, by how many usual gaps they were silent.

    Args:
        rows: Landmark rows of customers who counted as churned at the landmark.
        model: The model fitted with them.

    Returns:
        Least gaps and the ratio, ascending, of every step of `rules/churn.toml` with at least 100
        rows at the last two landmarks; those of a thinner one join the step before. Empty if there
        are fewer in all.
    """
    rule = load("churn")["returns"]
    last = rows["landmark_on"].unique().sort().tail(rule["landmarks"])
    rows = rows.filter(pl.col("landmark_on").is_in(last.implode()))
    if rows.height < rule["min_customers"]:
        return ()
    known = set(rows.columns)
    paced = rows.lazy().with_columns(band=model.band(), pace=model.pace(known))
    told = paced.select(
        "event",
        expected=1 - silent(model, pl.lit(model.window)),
        gaps=ratio(pl.col("silent_days"), pl.col("usual_gap_days")),
    ).collect()
    found: list[tuple[float, float]] = []
    above: float | None = None  # the bound of the steps that are done
    for least in reversed(rule["gaps"]):
        upper = pl.lit(value=True) if above is None else pl.col("gaps") < above
        step = told.filter((pl.col("gaps") >= least) & upper)
        if step.height < rule["min_customers"]:
            continue
        found.append((least, float(step["event"].sum()) / float(step["expected"].sum())))
        above = least
    return tuple(reversed(found))
