"""The next best step with a customer, by the rules of the plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from metrics import nps
from metrics.churn.summary import is_at_risk
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step of the plans.

    Attributes:
        code: Stable name; words are under `next_step.<code>`.
        source: The plan that asks for it (S0, S1, S3).
        days: How long after the first order it is asked for; None where it does not go by that.
    """

    code: str
    source: str
    days: int | None = None


@cache
def steps() -> Mapping[str, NextStep]:
    """Every step by code, what comes first at the front (`rules/next_step.toml`)."""
    found = [NextStep(**step) for step in load("next_step")["steps"]]
    return {step.code: step for step in found}


def next_step(*, as_of: date) -> pl.Expr:
    """The first step of the rules that applies to a customer.

    Whatever is broken comes first, then whoever may leave or has left, then what the plans ask for
    by the age of the relation. So nobody is offered something while their complaint is open, and
    nobody is asked to recommend us while they are about to leave.

    Args:
        as_of: Last day of the data; days since the first order count from it.

    Returns:
        Expression `next_step` (a code of `steps`; null for who never bought, has no complaint or
        plan and has not left a contract) over open_complaints, has_plan, warning, stage, p90,
        churned, last_nps and first_order_on.
    """
    age = (pl.lit(as_of) - pl.col("first_order_on")).dt.total_days()
    known, kind = steps(), nps.group(pl.col("last_nps"))
    bought = pl.col("first_order_on").is_not_null()
    leaves = pl.col("warning").is_not_null() | (pl.col("stage") == "warning") | is_at_risk()
    applies = {
        "complaint": pl.col("open_complaints") > 0,
        "plan": pl.col("has_plan"),
        "win_back": leaves,
        "offer": pl.col("churned"),
        "call_back": kind == nps.DETRACTOR,
        "thank": age < known["thank"].days,
        "first_needs": age < known["first_needs"].days,
        "referral": kind == nps.PROMOTER,
        "needs_survey": pl.col("stage") == "existing",
        "keep": bought,
    }
    chosen = [pl.when(applies[code].fill_null(value=False)).then(pl.lit(code)) for code in known]
    return pl.coalesce(chosen).alias("next_step")
