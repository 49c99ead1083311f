"""How good the lists of past days were: the model's, by length, and those of the warning rules."""

from __future__ import annotations

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

    The list is by p90, the highest first. Its size is that of the whole company: of a sample of a
    twentieth, the first 5 stand for a list of 100. It ends with those who could churn in time.

    Returns:
        One row per origin and size, sorted: size (customers of the company), listed, caught (of
        the listed, who churned), churned (of everybody), customers (at risk).
    """
    rows: list[dict[str, object]] = []
    for origin, part in by_day(customers):
        caught = _caught(part)
        able = part.filter(pl.col("p90") > 0).height
        whole = {"churned": int(caught[-1]), "customers": part.height}
        for size in sizes(round(able / share)):
            listed = min(round(size * share), able)
            if listed:
                told = {"size": size, "listed": listed, "caught": int(caught[listed])}
                rows.append({"origin": origin, **told, **whole})
    return pl.DataFrame(rows, schema={"origin": pl.Date, **_LISTS}).sort("origin", "size")


_LISTS = dict.fromkeys(("size", "listed", "caught", "churned", "customers"), pl.Int64)


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
    left = ordered.select(churned_within(90)).to_series().to_numpy()
    return np.concatenate([[0], np.cumsum(left)])


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
