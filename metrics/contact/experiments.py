"""What was tried: lift of each experiment with its interval and power, modes, cost of failures."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import NormalDist

import polars as pl

from metrics import intervals
from metrics.measure import count, ratio
from metrics.rules import load

CONTROL = "control"
OUTCOMES = ("engaged", "converted")
BETTER, WORSE, UNCLEAR = "better", "worse", "unclear"


def experiment_lifts(
    experiments: pl.LazyFrame, members: pl.LazyFrame, *, as_of: date
) -> pl.DataFrame:
    """`lifts` by every outcome (mart): its rows with `outcome` (engaged, converted) before them.

    A tenth of the customers are in each experiment: at 2 million the members are sorted once for
    each outcome, 1.4M rows.
    """
    told = [lifts(experiments, members, name, as_of=as_of) for name in OUTCOMES]
    named = zip(OUTCOMES, told, strict=True)
    return pl.concat(rows.select(pl.lit(name).alias("outcome"), pl.all()) for name, rows in named)


def lifts(
    experiments: pl.LazyFrame, members: pl.LazyFrame, outcome: str, *, as_of: date
) -> pl.DataFrame:
    """How much more of those on whom something was tried did what was hoped for.

    The lift is the difference of the two shares; its interval is Newcombe's hybrid score interval
    (`intervals.difference`), so nobody needs many customers for it to hold. The power is that of
    the two-sided test at 5 % to have seen a difference of a quarter of the control's share with
    as many customers: what was found is no measure of what could have been found. A customer who
    is twice in one experiment counts in the variant drawn first.

    Args:
        experiments: Contract table experiments.
        members: Contract table experiment_members.
        outcome: engaged or converted; members of whom it is not known are left out.
        as_of: Last day; what began later is not known yet.

    Returns:
        One row per experiment, the latest first: experiment_id, name, mode, started_on, ended_on
        (null while it runs), cost, failed, control, tried (members), control_share, tried_share
        (0 to 1; null without members), lift, lift_low, lift_high (−1 to 1), power (0 to 1),
        verdict (better, worse, unclear by the interval; null without both groups).
    """
    began = pl.col("started_on") <= as_of
    held = pl.col("held")
    groups = (
        drawn(members, outcome, as_of=as_of)
        .group_by("experiment_id")
        .agg(
            control=count(held),
            tried=count(~held),
            _held=count(held & pl.col(outcome)),
            _tried=count(~held & pl.col(outcome)),
        )
    )
    known = experiments.filter(began).select(
        "experiment_id", "name", "mode", "started_on", "ended_on", "cost", "failed"
    )
    low, high = intervals.difference(
        pl.col("_tried"), pl.col("tried"), pl.col("_held"), pl.col("control")
    )
    ended = pl.col("ended_on") <= as_of
    return (
        known.join(groups, on="experiment_id", how="left", validate="1:1")
        .with_columns(pl.col("control", "tried", "_held", "_tried").fill_null(0))
        .with_columns(
            ended_on=pl.when(ended).then("ended_on"),
            control_share=ratio(pl.col("_held"), pl.col("control")),
            tried_share=ratio(pl.col("_tried"), pl.col("tried")),
            lift_low=low,
            lift_high=high,
        )
        .with_columns(lift=pl.col("tried_share") - pl.col("control_share"))
        .with_columns(
            power=pl.struct("control_share", "control", "tried").map_elements(
                _power, return_dtype=pl.Float64
            ),
            verdict=pl.when(pl.col("lift_low") > 0)
            .then(pl.lit(BETTER))
            .when(pl.col("lift_high") < 0)
            .then(pl.lit(WORSE))
            .when(pl.col("lift").is_not_null())
            .then(pl.lit(UNCLEAR)),
        )
        .drop("_held", "_tried")
        .sort("started_on", "experiment_id", descending=[True, False])
        .collect()
    )


def drawn(members: pl.LazyFrame, outcome: str, *, as_of: date) -> pl.LazyFrame:
    """The members that `lifts` counts, each customer once in an experiment.

    Args:
        members: Contract table experiment_members.
        outcome: engaged or converted.
        as_of: Last day.

    Returns:
        Their rows with held (Boolean: in the control group), sorted by assigned_at, member_id.
    """
    known = members.filter(pl.col("assigned_on") <= as_of, pl.col(outcome).is_not_null())
    first = known.sort("assigned_at", "member_id").unique(
        ["experiment_id", "customer_id"], keep="first", maintain_order=True
    )
    return first.with_columns(held=(pl.col("variant") == CONTROL).fill_null(value=False))


_NOTICED = 0.25  # of the control's share: a smaller effect is hardly worth another script


def _power(row: dict[str, float | None]) -> float | None:
    """Chance to see a lift of a quarter, by the normal approximation; null where undefined."""
    share, held, tried = row["control_share"], row["control"], row["tried"]
    if not share or not held or not tried or share * (1 + _NOTICED) >= 1:
        return None
    return power(share, share * (1 + _NOTICED), int(held), int(tried))


def power(one: float, other: float, first: int, second: int) -> float:
    """Chance that the two-sided test of two shares sees the difference between them.

    Normal approximation with the pooled spread under no difference, the separate ones under it;
    the far tail is left out.

    Args:
        one: Share of the first group, between 0 and 1.
        other: Share of the second.
        first: Its size.
        second: Its size.

    References:
        Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, ch. 4.
    """
    alpha = float(load("contact")["experiments"]["alpha"])
    normal = NormalDist()
    pooled = (one * first + other * second) / (first + second)
    null = (pooled * (1 - pooled) * (1 / first + 1 / second)) ** 0.5
    spread = (one * (1 - one) / first + other * (1 - other) / second) ** 0.5
    return normal.cdf((abs(one - other) - normal.inv_cdf(1 - alpha / 2) * null) / spread)


def modes_tested(experiments: pl.LazyFrame, *, as_of: date) -> pl.DataFrame:
    """How many new modes of contact were tried in the year up to a day.

    Returns:
        One row: experiments (begun in it), modes (different ones among them, Int64).
    """
    begun = pl.col("started_on").is_between(_since(as_of), as_of)
    told = experiments.filter(begun).select(
        experiments=pl.len().cast(pl.Int64), modes=pl.col("mode").drop_nulls().n_unique()
    )
    return told.cast(pl.Int64).collect()


def innovation_days(events: pl.LazyFrame, *, as_of: date) -> pl.DataFrame:
    """How many innovation days were held in the year up to a day.

    Args:
        events: Contract table governance_events.
        as_of: Last day.

    Returns:
        One row: held, due (by their own days, Int64).
    """
    kind = pl.col("kind") == "innovation_day"
    inside = {
        name: pl.col(f"{name}_on").is_between(_since(as_of), as_of) for name in ("held", "due")
    }
    return (
        events.filter(kind).select(**{name: count(each) for name, each in inside.items()}).collect()
    )


def failure_cost(
    experiments: pl.LazyFrame, budget: pl.LazyFrame, currency: str, *, as_of: date
) -> pl.DataFrame:
    """What failed experiments cost, as a share of the operating budget of the same time.

    Failed experiments that ended in the year up to a day, against what was planned for the twelve
    months up to that of the day (of `subjects` of `contact.toml`; none named: of all), budgets in
    the company's currency only (c49).

    Args:
        experiments: Contract table experiments.
        budget: budget_months.
        currency: The company's; budgets without one are in it.
        as_of: Last day.

    Returns:
        One row: failed (experiments), cost, planned (minor units), share (null without a plan).
    """
    since, subjects = _since(as_of), load("contact")["experiments"]["subjects"]
    over = pl.col("ended_on").is_between(since, as_of) & pl.col("failed")
    spent = experiments.filter(over).select(
        failed=pl.len().cast(pl.Int64), cost=pl.col("cost").sum().cast(pl.Int64)
    )
    own = pl.col("currency").fill_null(currency) == currency
    months = budget.filter(own, pl.col("month") >= _since(as_of), pl.col("month") <= as_of)
    named = months.filter(pl.col("subject").is_in(subjects)) if subjects else months
    planned = named.select(planned=pl.col("planned").sum().cast(pl.Int64))
    both = pl.concat([spent, planned], how="horizontal")
    return both.with_columns(share=ratio(pl.col("cost"), pl.col("planned"))).collect()


def _since(as_of: date) -> date:
    """First day of the year of experiments."""
    return as_of - timedelta(days=int(load("contact")["experiments"]["days"]) - 1)
