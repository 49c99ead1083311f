"""What must be changed now: campaigns to adjust, tasks, reviews and plans that are open."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import campaigns
from dashboard.view import View
from metrics.campaigns.plan import OVERDUE, WAITING

ADJUST, TASK, OWNER, REVIEW, PLAN = "adjust", "task", "owner", "review", "plan"
KINDS = (ADJUST, TASK, OWNER, REVIEW, PLAN)


@data.once
def actions(view: View) -> pl.DataFrame:
    """What is open, what is latest first within each kind; kinds in the order of `KINDS`.

    adjust: participation of a running campaign is below its trigger and nothing was changed since;
    task: its last planned day is over and it is not done; owner: a task that is not done has
    none; review: an ended campaign was not reviewed in its time; plan: a campaign that runs, or
    is to come, does not say all that a plan must.

    Returns:
        kind, campaign_id, campaign, what (name of the task; null for the others), lacking (the
        fields that a plan lacks; null for the others), share (participation so far, for adjust),
        owner, due_on, late_days (0 while there is time; null without a day).
    """
    as_of = data.as_of(view, campaigns.CAMPAIGNS)
    running = campaigns.plans(view).filter(
        pl.col("ends_on").is_null() | (pl.col("ends_on") >= as_of)
    )
    low = campaigns.triggers(view).filter(pl.col("state").is_in((OVERDUE, WAITING)))
    now = campaigns.days(view).group_by("campaign_id", maintain_order=True).last()
    now = now.select("campaign_id", share="participation")
    low = low.join(running, on="campaign_id", how="semi").join(now, on="campaign_id", how="left")
    low = low.filter(pl.col("share") < pl.col("threshold"))
    low = low.unique("campaign_id", keep="last", maintain_order=True)
    tasks = campaigns.tasks(view)
    late = tasks.filter(pl.col("state") == OVERDUE)
    nobody = tasks.filter(pl.col("owner").is_null() & pl.col("ended_on").is_null())
    reviews = campaigns.reviews(view).filter(pl.col("state") == OVERDUE)
    gaps = running.filter(pl.col("lacking").list.len() > 0)
    task = {"what": "name", "due_on": "planned_end_on", "campaign": "campaign", "owner": "owner"}
    found = [
        _rows(ADJUST, low, campaign="name", share="share", due_on="due_on"),
        _rows(TASK, late, **task),
        _rows(OWNER, nobody, **task),
        _rows(REVIEW, reviews, campaign="name", due_on="due_on"),
        _rows(PLAN, gaps, campaign="name", lacking="lacking", due_on="starts_on"),
    ]
    late_days = (pl.lit(as_of) - pl.col("due_on")).dt.total_days().clip(0)
    rank = pl.col("kind").replace_strict({kind: place for place, kind in enumerate(KINDS)})
    return (
        pl.concat(found)
        .with_columns(late_days=late_days)
        .sort(rank, "due_on", "campaign_id", descending=[False, True, False], nulls_last=True)
    )


_SCHEMA = {
    "campaign": pl.String(),
    "what": pl.String(),
    "lacking": pl.List(pl.String),
    "share": pl.Float64(),
    "owner": pl.String(),
    "due_on": pl.Date(),
}


def _rows(kind: str, rows: pl.DataFrame, **columns: str) -> pl.DataFrame:
    told = {
        name: pl.col(columns[name]) if name in columns else pl.lit(None, dtype)
        for name, dtype in _SCHEMA.items()
    }
    return rows.select("campaign_id", kind=pl.lit(kind), **told)
