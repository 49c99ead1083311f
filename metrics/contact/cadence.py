"""Who is contacted as often as the cadence of the tier asks: under, within or over the range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from metrics.contact.rule import Cadence, cadences, window
from metrics.measure import count, ratio
from metrics.selection import DIMENSIONS
from metrics.tiers.versions import columns

UNDER, WITHIN, OVER = "under", "within", "over"
STATES = (UNDER, WITHIN, OVER)
GONE = "churned"
"""The stage of those whom no cadence is about: they are won back, by steps of their own."""
_KNOWN = ("customer_id", *DIMENSIONS, *columns()[1:], "first_order_on", "revenue_12m")


def contact_cadence(customers: pl.LazyFrame, told: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """What was done for each customer, by the cadences of all schemes (mart).

    At 2 million customers some 30 bytes each on disk; what reads the contacts is
    `contact_counts` and `channels_used`.

    Args:
        customers: customer_mart.
        told: By customer_id: "counts" of `contact_counts`, "now" and "then" of `channels_used`,
            "app" and "accounts" of `app_users`, "stayed" of `staying.stayed`.

    Returns:
        One row per customer, in their order: customer_id, the dimensions of today
        (the tier by every scheme), first_order_on, revenue_12m, contact_on, personal_on (null if
        never), for
        each cadence n_<key> (0 if none) and last_<key> (null if never), channels_now,
        channels_then (0 if none), app_on, app_since (null if never), stay_days, left (null: not
        followed from the landmark on).
    """
    rows = customers.select(_KNOWN)
    names = {"now": "channels_now", "then": "channels_then"}
    for name, part in told.items():
        renamed = part.rename({"channels": names[name]}) if name in names else part
        rows = rows.join(
            renamed, on="customer_id", how="left", validate="1:1", maintain_order="left"
        )
    numbers = [f"n_{rule.key}" for rule in cadences()]
    return rows.with_columns(pl.col(*numbers, *names.values()).fill_null(0).cast(pl.Int32))


def ranged(customers: pl.LazyFrame, rules: Sequence[Cadence], *, as_of: date) -> pl.LazyFrame:
    """Customers with where they lie in the range of their cadence at the close of a day.

    A rule binds the customers of its tier (today's) who have not churned and whose first purchase
    lies at least its days back: before that, its window is not over. It is met by at least its
    minimum of our contacts in the window. The range is kept if all rules that bind are met and
    none is exceeded; one that is missed counts before one that is exceeded.

    Args:
        customers: `contact_cadence`.
        rules: The cadences of the scheme that the tiers are of.
        as_of: The day on which the windows of the mart end.

    Returns:
        The same rows with: due, met, over (numbers of rules), state (under, within, over; null
        if no rule binds).
    """
    bound = {rule.key: _binds(rule, as_of) for rule in rules}
    beyond = {rule.key: bound[rule.key] & (_n(rule) > rule.maximum) for rule in rules}
    judged = customers.with_columns(
        due=_number(bound),
        met=_number(bound) - _number(_short(rules, as_of)),
        over=_number(beyond),
    )
    state = (
        pl.when(pl.col("due") == 0)
        .then(pl.lit(None, pl.String))
        .when(pl.col("met") < pl.col("due"))
        .then(pl.lit(UNDER))
        .when(pl.col("over") > 0)
        .then(pl.lit(OVER))
        .otherwise(pl.lit(WITHIN))
    )
    return judged.with_columns(state=state)


def followed(customers: pl.LazyFrame, rules: Sequence[Cadence], *, as_of: date) -> pl.LazyFrame:
    """As `ranged`, and by how long the contacts that are missing are overdue.

    Returns:
        The same rows with the columns of `ranged`, waited (days since the last contact that
        counts, or since the first purchase, of the rule that is missed by most), overdue_days (by
        how many; null unless under), missed (key of that rule).
    """
    short = _short(rules, as_of)
    waited = {rule.key: _waited(rule, as_of) for rule in rules}
    past = [pl.when(short[rule.key]).then(waited[rule.key] - rule.days) for rule in rules]
    nothing = pl.lit(None, pl.Int64)
    late = ranged(customers, rules, as_of=as_of).with_columns(
        overdue_days=pl.max_horizontal(nothing, *past)
    )
    which = pl.lit(None, pl.String)
    since = nothing
    for rule, days in zip(rules, past, strict=True):
        worst = (days == pl.col("overdue_days")).fill_null(value=False)
        which = pl.when(worst).then(pl.lit(rule.key)).otherwise(which)
        since = pl.when(worst).then(waited[rule.key]).otherwise(since)
    return late.with_columns(missed=which, waited=since)


def _short(rules: Sequence[Cadence], as_of: date) -> dict[str, pl.Expr]:
    """By rule, whether it binds and is not met."""
    return {rule.key: _binds(rule, as_of) & (_n(rule) < rule.minimum) for rule in rules}


def _binds(rule: Cadence, as_of: date) -> pl.Expr:
    long_enough = pl.col("first_order_on") <= as_of - timedelta(days=rule.days)
    return ((pl.col("tier") == rule.tier) & (pl.col("stage") != GONE) & long_enough).fill_null(
        value=False
    )


def _n(rule: Cadence) -> pl.Expr:
    return pl.col(f"n_{rule.key}")


def _waited(rule: Cadence, as_of: date) -> pl.Expr:
    """Days since the contact that is missing; with several to come, since the last of them."""
    last = pl.max_horizontal(f"last_{rule.key}", "first_order_on")
    days = (pl.lit(as_of) - last).dt.total_days()
    return pl.max_horizontal(days, pl.lit(rule.days))


def _number(truths: Mapping[str, pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(pl.lit(0), *truths.values()).cast(pl.Int64)


def range_counts() -> dict[str, pl.Expr]:
    """Measures over `ranged`: how many customers lie where, and how many contacts were due.

    Returns:
        bound (customers whom a rule binds), under, within, over; rules_due, rules_met; reasonable
        (within ÷ bound) and coverage (rules_met ÷ rules_due), null if none is due. Source: S0
        (85 %), S3 (95 %).
    """
    states = {name: count(pl.col("state") == name) for name in STATES}
    bound = count(pl.col("state").is_not_null())
    due, met = (pl.col(name).sum().cast(pl.Int64) for name in ("due", "met"))
    return {
        "bound": bound,
        **states,
        "rules_due": due,
        "rules_met": met,
        "reasonable": ratio(states[WITHIN], bound),
        "coverage": ratio(met, due),
    }


def by_rule(customers: pl.LazyFrame, rules: Sequence[Cadence], *, as_of: date) -> pl.DataFrame:
    """Each cadence: how many customers it binds, and how many lie where.

    Args:
        customers: `contact_cadence`, or some of its rows.
        rules: The cadences of the scheme that the tiers are of.
        as_of: The day on which the windows end.

    Returns:
        One row per rule, in their order: rule, tier, minimum, maximum, days, bound, under, within,
        over (customers), met_share (of the bound, 0 to 1, null if there are none).
    """
    told: list[pl.DataFrame] = []
    for rule in rules:
        states = {name: count(holds) for name, holds in states_of(rule, as_of=as_of).items()}
        counts = {"bound": count(_binds(rule, as_of)), **states}
        met = ratio(counts[WITHIN] + counts[OVER], counts["bound"])
        frame = customers.select(**counts, met_share=met).collect()
        about = {"rule": rule.key, "tier": rule.tier, "minimum": rule.minimum}
        about |= {"maximum": rule.maximum, "days": rule.days}
        told.append(
            frame.select(*(pl.lit(value).alias(name) for name, value in about.items()), "*")
        )
    return pl.concat(told) if told else pl.DataFrame()


def states_of(rule: Cadence, *, as_of: date) -> dict[str, pl.Expr]:
    """Whether a customer of `contact_cadence` lies under, within or over the range of one rule."""
    bound, n = _binds(rule, as_of), _n(rule)
    return {
        UNDER: bound & (n < rule.minimum),
        WITHIN: bound & n.is_between(rule.minimum, rule.maximum),
        OVER: bound & (n > rule.maximum),
    }


def reached(as_of: date) -> tuple[pl.Expr, pl.Expr]:
    """Whether a customer has bought and not churned, and whether something personal reached them.

    The latter in the last `personal_days`; of rows of `contact_cadence`.
    """
    there = (pl.col("stage") != GONE) & pl.col("first_order_on").is_not_null()
    personal = pl.col("personal_on") > as_of - timedelta(days=window("personal_days"))
    return there, personal.fill_null(value=False)


def reach_counts(as_of: date) -> dict[str, pl.Expr]:
    """Measures over `contact_cadence`: whom something personal reached, and who is met where.

    Of the customers who have bought and have not churned: present, personal (with a personalised
    contact in the last `personal_days`), many_channels (heard on two or more channels in the last
    `reached_days`), app_members (with an account, or who ever used it), app_active (in the last
    `app_days`).
    """
    there, personal = reached(as_of)
    member = pl.col("app_since").is_not_null() | pl.col("app_on").is_not_null()
    active = pl.col("app_on") > as_of - timedelta(days=window("app_days"))
    return {
        "present": count(there),
        "personal": count(there & personal),
        "many_channels": count(there & (pl.col("channels_now") >= 2)),
        "app_members": count(there & member),
        "app_active": count(there & active),
    }
