"""The marts that are built once for each tier scheme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics import reorders, repurchase, retention
from metrics.accounting import bought_by_month, moves_of
from metrics.numbering import named
from metrics.order_months import Ordered
from metrics.tiers import versions
from metrics.tiers.history import tiers_at
from metrics.tiers.marts import tier_marts
from metrics.tiers.scheme import schemes
from metrics.tiers.versions import Histories

Write = Callable[[str, pl.LazyFrame | pl.DataFrame], pl.LazyFrame]


@dataclass(frozen=True, slots=True)
class Bought:
    """What the tiers rest on, customers by number.

    Attributes:
        numbers: The ids with their numbers.
        who: One row per customer, deleted ones included: today's dimensions, first_order_on,
            deleted_on, and what they bought in a year.
        months: customer_months.
        days: Of `purchase_days.purchase_bits`.
        requests: Of `tiers.requests.requests`.
        followed: Of `reorders.followed_up`.
    """

    numbers: pl.DataFrame
    who: pl.LazyFrame
    months: pl.LazyFrame
    days: pl.DataFrame
    requests: pl.LazyFrame
    followed: pl.LazyFrame


@dataclass(frozen=True, slots=True)
class Tiered:
    """By number: the tier history of each scheme, and `who` with today's tier of each."""

    histories: Histories
    who: pl.LazyFrame


def build(bought: Bought, write: Write, *, as_of: date, money_scale: int) -> Tiered:
    """Walk the months once for all schemes; write what is told by tiers, under its name."""
    histories: dict[str, pl.LazyFrame] = {}
    who, months, numbers = bought.who, bought.months, bought.numbers
    walked = tier_marts(
        months,
        bought.who,
        schemes=schemes(),
        as_of=as_of,
        money_scale=money_scale,
        requests=bought.requests,
    )
    ordered = Ordered.of(months, bought.who)
    followed = reorders.FollowedUp.of(bought.followed, bought.days, bought.who)
    moved = bought_by_month(months, bought.who.collect())
    for scheme in schemes():
        made = walked.pop(scheme.code)
        history = made.history.collect().lazy()
        today = tiers_at(history, as_of).collect().lazy()
        by_scheme = bought.who.join(
            today, on="customer_id", how="left", validate="1:1", maintain_order="left"
        )
        rows = {
            "tier_history": named(history, numbers),
            "tier_states": named(made.states, numbers),
            "tier_months": made.months,
            "cohort_months": retention.cohort_months(months, by_scheme),
            "retention_months": retention.retention_months(
                bought.days, bought.who, history, as_of=as_of
            ),
            "order_months": ordered.months(history),
            "accounting_months": moves_of(by_scheme.collect(), moved, as_of=as_of),
            "repurchase_months": repurchase.repurchase_months(
                bought.days, bought.who, history, as_of=as_of
            ),
            "reorder_months": followed.months(history),
        }
        for name, mart in rows.items():
            write(versions.named(name, scheme.code), mart)
        column = versions.named("tier", scheme.code)
        today = today.rename({"tier": column})
        who = who.join(today, on="customer_id", how="left", validate="1:1", maintain_order="left")
        histories[scheme.code] = history
    return Tiered(histories, who)
