"""Following up: what the 3+1 plan asks for and until when, and whether it was done in time.

A plan (S3 4.4) is three personal contacts by telephone, WeChat and e-mail, then one special
benefit; S0 adds that the first step comes within 48 hours of the warning and that its effect is
looked at after a week. The rules are `rules/follow_up.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from metrics import intervals
from metrics.measure import count
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step of the plan.

    Attributes:
        kind: phone, wechat, email, benefit or recheck.
        role: care, benefit or check.
        after: What its clock starts at: the warning, or the start of the plan.
        hours: Until when it is due, by the clock, nights and weekends included.
    """

    kind: str
    role: str
    after: str
    hours: int


def plan() -> tuple[StepRule, ...]:
    """The steps of the 3+1 plan, in order."""
    return tuple(StepRule(**step) for step in load("follow_up")["steps"])


def outcomes(kind: str) -> tuple[str, ...]:
    """How a step of that kind can go, the usual one first; none for a kind that is no longer."""
    roles = {step.kind: step.role for step in plan()}
    return tuple(load("follow_up")["outcomes"].get(roles.get(kind, ""), ()))


def due_times(started_at: datetime, warned_at: datetime | None) -> list[tuple[str, datetime]]:
    """Until when each step of a plan is due.

    The first contact is due 48 hours after the warning. Where that is past, or nearly, when the
    plan starts, it is due a day after the start: else every plan for an older warning would begin
    overdue, and the word would say nothing. `on_time` is judged by the warning all the same.
    Without a warning the clock starts with the plan.

    Returns:
        Kind and time of each step, in order.
    """
    clocks = {"start": started_at, "warning": warned_at or started_at}
    soonest = started_at + timedelta(hours=load("follow_up")["clock"]["late_start_hours"])
    dues = ((step.kind, clocks[step.after] + timedelta(hours=step.hours)) for step in plan())
    return [(kind, max(due, soonest)) for kind, due in dues]


def warned_at(warned_on: date, zone: ZoneInfo) -> datetime:
    """The moment that a warning of a day counts from: the end of the day, when it was known."""
    return datetime.combine(warned_on + timedelta(days=1), time(), zone)


def win_back_time() -> timedelta:
    """From the warning to the first step (48 hours)."""
    return timedelta(hours=load("follow_up")["clock"]["win_back_hours"])


def recheck_time() -> timedelta:
    """From the start of a plan to its re-check (7 days)."""
    return timedelta(days=load("follow_up")["clock"]["recheck_days"])


def followed_up(cases: pl.LazyFrame, steps: pl.LazyFrame) -> pl.LazyFrame:
    """What became of each case by its steps.

    Skipped steps are off the list but were not carried out.

    Args:
        cases: case_id, customer_id, warned_at, plan_started_at, state (open, won, lost, closed),
            closed_at.
        steps: case_id, kind, due_at, done_at, outcome.

    Returns:
        One row per case, in the order of `cases`: its columns; first_done_at (first contact or
        benefit carried out), recheck_done_at, cares (contacts carried out), benefits, waiting
        (steps neither done nor skipped), next_due_at (the earliest due of those) and last_due_at
        (of contacts and benefit); null or 0 without a plan.
    """
    roles = {step.kind: step.role for step in plan()}
    role = pl.col("kind").replace_strict(roles, default=None, return_dtype=pl.String)
    carried_out = pl.col("done_at").is_not_null() & ~pl.col("outcome").is_in(_not_done())
    contact, waits = role.is_in(["care", "benefit"]), pl.col("done_at").is_null()
    progress = steps.group_by("case_id").agg(
        first_done_at=pl.col("done_at").filter(carried_out & contact).min(),
        recheck_done_at=pl.col("done_at").filter(carried_out & (role == "check")).min(),
        cares=count(carried_out & (role == "care")),
        benefits=count(carried_out & (role == "benefit")),
        waiting=count(waits),
        next_due_at=pl.col("due_at").filter(waits).min(),
        last_due_at=pl.col("due_at").filter(contact).max(),
    )
    joined = cases.join(progress, on="case_id", how="left", validate="1:1", maintain_order="left")
    return joined.with_columns(pl.col("cares", "benefits", "waiting").fill_null(0))


