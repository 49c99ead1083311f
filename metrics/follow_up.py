"""Following up: what the 3+1 plan asks for and until when, and whether following up helps.

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
from metrics.measure import count, ratio
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

    The first contact is due 48 hours after the warning, so a plan that starts later begins with a
    step that is overdue. Without a warning the clock starts with the plan.

    Returns:
        Kind and time of each step, in order.
    """
    clocks = {"start": started_at, "warning": warned_at or started_at}
    return [(step.kind, clocks[step.after] + timedelta(hours=step.hours)) for step in plan()]


def warned_at(warned_on: date, zone: ZoneInfo) -> datetime:
    """The moment that a warning of a day counts from: the end of the day, when it was known."""
    return datetime.combine(warned_on + timedelta(days=1), time(), zone)


def win_back_time() -> timedelta:
    """From the warning to the first step (48 hours)."""
    return timedelta(hours=load("follow_up")["clock"]["win_back_hours"])


def recheck_time() -> timedelta:
    """From the start of a plan to its re-check (7 days)."""
    return timedelta(days=load("follow_up")["clock"]["recheck_days"])


def reactivation_time() -> timedelta:
    """How long a followed-up customer has to order (90 days)."""
    return timedelta(days=load("follow_up")["reactivation"]["days"])


def reactivation_reference() -> float:
    """The share of red warnings that were reactivated elsewhere (63 %): no target."""
    return load("follow_up")["reactivation"]["reference"]


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


def _not_done() -> Sequence[str]:
    return load("follow_up")["outcomes"]["not_done"]


def process_measures(now: datetime) -> dict[str, pl.Expr]:
    """How the work goes, over `followed_up`.

    - on_time = warned cases whose first step was carried out within 48 h of the warning ÷ warned
      cases whose 48 h are over (S0: touch_winback_48h).
    - rechecked = plans re-checked within 7 days of their start ÷ plans whose 7 days are over (S0:
      touch_rectification_recheck_1w).
    - complete = plans with three contacts and the benefit carried out ÷ plans that should be: all
      their steps were due, or the case was closed; those won before are left out (S3 4.4).

    Args:
        now: The moment to judge at.

    Returns:
        open_plans, overdue_plans (open, a step past its due), on_time, rechecked, complete; each
        share with _low and _high (Wilson), 0 to 1, null where nothing is to judge, and with _n.
    """
    is_open, has_plan = pl.col("state") == "open", pl.col("plan_started_at").is_not_null()
    limit = pl.col("warned_at") + win_back_time()
    recheck_limit = pl.col("plan_started_at") + recheck_time()
    complete = (pl.col("cares") >= _asked("care")) & (pl.col("benefits") >= _asked("benefit"))
    won_before = (pl.col("state") == "won") & (pl.col("closed_at") < pl.col("last_due_at"))
    due = ~is_open | (pl.col("last_due_at") <= now)
    judged = has_plan & (complete | (due & ~won_before.fill_null(value=False)))
    return {
        "open_plans": count(has_plan & is_open),
        "overdue_plans": count(is_open & (pl.col("next_due_at") < now)),
        **_share("on_time", pl.col("first_done_at") <= limit, limit <= now),
        **_share("rechecked", pl.col("recheck_done_at") <= recheck_limit, recheck_limit <= now),
        **_share("complete", complete, judged),
    }


def _asked(role: str) -> int:
    return sum(step.role == role for step in plan())


def _share(name: str, holds: pl.Expr, judged: pl.Expr) -> dict[str, pl.Expr]:
    whole = count(judged)
    part = count(judged & holds.fill_null(value=False))
    return {**intervals.share(name, part, whole), f"{name}_n": whole}


def reactivations(starts: pl.LazyFrame, bought: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Which followed-up customers ordered within 90 days of the start.

    Only starts whose 90 days are over count, also where an order has come already: early successes
    without the failures of the same weeks would raise the share. An order on the day of the start
    may have come before it and does not count.

    Args:
        starts: One row per start: customer_id, from_on.
        bought: customer_id, ordered_on; purchases, any number a day.
        as_of: Last day of the orders, inclusive.

    Returns:
        One row per start whose 90 days are over, in their order: its columns, reactivated.
    """
    within = reactivation_time()
    over = starts.filter(pl.col("from_on") + within <= as_of).with_row_index("_start")
    in_time = pl.col("ordered_on").is_between(
        pl.col("from_on"), pl.col("from_on") + within, closed="right"
    )
    back = over.join(bought, on="customer_id").filter(in_time).select("_start").unique()
    found = over.join(
        back.with_columns(reactivated=True), on="_start", how="left", maintain_order="left"
    )
    return found.drop("_start").with_columns(pl.col("reactivated").fill_null(value=False))


def without_plan(warned: pl.LazyFrame, planned: pl.LazyFrame) -> pl.LazyFrame:
    """The warned customers to compare with: nobody began a plan for them around that time.

    They must have been written down when they were warned (`reviews`): who is still warned today
    has, by that alone, not come back.

    Args:
        warned: customer_id, from_on (the day they were written down).
        planned: customer_id, from_on (the day a plan began).

    Returns:
        The rows of `warned`, in order, without those of customers for whom a plan began within 90
        days before or after.
    """
    numbered = warned.with_row_index("_start")
    began = planned.select("customer_id", _began="from_on")
    apart = (pl.col("_began") - pl.col("from_on")).abs()
    helped = numbered.join(began, on="customer_id").filter(apart <= reactivation_time())
    rest = numbered.join(helped, on="_start", how="anti", maintain_order="left")
    return rest.drop("_start")


def reactivation_measures() -> dict[str, pl.Expr]:
    """Whether following up helps, over `reactivations` of both groups.

    reactivation = customers who ordered within 90 days ÷ starts whose 90 days are over, of those
    with a plan (S3 4.4 bm_red_alert_reactivation, S0 winback_rate); unhelped is the same of those
    without; advantage = reactivation − unhelped, with Newcombe's interval. Who is followed up was
    not drawn by lot, so the difference goes with the plan and need not come from it.

    Returns:
        Over rows with `reactivated` and `planned`: reactivation and unhelped, each with _low, _high
        (Wilson) and _n; advantage with _low and _high (-1 to 1); null where a group is empty.
    """
    back, planned = pl.col("reactivated"), pl.col("planned")
    parts = count(planned & back), count(planned), count(~planned & back), count(~planned)
    low, high = intervals.difference(*parts)
    return {
        **intervals.share("reactivation", *parts[:2]),
        "reactivation_n": parts[1],
        **intervals.share("unhelped", *parts[2:]),
        "unhelped_n": parts[3],
        "advantage": ratio(parts[0], parts[1]) - ratio(parts[2], parts[3]),
        "advantage_low": low,
        "advantage_high": high,
    }
