"""How often churn was declared too early: customers churned a while ago, and back since."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.churn.contracts import without_contract
from metrics.churn.rhythm import Definition, rhythm
from metrics.rules import load


def win_back_days() -> int:
    """Days that a churned customer has to come back for the win-back rate (`churn.toml`)."""
    return int(load("churn")["at_risk"]["win_back_days"])


def lapsed(
    purchases: pl.LazyFrame,
    *,
    as_of: date,
    definition: Definition | None = None,
    contracts: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """Who counted as churned 90 days ago, by what was known on that day.

    Not by today's threshold: the long silence of a customer who came back has made his usual gap
    longer, so that by today's rhythm he would hardly ever have been churned. On Online Retail
    that error turns 35 % who came back into 2 %.

    Args:
        purchases: customer_id, ordered_on.
        as_of: Last day of the data, inclusive.
        definition: Of churn; the one of the rules by default.
        contracts: Of `readers.contracts`; who was under contract then is left out, who had left
            one and not bought since counts as churned.

    Returns:
        One row per customer with a purchase or a contract by then, unordered: customer_id, lapsed,
        lapsed_lately (`is_lately`), and what was known then: tau_then_days (the threshold),
        gap_then_days (the usual gap), silent_then_days, ended_then_on (when the contract ended
        that made them churned).
    """
    then = as_of - timedelta(days=win_back_days())
    definition = definition or Definition.standard()
    known = rhythm(purchases, as_of=then, definition=definition, contracts=contracts)
    known = without_contract(known, contracts, then)
    return known.select(
        "customer_id",
        lapsed="churned",
        lapsed_lately=is_lately(),
        tau_then_days="tau_days",
        gap_then_days="usual_gap_days",
        silent_then_days="silent_days",
        ended_then_on="contract_ended_on",
    )


def is_lately() -> pl.Expr:
    """Whether a customer became churned within the 90 days up to a moment.

    Returns:
        Expression over churned and remaining_days of that moment; null where churned is.
    """
    return pl.col("churned") & (pl.col("remaining_days") > -win_back_days())


def lapsed_by(definition: Definition) -> pl.Expr:
    """Whether a customer counted as churned 90 days ago by another definition; see `lapsed`.

    Returns:
        Expression over gap_then_days, silent_then_days and ended_then_on (who has left a contract
        is churned by every definition); null without a purchase and a contract by then.
    """
    silent = pl.col("silent_then_days") >= definition.threshold(pl.col("gap_then_days"))
    return pl.col("ended_then_on").is_not_null() | silent