def unattended(
    warned: pl.LazyFrame, cases: pl.LazyFrame, *, begun: datetime | None
) -> pl.LazyFrame:
    """The warned customers whom nobody followed up, as rows beside `followed_up`.

    Warnings count from the first case of all on: what was raised before anybody worked with
    follow-ups was nobody's failure. A warning that has ended since is not known any more, so the
    share in time is a little too good.

    Args:
        warned: customer_id, warned_at; who is warned today.
        cases: As of `followed_up`, with opened_at; of these customers.
        begun: When the first case of all was opened; None if there is none.

    Returns:
        The customers without a case that was open at the warning or opened since, in order:
        customer_id, warned_at.
    """
    latest = cases.group_by("customer_id").agg(
        worked_until=pl.when(pl.col("closed_at").is_null().any())
        .then(None)
        .otherwise(pl.col("closed_at").max()),
        worked=pl.lit(value=True),
    )
    joined = warned.filter(pl.col("warned_at") >= pl.lit(begun, pl.Datetime("us", "UTC"))).join(
        latest, on="customer_id", how="left", validate="m:1", maintain_order="left"
    )
    alone = pl.col("worked").is_null() | (pl.col("worked_until") < pl.col("warned_at"))
    return joined.filter(alone.fill_null(value=False)).select("customer_id", "warned_at")


def _not_done() -> Sequence[str]:
    return load("follow_up")["outcomes"]["not_done"]


def process_measures(now: datetime, *, begun: datetime | None = None) -> dict[str, pl.Expr]:
    """How the work goes, over `followed_up` and, for on_time, the `unattended` below it.

    - on_time = warnings whose first step was carried out within 48 h ÷ warnings whose 48 h are
      over, followed up or not (S0: touch_winback_48h). A warning that lasts and is followed up a
      second time is one: the first contact of all is its first step. Those raised before anybody
      worked with follow-ups do not count, followed up or not: until the first 48 h since then are
      over the share is unknown, not 0.
    - rechecked = plans re-checked within 7 days of their start ÷ plans whose 7 days are over (S0:
      touch_rectification_recheck_1w).
    - complete = plans with three contacts and the benefit carried out ÷ plans that should be: all
      their steps were due, or the case was closed; those won before are left out (S3 4.4).

    Args:
        now: The moment to judge at.
        begun: When the first case of all was opened; None: warnings of any age count.

    Returns:
        open_plans, overdue_plans (open, a step past its due), on_time, rechecked, complete; each
        share with _low and _high (Wilson), 0 to 1, null where nothing is to judge, and with _n.
    """
    is_open, has_plan = pl.col("state") == "open", pl.col("plan_started_at").is_not_null()
    limit, warning = pl.col("warned_at") + win_back_time(), ("customer_id", "warned_at")
    once, first_done_at = pl.struct(warning).is_first_distinct(), pl.col("first_done_at").min()
    since = pl.lit(value=True) if begun is None else pl.col("warned_at") >= begun
    warned = once & since & (limit <= now)
    recheck_limit = pl.col("plan_started_at") + recheck_time()
    complete = (pl.col("cares") >= _asked("care")) & (pl.col("benefits") >= _asked("benefit"))
    won_before = (pl.col("state") == "won") & (pl.col("closed_at") < pl.col("last_due_at"))
    due = ~is_open | (pl.col("last_due_at") <= now)
    judged = has_plan & (complete | (due & ~won_before.fill_null(value=False)))
    return {
        "open_plans": count(has_plan & is_open),
        "overdue_plans": count(is_open & (pl.col("next_due_at") < now)),
        **_share("on_time", first_done_at.over(warning) <= limit, warned),
        **_share("rechecked", pl.col("recheck_done_at") <= recheck_limit, recheck_limit <= now),
        **_share("complete", complete, judged),
    }


def _asked(role: str) -> int:
    return sum(step.role == role for step in plan())


def _share(name: str, holds: pl.Expr, judged: pl.Expr) -> dict[str, pl.Expr]:
    whole = count(judged)
    part = count(judged & holds.fill_null(value=False))
    return {**intervals.share(name, part, whole), f"{name}_n": whole}
