"""Measures over tickets, hand-overs, calls, checks and the ledger: ratios of counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from metrics import intervals
from metrics.measure import count, ratio
from metrics.service.rule import pick_up, words
from metrics.trends import Additive

_PARTS = ("problem", "cause", "measure")


def rate(name: str, holds: pl.Expr) -> Additive:
    """Share of rows it is true for, of those for which it is known.

    Returns:
        <name>_yes, <name>_of (counts); <name> with _low, _high (0 to 1, Wilson; null if none is
        known).
    """

    def figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        return intervals.share(name, counts[f"{name}_yes"], counts[f"{name}_of"])

    return Additive(
        {f"{name}_yes": count(holds), f"{name}_of": count(holds.is_not_null())}, figures
    )


def of_cases() -> dict[str, Additive]:
    """The measures over case_facts, by KPI; each of tickets created in a period.

    resolution_30d (S2 ≥ 90 %), first_contact_resolution (S2 ≥ 90 %), reopen_rate,
    repeat_contact (S2 ≤ 5 %), recurrence (S2 ≤ 5 %), bot_containment (solved by a bot alone ÷
    tickets of which it is known who took them), consult_bot_first (the same of inquiries that a
    bot took first), ticket_owned (of inquiries, complaints and after-sales cases), knowledge_push,
    loop_verified (feedback verified ÷ feedback).
    """
    column, bot = pl.col, words("bot")
    feedback = column("kind") == words("feedback")["kind"]
    asks = column("kind") == bot["consultation"]
    taken = column("bot").is_in(bot["first"])
    return {
        "resolution_30d": rate("resolution_30d", column("solved")),
        "first_contact_resolution": rate("first_contact_resolution", column("first_time")),
        "reopen_rate": rate("reopen_rate", column("reopened")),
        "repeat_contact": rate("repeat_contact", column("repeated")),
        "recurrence": rate("recurrence", column("recurred")),
        "bot_containment": rate("bot_containment", column("bot") == bot["alone"]),
        "consult_bot_first": rate("consult_bot_first", pl.when(asks).then(taken)),
        "ticket_owned": rate("ticket_owned", pl.when(~feedback).then(column("owned"))),
        "knowledge_push": rate("knowledge_push", column("offered")),
        "loop_verified": rate("loop_verified", column("step") == "verified"),
    }


def complaints() -> dict[str, pl.Expr]:
    """Counts of complaints: complaints, about_communication (by their cause), with_cause."""
    how = words("complaints")
    complaint = pl.col("kind") == how["kind"]
    return {
        "complaints": count(complaint),
        "about_communication": count(complaint & pl.col("cause").is_in(how["communication"])),
        "with_cause": count(complaint & pl.col("cause").is_not_null()),
    }


def continuity(as_of: datetime) -> Additive:
    """Hand-overs between channels with their history and answered there ÷ hand-overs judged.

    Source: S2 (95 %).
    """
    return rate("continuity", carried(as_of))


def carried(as_of: datetime) -> pl.Expr:
    """Whether a hand-over between channels came with its history and was answered there.

    One that nobody has taken up within 24 hours has failed; younger ones are not judged, nor those
    of which nobody recorded whether the history came along.
    """
    history = pl.col("history_carried")
    waiting = pl.col("picked_up_at").is_null()
    lost = waiting & (pl.col("handed_at") + pick_up() <= as_of)
    moved = pl.col("from_channel") != pl.col("to_channel")
    return pl.when(moved & lost).then(False).when(moved & ~waiting).then(history)  # noqa: FBT003


def hand_over_minutes() -> pl.Expr:
    """Median minutes from a hand-over to the first answer there; null without one."""
    waited = (pl.col("picked_up_at") - pl.col("handed_at")).dt.total_seconds() / 60
    return waited.filter(pl.col("from_channel") != pl.col("to_channel")).median()


def on_time(today: date) -> Additive:
    """Ledger entries accepted by their deadline ÷ entries whose deadline has come.

    Not accepted and due before `today` is late; due later and not accepted is not judged.
    """
    accepted, due = pl.col("accepted_on"), pl.col("due_on")
    late = accepted.is_null() & (due < today)
    return rate("on_time", pl.when(late).then(False).otherwise(accepted <= due))  # noqa: FBT003


def checks() -> dict[str, Additive]:
    """Measures over quality_checks, by KPI.

    qa_compliance (checks that kept to the rules ÷ judged; S2 98 %), operation_consistency (kept to
    script and procedure ÷ judged; S3 92 %), qa_record_complete (of the checks that found a fault
    those with problem, cause and measure; S3 9.1).
    """
    kept = pl.all_horizontal(
        pl.col(name).fill_null(value=True) for name in ("compliant", "consistent")
    )
    told = pl.all_horizontal(pl.col(name).fill_null("").str.strip_chars() != "" for name in _PARTS)
    return {
        "qa_compliance": rate("qa_compliance", pl.col("compliant")),
        "operation_consistency": rate("operation_consistency", pl.col("consistent")),
        "qa_record_complete": rate("qa_record_complete", pl.when(~kept).then(told)),
    }


def _sample(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {"qa_sample": ratio(counts["sampled"], counts["records"])}


SAMPLE = Additive({"sampled": pl.col("sampled").sum(), "records": pl.col("records").sum()}, _sample)
"""Over days with sampled and records: sampled ÷ records (tickets and calls). Source: S3 (5 %)."""


def _calls(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        **intervals.share("answer_rate", counts["answered"], counts["calls"]),
        **intervals.share("in_time_rate", counts["in_time"], counts["timed"]),
    }


CALLS = Additive(
    {name: pl.col(name).sum() for name in ("calls", "answered", "in_time", "timed")}, _calls
)
"""Over call_hours: answer_rate (answered ÷ calls; S2 100 % at the peak), in_time_rate (answered
within 3 minutes ÷ calls whose waiting is known, given up or not; S4)."""
