"""Probabilities for every customer, by lookup in the model's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics.churn.model import ChurnModel
from metrics.churn.regime import CONTRACTS
from metrics.churn.rhythm import Definition, judged
from metrics.measure import ratio

HORIZONS = (30, 60, 90)


def score(
    features: pl.LazyFrame,
    model: ChurnModel,
    definition: Definition | None = None,
    *,
    at_risk_days: int = 365,
) -> pl.LazyFrame:
    """Probability of reaching the churn threshold within 30, 60 and 90 days.

    With r days left until the threshold, P(h) is the probability of no purchase for r days, if
    r <= h; it is 0 for r > h, because nobody can get there in time. For thresholds shorter than h
    a second silence, after a next purchase, is added. Churned customers are listed as churned and
    have no probability of becoming so. Those churned by the end of a contract are not scored at
    all: no row of the training is of such a customer, so nobody knows how many buy again (the
    win-back rate tells of all the churned together). A new definition costs a second, not a fit:
    the model predicts purchases and knows nothing of the threshold.

    Args:
        features: As `features` returns them.
        model: A fitted model.
        definition: Of churn; the model's own by default.
        at_risk_days: Customers silent for as long or longer are not scored.

    Returns:
        The same rows with tau_days, remaining_days, churned by this definition and: band (Int8),
        pace (times as fast as the mean customer of the band), p30, p60, p90 (null once churned),
        silent_90 (P of no purchase within the window; also for churned customers: 1 minus it is
        the chance that they come back), all 0..1; null where not scored.
    """
    if definition is not None:
        features = judged(features, definition)
    known = set(features.collect_schema().names())
    scored = (pl.col("silent_days") < at_risk_days) & pl.col("contract_ended_on").is_null()
    paced = features.with_columns(
        band=pl.when(scored).then(model.band()),
        pace=pl.when(scored).then(model.pace(known)),
    )
    return reaching(paced, model).with_columns(silent_90=away(model, pl.lit(model.window)))


def reaching(customers: pl.LazyFrame, model: ChurnModel) -> pl.LazyFrame:
    """The probabilities that depend on the threshold, from band and pace, which do not.

    Args:
        customers: band, pace, and the columns of `rhythm.judged`.
        model: The model that gave band and pace.

    Returns:
        The rows with p30, p60, p90.
    """
    probabilities = {f"p{days}": reached(pl.lit(days)) for days in HORIZONS}
    firsts = customers.with_columns(**_first(model))
    return firsts.with_columns(**probabilities).drop("_first", "_again")


def silent(model: ChurnModel, day: pl.Expr) -> pl.Expr:
    """P(no event in the next `day` days: no purchase, no end of the contract)."""
    return (-model.hazard(pl.col("band"), day) * pl.col("pace")).exp()


def away(model: ChurnModel, day: pl.Expr) -> pl.Expr:
    """P(no purchase in the next `day` days), of churned customers by how many such came back.

    The model is made for those who can still leave. Of the churned, whose silence is longer than
    almost any that it has seen end, it expects too many back: by half beyond six usual gaps, on
    the demo company. So their chance is multiplied by observed ÷ predicted returns of the training
    (`ChurnModel.returns`).
    """
    gaps, factor = ratio(pl.col("silent_days"), pl.col("usual_gap_days")), pl.lit(1.0)
    for least, seen in model.returns:
        factor = pl.when(gaps >= least).then(seen).otherwise(factor)
    plain = silent(model, day)
    back = ((1 - plain) * factor).clip(upper_bound=1.0)
    return pl.when(pl.col("churned")).then(1 - back).otherwise(plain)


def may_churn(at_risk_days: int) -> pl.Expr:
    """Whether the threshold can be reached within the last horizon; of others P is 0 or null."""
    near = (pl.col("remaining_days") <= HORIZONS[-1]) & ~pl.col("churned")
    return near & is_scored(at_risk_days)


def is_scored(at_risk_days: int) -> pl.Expr:
    """Whether a customer is silent for less than so many days, and has a usual gap."""
    return (pl.col("silent_days") < at_risk_days) & pl.col("usual_gap_days").is_not_null()


def _first(model: ChurnModel) -> dict[str, pl.Expr]:
    """P(silent until the threshold), and the daily rate of later silences that reach it.

    A gap begins every `usual gap` days; of gaps begun, exp(-tau / gap) last for tau days, as in a
    steady rhythm.
    """
    tau, gap = pl.col("tau_days").cast(pl.Float64), pl.col("usual_gap_days")
    alive = pl.when(~pl.col("churned"))
    return {
        "_first": alive.then(silent(model, pl.col("remaining_days"))),
        "_again": alive.then(ratio((-ratio(tau, gap)).exp(), gap)),
    }


def reached(day: pl.Expr) -> pl.Expr:
    """P(threshold reached within `day` days), from the columns of `_first`."""
    first = (
        pl.when(pl.col("remaining_days") <= day).then("_first").otherwise(0.0 * pl.col("_first"))
    )
    room = (day - pl.col("tau_days")).clip(lower_bound=0)
    return 1 - (1 - first) * (-(room * pl.col("_again") * (1 - first))).exp()


_LINE = (
    "band",
    "pace",
    "remaining_days",
    "tau_days",
    "usual_gap_days",
    "silent_days",
    "churned",
)


def survival_curve(model: ChurnModel, customer: Mapping[str, Any]) -> pl.DataFrame:
    """The next 90 days of one customer: still silent, and still a customer.

    Under contract: still with one; nothing is told of silence.

    Still a customer on day d means that the silence has not reached the threshold by then: 1 until
    the days left have run out, then a step down by the probability of having stayed silent. The
    curve passes through 1-p30, 1-p60 and 1-p90 exactly.

    Args:
        model: The model that scored the customer.
        customer: A row of `customer_risk`: band, pace, remaining_days, tau_days,
            usual_gap_days, silent_days, churned.

    Returns:
        Days 0 to the window, ascending: day (Int32), silent (P of no purchase yet), survival (P of
        still being a customer; null for a churned one). No rows if the customer was not scored.
    """
    row = {name: customer[name] for name in _LINE}
    if row["band"] is None or row["pace"] is None:
        return pl.DataFrame(schema={"day": pl.Int32, "silent": pl.Float64, "survival": pl.Float64})
    days = pl.DataFrame({"day": range(model.window + 1)}, schema={"day": pl.Int32})
    lines = days.with_columns(**{name: pl.lit(value) for name, value in row.items()})
    if model.kind is CONTRACTS:
        unknown = pl.lit(None, pl.Float64)
        return lines.select("day", silent=unknown, survival=silent(model, pl.col("day")))
    return lines.with_columns(**_first(model)).select(
        "day", silent=away(model, pl.col("day")), survival=1 - reached(pl.col("day"))
    )
