"""What serving customers costs: by people and bots, and how much of it services of value cover."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from metrics.calendar import Grain, bucket
from metrics.measure import ratio
from metrics.trends import Additive


def _of(who: str, name: str) -> pl.Expr:
    value = pl.col(name).filter(pl.col("handled_by") == who)
    return value.sum().cast(pl.Int64)


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    bot = ratio(counts["bot_cost"], counts["bot_contacts"])
    human = ratio(counts["human_cost"], counts["human_contacts"])
    return {
        "bot_unit_cost": bot,
        "human_unit_cost": human,
        "saving": 1 - ratio(bot, human),
        "labour_month": ratio(counts["labour"], counts["months"]),
        "coverage": ratio(counts["value_added"], counts["labour_beside"]),
    }


def _cost() -> pl.Expr:
    return pl.col("labour") + pl.col("other").fill_null(0)


def ready(costs: pl.LazyFrame) -> pl.LazyFrame:
    """The records with cost, the first day of their month, and what unit costs may count.

    A record without contacts says nothing of a cost per contact: its cost is left out there. The
    labour beside value-added revenue is that of months in which such revenue is recorded.

    Args:
        costs: Contract table service_costs.
    """
    known = pl.col("contacts").is_not_null()
    added = pl.col("value_added").is_not_null().any().over("_month")
    return (
        costs.with_columns(_month=bucket(pl.col("month"), Grain.MONTH))
        .with_columns(
            cost=pl.when(known).then(_cost()),
            labour_beside=pl.when(added).then("labour"),
        )
        .with_columns(month="_month")
        .drop("_month")
    )


SERVICE_COST = Additive(
    {
        "bot_cost": _of("bot", "cost"),
        "bot_contacts": _of("bot", "contacts"),
        "human_cost": _of("human", "cost"),
        "human_contacts": _of("human", "contacts"),
        "labour": pl.col("labour").sum().cast(pl.Int64),
        "labour_beside": pl.col("labour_beside").sum().cast(pl.Int64),
        "value_added": pl.col("value_added").sum().cast(pl.Int64),
        "months": pl.col("month").n_unique().cast(pl.Int64),
    },
    _figures,
)
"""Over `ready` records. bot_unit_cost, human_unit_cost: labour and other cost ÷ contacts, minor
units; saving: 1 - the one ÷ the other; labour_month: labour ÷ months, minor units; coverage:
revenue of value-added services ÷ labour of the months that record some. Null where there is nothing
to divide by. Source: S2 二(二), S3 5.2."""
