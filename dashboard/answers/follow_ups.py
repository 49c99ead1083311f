"""What the page of follow-ups asks: what is due, what was in time, who came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import polars as pl

from dashboard import data
from dashboard.answers import casework, gaps
from dashboard.answers.casework import State
from dashboard.reading import Reading, unavailable
from dashboard.settings import now
from dashboard.view import View
from data_access.workspace.records import OPEN
from metrics import follow_up
from metrics.reactivation import reactivation_measures

# The time until a step is due, negative if it was: the upper bounds, excluded.
_BOUNDS = {
    "week_late": timedelta(days=-7),
    "days_late": timedelta(days=-1),
    "hours_late": timedelta(),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
AGES = (*_BOUNDS, "later", "to_close")
"""How late the next step of a plan is; the last has none left and waits for its outcome."""
LATE = ("week_late", "days_late", "hours_late")
_SHARES = {
    "win_back_on_time": ("on_time", "no_warned_case"),
    "recheck_on_time": ("rechecked", "no_old_plan"),
    "plan_completion": ("complete", "no_old_plan"),
}


def _moment() -> datetime:
    """When everything on the page is judged: this minute, so that lists and counts agree."""
    return now().replace(second=0, microsecond=0)


@data.answer
def _chosen(view: View, state: State) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Cases, steps and `followed` of the chosen customers."""
    told = (casework.cases, casework.steps, casework.followed)
    cases, steps, followed = (casework.chosen(view, each(view, state)) for each in told)
    return cases, steps, followed


def is_empty(view: View) -> bool:
    """Whether nobody of the chosen customers has ever been followed up."""
    return _chosen(view, casework.state())[0].is_empty()


@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of the cards, by KPI: of all plans so far, judged now."""
    return _headline(view, casework.state(), _moment())


@data.answer
def _headline(view: View, state: State, at: datetime) -> dict[str, Reading]:
    cases, steps, _ = _chosen(view, state)
    made = follow_up.followed_up(cases.lazy(), steps.drop("customer_id").lazy())
    every = pl.concat([made, _unattended(view, state, cases).lazy()], how="diagonal")
    measures = follow_up.process_measures(at, begun=_begun(view, state))
    row = every.select(**measures).collect().row(0, named=True)
    back = _reactivation(view, state)
    return {
        "open_plans": Reading(row["open_plans"]),
        "overdue_plans": Reading(row["overdue_plans"], n=row["open_plans"]),
        **{key: _share(row, *each) for key, each in _SHARES.items()},
        "reactivation": _share(back, "reactivation", _no_order_asked(back)),
    }


def _begun(view: View, state: State) -> datetime | None:
    """When the first case of all was opened, whoever is chosen."""
    return cast("datetime | None", casework.cases(view, state)["opened_at"].min())


def _no_order_asked(back: Mapping[str, Any]) -> str:
    """Why nobody's order can be judged: no plan is old enough, or those are all under contract."""
    return "only_contracts" if back["kept_n"] else "no_old_plan"


def _unattended(view: View, state: State, cases: pl.DataFrame) -> pl.DataFrame:
    """The warned whom nobody followed up, since anybody began to, chosen or not."""
    warned = data.customers(view).drop_nulls("warned_on")
    known = warned.select("customer_id", "warned_on").collect()
    moments = {
        day: follow_up.warned_at(day, data.time_zone()).astimezone(UTC)
        for day in known["warned_on"].unique()
    }
    at = pl.col("warned_on").replace_strict(moments, return_dtype=pl.Datetime("us", "UTC"))
    rows = known.lazy().select("customer_id", warned_at=at)
    return follow_up.unattended(rows, cases.lazy(), begun=_begun(view, state)).collect()


def _share(row: Mapping[str, Any], name: str, missing: str) -> Reading:
    if row[name] is None:
        return unavailable(missing)
    return Reading(row[name], n=row[f"{name}_n"], low=row[f"{name}_low"], high=row[f"{name}_high"])


def reactivation(view: View) -> Mapping[str, Any]:
    """The measures of `reactivation_measures`, as of the end of the orders.

    Compared with customers who were on a worklist with a warning, when nobody began a plan.
    """
    return _reactivation(view, casework.state())


@data.answer
def _reactivation(view: View, state: State) -> Mapping[str, Any]:
    rows = casework.chosen(view, casework.reactivations(view, state))
    compared = rows.filter(pl.col("planned") | pl.col("warning").is_not_null())
    return compared.select(**reactivation_measures()).row(0, named=True)


def _running(view: View) -> pl.DataFrame:
    """The open plans: `followed` with age, a code of AGES."""
    begun = (pl.col("case_state") == OPEN) & pl.col("plan_started_at").is_not_null()
    left = pl.col("due_at") - _moment()
    age = pl.when(left.is_null()).then(pl.lit("to_close")).otherwise(pl.lit("later"))
    for code, bound in reversed(_BOUNDS.items()):
        age = pl.when(left < bound).then(pl.lit(code)).otherwise(age)
    return _chosen(view, casework.state())[2].filter(begun).with_columns(age=age)


def ageing(view: View) -> pl.DataFrame:
    """How many plans are open, by how late their next step is.

    Returns:
        One row per code of AGES, in their order: age, plans.
    """
    counts = _running(view).group_by("age").agg(plans=pl.len().cast(pl.Int64))
    every = pl.DataFrame({"age": list(AGES)})
    return every.join(counts, on="age", how="left", maintain_order="left").with_columns(
        pl.col("plans").fill_null(0)
    )


def due(view: View, age: str = "") -> pl.LazyFrame:
    """The open plans, the most overdue first, those without a step to do last.

    Args:
        view: The reader's view.
        age: Only those of a code of AGES.

    Returns:
        One row per customer: those of `followed` with age; name, owner_id (who does the step),
        tier, revenue_at_risk.
    """
    rows = _running(view)
    rows = rows.filter(pl.col("age") == age) if age else rows
    mart = casework.of(data.frame(view, "customer_mart"), rows).select(
        "customer_id", "name", "tier", "revenue_at_risk", crm_owner_id="owner_id"
    )
    whose = pl.coalesce("step_owner_id", "assigned_to", "crm_owner_id")
    joined = rows.lazy().join(mart, on="customer_id", how="left", validate="1:1")
    return joined.with_columns(owner_id=whose).sort("due_at", "customer_id", nulls_last=True)


def decided_by(view: View) -> tuple[View, State, datetime]:
    """What the rows of `due` follow from, for the pages of a list."""
    return view, casework.state(), _moment()
