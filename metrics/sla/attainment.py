"""How many promises were kept: attainment, the source's own verdict, and response times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import polars as pl

from metrics import intervals
from metrics.measure import count
from metrics.sla.facts import DUE, MET, MISSED
from metrics.sla.policy import Clock, Policies
from metrics.trends import Additive


def attainment(state: str = "sla_state") -> Additive:
    """Share of promises kept: met ÷ (met + missed), over the column `state` of ticket facts.

    Open tickets within their limit are due and on neither side; open tickets past it are missed.
    For all promises of a ticket together take `sla_state`, for one clock `response_state`,
    `routing_state` or `resolution_state`, and for `promises()` the column `state`.

    Returns:
        met, missed, due, unjudged (counts; unjudged: nothing promised, or not recorded),
        attainment, attainment_low, attainment_high (0 to 1, Wilson; null if none is decided).
        Source: S0 and S2 (95 %).
    """
    verdict = pl.col(state)

    def figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        return intervals.share("attainment", counts["met"], counts["met"] + counts["missed"])

    return Additive(
        {
            "met": count(verdict == MET),
            "missed": count(verdict == MISSED),
            "due": count(verdict == DUE),
            "unjudged": count(verdict.is_null()),
        },
        figures,
    )


def of_promise(number: int) -> Additive:
    """Share of the tickets under one promise that kept its own limit, over ticket facts.

    Also where a stricter one holds: an urgent e-mail is owed an answer in 10 minutes, but the
    promise of e-mails is kept within 24 hours.

    Args:
        number: Of the promise, as in the rules, from 0.

    Returns:
        met, missed (counts), attainment, attainment_low, attainment_high (0 to 1, Wilson).
    """
    bit = 1 << number

    def figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        return intervals.share("attainment", counts["met"], counts["met"] + counts["missed"])

    return Additive(
        {state: count((pl.col(f"promises_{state}") & bit) > 0) for state in (MET, MISSED)},
        figures,
    )


def by_promise(
    facts: pl.LazyFrame, policies: Policies, measure_on: Callable[[int], Additive] = of_promise
) -> pl.LazyFrame:
    """Attainment of every promise, over the tickets it binds, by its own limit.

    Args:
        facts: Ticket facts, or a roll-up of them.
        policies: The promises.
        measure_on: The attainment of the n-th promise over these rows.

    Returns:
        One row per promise, in the order of the rules: key, met, missed, attainment,
        attainment_low, attainment_high.
    """
    rows = [
        facts.select(key=pl.lit(promise.key), **measure_on(number).over_rows())
        for number, promise in enumerate(policies.promises)
    ]
    nothing = facts.select(key=pl.lit(""), **measure_on(0).over_rows()).limit(0)
    return pl.concat([nothing, *rows])


def _source_figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    decided = counts["source_met"] + counts["source_missed"]
    return intervals.share("source_attainment", counts["source_met"], decided)


SOURCE_ATTAINMENT = Additive(
    {
        "source_met": count(pl.col("source_sla_met")),
        "source_missed": count(~pl.col("source_sla_met")),
    },
    _source_figures,
)
"""Attainment by the source's own flag: source_met, source_missed; source_attainment (Wilson).

Over ticket facts, one row per ticket: over the events of a log the last state of a long ticket
would count as often as it has events.
"""


def _agreement_figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    agreed = counts["both_met"] + counts["both_missed"]
    compared = agreed + counts["only_source_met"] + counts["only_ours_met"]
    return {"compared": compared, **intervals.share("agreement", agreed, compared)}


def _agreement() -> Additive:
    source, ours_met = pl.col("source_sla_met"), pl.col("sla_state") == MET
    decided = pl.col("sla_state").is_in([MET, MISSED])
    return Additive(
        {
            "both_met": count(decided & source & ours_met),
            "both_missed": count(decided & ~source & ~ours_met),
            "only_source_met": count(decided & source & ~ours_met),
            "only_ours_met": count(decided & ~source & ours_met),
        },
        _agreement_figures,
    )


AGREEMENT = _agreement()
"""How often the source's flag and our verdict agree, over tickets that both have decided:
both_met, both_missed, only_source_met, only_ours_met; compared; agreement (Wilson)."""


def _feedback_figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return intervals.share(
        "feedback_response_share", counts["feedback_answered"], counts["feedback_owed"]
    )


def feedback_response(*, as_of: datetime) -> Additive:
    """Share of feedback that was answered at all, however late.

    Answered feedback ÷ feedback older than its (earliest) limit at `as_of`. Feedback without a
    promise has no moment from which an answer is owed, and is on neither side.

    Returns:
        feedback_owed, feedback_answered (counts); feedback_response_share with _low and _high
        (0 to 1, Wilson; null if none is owed or answers are not recorded). Source: S0 (95 %).
    """
    due_at = pl.min_horizontal(f"{clock.prefix}_due_at" for clock in Clock)
    owed = (pl.col("kind") == "feedback") & (due_at < as_of) & pl.col("answered").is_not_null()
    return Additive(
        {
            "feedback_owed": count(owed),
            "feedback_answered": count(owed & pl.col("answered")),
        },
        _feedback_figures,
    )


def response_times() -> dict[str, pl.Expr]:
    """Median and 90th percentile of the elapsed hours to the first response.

    Over ticket facts only: quantiles do not add up. Unanswered tickets are not in them, so read
    them beside the attainment.

    Returns:
        answered_tickets (count), response_hours_median, response_hours_p90 (hours, null if
        nothing was answered). Source: S0 (-40 %), S2 (-80 %).
    """
    hours = pl.col("response_hours")
    return {
        "answered_tickets": hours.count().cast(pl.Int64),
        "response_hours_median": hours.quantile(0.5, "linear"),
        "response_hours_p90": hours.quantile(0.9, "linear"),
    }
