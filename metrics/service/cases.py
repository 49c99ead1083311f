"""Tickets with what came of them: solved in time, at the first contact, back again (mart)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from metrics.selection import DIMENSIONS
from metrics.service.rule import days, words
from metrics.tiers.versions import columns

STEPS = ("collected", "analysed", "acted", "verified")
_KEPT = (
    *("ticket_id", "customer_id", "kind", "grade", "channel", "category", "agent_id"),
    *("created_at", "created_on", "bot", "cause", "sla_state", "resolution_hours"),
)
_SAME = ("customer_id", "category")


def case_facts(
    tickets: pl.LazyFrame, ledger: pl.LazyFrame, pushed: pl.LazyFrame, *, as_of: datetime
) -> pl.LazyFrame:
    """Every ticket with what came of it, judged at `as_of` (mart).

    The same problem is the same customer and the same category; a ticket without either can
    neither repeat nor recur. Nothing is judged before its window has passed, so that the last
    weeks are not better than those before. Solved is `resolved_at`, else `closed_at`.

    At 2 million customers (5 million tickets): two sorts by time and two joins to the next and to
    the last ticket of the same problem, in memory six columns of the tickets.

    Args:
        tickets: ticket_facts.
        ledger: Contract table rectifications.
        pushed: ticket_id of the tickets for which the knowledge base offered an answer (unique).
        as_of: The moment that tickets are complete until, UTC.

    Returns:
        One row per ticket, sorted by created_on, ticket_id: its columns `_KEPT`, the dimensions
        of the ticket, and (Boolean, null: cannot be judged, or not yet)
        solved (within 30 days of its creation),
        first_time (solved in the first contact by the agent's mark, never reopened, and nothing
        about the same in the 7 days after),
        reopened (of the solved), repeated (another one about the same in the 7 days before it),
        recurred (of the solved: another one about the same in the 30 days after), owned (has a
        responsible agent, or a bot solved it), offered (of an answer by the knowledge base);
        of feedback step (how far it has come, one of `STEPS`) and step_days (since then; null once
        verified).
    """
    dimensions = [pl.col(rf"^{name}$") for name in (*DIMENSIONS, *columns()[1:])]
    rows = tickets.with_columns(ended_at=_known(pl.coalesce("resolved_at", "closed_at"), as_of))
    judged = _judged(_followed(rows), as_of)
    steps = _with_steps(judged, ledger, as_of)
    offered = steps.join(
        pushed.with_columns(offered=pl.lit(value=True)),
        on="ticket_id",
        how="left",
        validate="1:1",
    )
    flags = ("solved", "first_time", "was_reopened", "repeated", "recurred", "owned")
    return (
        offered.select(
            *_KEPT,
            *dimensions,
            *flags,
            pl.col("offered").fill_null(value=False),
            "step",
            "step_days",
        )
        .rename({"was_reopened": "reopened"})
        .sort("created_on", "ticket_id")
    )


def _known(moment: pl.Expr, as_of: datetime) -> pl.Expr:
    return pl.when(moment <= as_of).then(moment)


def _followed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """With the ticket about the same before (last_at) and after the solution (next_at)."""
    came = rows.select(*_SAME, came_at="created_at").drop_nulls().sort("came_at")
    earlier = (
        rows.select("ticket_id", *_SAME, "created_at")
        .drop_nulls()
        .sort("created_at")
        .join_asof(
            came,
            left_on="created_at",
            right_on="came_at",
            by=_SAME,
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
    )
    later = (
        rows.select("ticket_id", *_SAME, "ended_at")
        .drop_nulls()
        .sort("ended_at")
        .join_asof(
            came,
            left_on="ended_at",
            right_on="came_at",
            by=_SAME,
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
    )
    return rows.join(
        earlier.select("ticket_id", last_at="came_at"), on="ticket_id", how="left", validate="1:1"
    ).join(later.select("ticket_id", next_at="came_at"), on="ticket_id", how="left", validate="1:1")


def _judged(rows: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    created, ended = pl.col("created_at"), pl.col("ended_at")
    told = pl.all_horizontal(pl.col(name).is_not_null() for name in _SAME)
    back = (pl.col("next_at") - ended).fill_null(timedelta.max)
    first, resolution = days("first_contact"), days("resolution")
    marked = pl.col("first_contact")
    held = marked & (pl.col("reopened").fill_null(0) == 0) & (back > first)
    before = (created - pl.col("last_at")).fill_null(timedelta.max)
    alone = (pl.col("bot") == words("bot")["alone"]).fill_null(value=False)
    agents = pl.col("agent_id").is_not_null()
    recorded = ended.is_not_null().any()  # else every ticket of such a source would be unsolved
    in_time = (ended <= created + resolution).fill_null(value=False)
    return rows.with_columns(
        solved=pl.when(recorded & (created + resolution <= as_of)).then(in_time),
        first_time=pl.when(told & marked.is_not_null() & (ended + first <= as_of)).then(held),
        was_reopened=pl.when(ended.is_not_null()).then(pl.col("reopened") > 0),
        repeated=pl.when(told).then(before <= days("repeat")),
        recurred=pl.when(told & (ended + days("recurrence") <= as_of)).then(
            back <= days("recurrence")
        ),
        owned=pl.when(agents.any()).then(agents | alone),
    )


def _with_steps(rows: pl.LazyFrame, ledger: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """How far feedback has come: collected, analysed, acted upon, verified.

    Analysed is what was passed on to the department that solves it, or solved, or entered in the
    ledger with its cause. What stands in the ledger is acted upon when all of its entries are done
    and verified when all are accepted; else solved and closed.
    """
    every = ledger.group_by("ticket_id").agg(
        entries=pl.len(),
        analysed=_known(pl.col("analysed_at"), as_of).min(),
        done=_last(pl.col("done_at"), as_of),
        accepted=_last(pl.col("accepted_at"), as_of),
    )
    inside = pl.col("entries").is_not_null()
    verified = pl.when(inside).then("accepted").otherwise(_known(pl.col("closed_at"), as_of))
    acted = pl.when(inside).then("done").otherwise("ended_at")
    passed = _known(pl.col("routed_at"), as_of)
    reached = {
        "verified": verified,
        "acted": pl.coalesce(acted, verified),
        "analysed": pl.coalesce(pl.min_horizontal(passed, "analysed", "ended_at"), acted, verified),
    }
    step, since = pl.lit("collected"), pl.col("created_at")
    for name in reversed(reached):
        there = reached[name].is_not_null()
        step = pl.when(there).then(pl.lit(name)).otherwise(step)
        since = pl.when(there).then(reached[name]).otherwise(since)
    feedback = pl.col("kind") == words("feedback")["kind"]
    waited = (pl.lit(as_of) - since).dt.total_days().cast(pl.Int32)
    return rows.join(
        every.drop_nulls("ticket_id"), on="ticket_id", how="left", validate="1:1"
    ).with_columns(
        step=pl.when(feedback).then(step),
        step_days=pl.when(feedback & reached["verified"].is_null()).then(waited),
    )


def _last(moment: pl.Expr, as_of: datetime) -> pl.Expr:
    """The latest of all moments, if every one is known by then."""
    known = _known(moment, as_of)
    return pl.when(known.is_not_null().all()).then(known.max())
