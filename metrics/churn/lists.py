"""How good the lists of past days were: the model's, by length, order and tier; the rules'."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.churn.evaluate import by_day, churned_within
from metrics.churn.summary import at_risk_probability
from metrics.churn.warnings import LEVELS
from metrics.measure import count

MODEL = "model"
"""In the place of a level: the list of those at risk by the model."""
_SIZES = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)  # of a list, times powers of ten


def lists(customers: pl.DataFrame, share: float) -> pl.DataFrame:
    """Who churned within 90 days among the first so many of the list, by list size.

    There is a list of the whole company and one within each tier of the day, each by p90 and by
    revenue at risk (p90 × revenue, what working lists go by), the highest first, ties in the order
    of customers. The size is that of the whole company: of a sample of a twentieth, the first 5
    stand for a list of 100. A list ends with those who could churn in time, by revenue with those
    of them who bring any.

    Args:
        customers: Of `Backtest`, with tier (of the origin, null if unknown: in no tier's list).
        share: Of the customers who were forecast.

    Returns:
        One row per origin, order (p90, revenue_at_risk), tier (null: the whole company) and size
        that the whole company's list by p90 can have, sorted: size (customers of the company),
        listed, caught (of the listed, who churned), churned (of everybody in the tier), customers
        (at risk), revenue_caught, revenue_lost (of caught and churned, of 12 months before, minor
        units). Additive over origins.
    """
    rows: list[dict[str, object]] = []
    for origin, part in by_day(customers):
        able = part.filter(pl.col("p90") > 0).height
        asked = [size for size in sizes(round(able / share)) if round(size * share)]
        for tier in (None, *part["tier"].drop_nulls().unique().sort()):
            group = part if tier is None else part.filter(pl.col("tier") == tier)
            for order, rank in ORDERS.items():
                rows.extend(
                    {"origin": origin, "order": order, "tier": tier, **told}
                    for told in _of_sizes(group, rank, asked, share)
                )
    schema = {"origin": pl.Date, "order": pl.String, "tier": pl.String, **_LISTS}
    return pl.DataFrame(rows, schema=schema).sort("origin", "order", "tier", "size")


ORDERS = {"p90": pl.col("p90"), "revenue_at_risk": pl.col("p90") * pl.col("revenue")}
"""What a list may be sorted by."""
_LISTS = dict.fromkeys(
    ("size", "listed", "caught", "churned", "customers", "revenue_caught", "revenue_lost"), pl.Int64
)


def _of_sizes(
    group: pl.DataFrame, rank: pl.Expr, asked: list[int], share: float
) -> Iterator[dict[str, int]]:
    """What `lists` tells of one list, by size."""
    left = churned_within(90).cast(pl.Int64)
    known = group.select("customer_id", rank=rank, left=left, lost=left * pl.col("revenue"))
    best = known.filter(pl.col("rank") > 0).sort("rank", "customer_id", descending=[True, False])
    found = {name: _first(best[name]) for name in ("left", "lost")}
    whole = {"churned": int(known["left"].sum()), "revenue_lost": int(known["lost"].sum())}
    for size in asked:
        listed = min(round(size * share), best.height)
        yield {
            "size": size,
            "listed": listed,
            "caught": int(found["left"][listed]),
            "customers": group.height,
            "revenue_caught": int(found["lost"][listed]),
            **whole,
        }


def _first(values: pl.Series) -> NDArray[np.int64]:
    """The sum of the first 0, 1, 2 … of the values."""
    return np.concatenate([[0], np.cumsum(values.to_numpy())])


def sizes(most: int) -> list[int]:
    """Sizes of lists from 10 up to `most`, six for each power of ten."""
    steps = (round(step * 10**power) for power in range(1, 10) for step in _SIZES)
    return [size for size in steps if size <= most]


def deciles(customers: pl.DataFrame) -> pl.DataFrame:
    """How many of those who churned were in the first, second … tenth of the list by p90.

    Returns:
        One row per origin and tenth (1 to 10), sorted: customers, caught, churned (of everybody).
    """
    rows: list[dict[str, object]] = []
    for origin, part in by_day(customers):
        caught = _caught(part)
        edges = [part.height * tenth // 10 for tenth in range(11)]
        for tenth, (low, high) in enumerate(pairwise(edges), start=1):
            hits = {"caught": int(caught[high] - caught[low]), "churned": int(caught[-1])}
            rows.append({"origin": origin, "tenth": tenth, "customers": high - low, **hits})
    schema = dict.fromkeys(("tenth", "customers", "caught", "churned"), pl.Int64)
    return pl.DataFrame(rows, schema={"origin": pl.Date, **schema}).sort("origin", "tenth")


def _caught(part: pl.DataFrame) -> NDArray[np.int64]:
    """How many churned among the first 0, 1, 2 … of the list; ties in the order of customers."""
    ordered = part.sort("p90", "customer_id", descending=[True, False])
    return _first(ordered.select(churned_within(90).cast(pl.Int64)).to_series())


def rules(customers: pl.DataFrame, levels: tuple[str, ...]) -> pl.DataFrame:
    """Each warning rule against the model's list of the same length, and the model's own list.

    Args:
        customers: Of `Backtest`.
        levels: The rules that could be asked.

    Returns:
        One row per origin and level (red, yellow, blue; model: p90 of at least the rules'),
        sorted: flagged, caught (of these, churned within 90 days), model_caught (of as many at
        the top of the model's list), churned, customers; of a rule that could not be asked the
        first three are null.
    """
    rows: list[dict[str, object]] = []
    for origin, part in by_day(customers):
        best = _caught(part)
        for level in (*LEVELS, MODEL):
            told: dict[str, object] = {"origin": origin, "level": level}
            told |= {"churned": int(best[-1]), "customers": part.height}
            if level in (*levels, MODEL):
                flagged = part.filter(_flagged(level))
                caught = flagged.select(count(churned_within(90))).item()
                same = int(best[flagged.height])
                told |= {"flagged": flagged.height, "caught": caught, "model_caught": same}
            rows.append(told)
    counts = dict.fromkeys(("flagged", "caught", "model_caught", "churned", "customers"), pl.Int64)
    schema = {"origin": pl.Date, "level": pl.String, **counts}
    return pl.DataFrame(rows, schema=schema).sort("origin", "level")


def _flagged(level: str) -> pl.Expr:
    if level == MODEL:
        return pl.col("p90") >= at_risk_probability()
    return pl.col("warning_rules").list.contains(level)
