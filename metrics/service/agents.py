"""Agents side by side: what each one's tickets came to, against what such tickets come to."""

from __future__ import annotations

from math import erfc, sqrt

import polars as pl

from metrics import intervals
from metrics.measure import count, ratio
from metrics.service.rule import words

_CASE = ("kind", "grade")
ABOVE, BELOW, NOISE, FEW = "above", "below", "noise", "few"


def agents(cases: pl.LazyFrame) -> pl.DataFrame:
    """Every agent's solutions at the first contact, held against the same cases of all agents.

    Who gets the hard cases solves fewer at once: expected is what all agents together make of
    cases of the same kind and grade (indirect standardisation). Whether somebody is better or worse
    is tested by z = (found − expected) ÷ √Σp(1 − p), two-sided, for all agents together by Holm, so
    that with 36 agents one in twenty companies, not two agents in every company, are told wrongly.

    Args:
        cases: case_facts, without those that a bot solved.

    Returns:
        One row per agent, the clearly worse first, then by name of the id: agent_id, tickets,
        judged, first_time (count), share, share_low, share_high (Wilson), expected (0 to 1), kept,
        decided (promises), attainment, verdict (above, below, noise; few below 30 judged).

    References:
        Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.
    """
    flag = pl.col("first_time")
    known = cases.filter(pl.col("agent_id").is_not_null()).select(
        "agent_id",
        *_CASE,
        first_time=flag.cast(pl.Int64),
        usual=flag.cast(pl.Float64).mean().over(*_CASE),
        sla="sla_state",
    )
    usual = pl.when(pl.col("first_time").is_not_null()).then("usual")
    found = known.group_by("agent_id").agg(
        tickets=pl.len().cast(pl.Int64),
        judged=pl.col("first_time").count().cast(pl.Int64),
        first_time=pl.col("first_time").sum(),
        _expected=usual.sum(),
        _variance=(usual * (1 - usual)).sum(),
        kept=count(pl.col("sla") == "met"),
        decided=count(pl.col("sla").is_in(["met", "missed"])),
    )
    told = found.with_columns(
        **intervals.share("share", pl.col("first_time"), pl.col("judged")),
        expected=ratio(pl.col("_expected"), pl.col("judged")),
        attainment=ratio(pl.col("kept"), pl.col("decided")),
    )
    rows = _with_verdicts(told.sort("agent_id").collect())
    order = {BELOW: 0, ABOVE: 1, NOISE: 2, FEW: 3}
    rank = pl.col("verdict").replace_strict(order, return_dtype=pl.Int64)
    return rows.drop("_expected", "_variance").sort(rank, "agent_id")


def _with_verdicts(rows: pl.DataFrame) -> pl.DataFrame:
    how = words("agents")
    verdicts = [FEW] * rows.height
    tested: list[tuple[float, int, bool]] = []
    columns = ("judged", "first_time", "_expected", "_variance")
    for place, (judged, first, expected, variance) in enumerate(rows.select(columns).iter_rows()):
        if judged >= how["fewest"]:
            verdicts[place] = NOISE
            gap = first - expected
            p = erfc(abs(gap) / sqrt(2 * variance)) if variance > 0 else 1.0
            tested.append((p, place, gap > 0))
    for rank, (p, place, better) in enumerate(sorted(tested)):
        if p > how["level"] / (len(tested) - rank):
            break
        verdicts[place] = ABOVE if better else BELOW
    return rows.with_columns(verdict=pl.Series(verdicts, dtype=pl.String))
