"""What the page of care asks: which touches were made in time, what is due, what is overdue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import cross_sell, follow_ups, gaps
from dashboard.answers.over_time import Asked, Topic, by_grain, days_of, reading, readings
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import touches
from metrics.calendar import Grain
from metrics.measure import count, measure
from metrics.tiers.scheme import scheme
from metrics.touches import KEPT, STATES

MART = "touch_facts"
CODES = tuple(touch.code for touch in touches.touches())
_TO_THE_TOP = tuple(touch.code for touch in touches.touches("announcement"))
_OCCASIONS = tuple(touch.code for touch in touches.touches("occasion"))
OPEN = ("overdue", "due")
_SHARES: dict[str, tuple[tuple[str, ...], str]] = {
    "thank_you_on_time": (("thank_you",), "on_time"),
    "need_follow_up_on_time": (("need_follow_up",), "on_time"),
    "need_survey_on_time": (("need_survey",), "on_time"),
    "care_on_time": (_OCCASIONS, "on_time"),
    "wechat_care_on_time": (("wechat_care",), "on_time"),
    "need_follow_up_tried": (("need_follow_up",), "tried_share"),
    "need_survey_tried": (("need_survey",), "tried_share"),
    "birthday_on_time": (("birthday",), "on_time"),
    "holiday_on_time": (("holiday",), "on_time"),
    "purchase_anniversary_on_time": (("purchase_anniversary",), "on_time"),
}
_CARDS = ("touches_overdue", "touches_due", *tuple(_SHARES)[:5])
_ELSEWHERE = ("win_back_on_time", "recheck_on_time")


def owed(view: View) -> Topic:
    """The touches, by the day of their limit: of the last 400 days, and those still to come."""
    earliest = data.first_day(view, MART, "due_on")
    rows = _owed(data.selected(view, MART), view)
    return Topic(rows, "due_on", data.as_of(view, "interactions"), earliest)


def _owed(facts: pl.LazyFrame, view: View) -> pl.LazyFrame:
    """Those that the scheme of the view asks for: some are owed to its top tier alone."""
    at_the_top = pl.col("tier") == scheme(view.scheme).codes[0]
    return facts.filter(~pl.col("touch").is_in(_TO_THE_TOP) | at_the_top)


def _counted(view: View) -> pl.LazyFrame:
    return _owed(data.counted(view, MART), view)


def cells(view: View) -> Topic:
    """Counts instead of touches, per day and touch; kept for every period."""
    return replace(owed(view), rows=_cells(view.whenever()).lazy())


@data.answer
def _cells(view: View) -> pl.DataFrame:
    """One pass over the facts in memory for each set of filters."""
    of = ("touch", "due_on", "state", "tried", "tier")
    kinds = _owed(data.tally(view, MART, *of), view)
    each = kinds.group_by(*of, "rows").agg(**KEPT.stored("one_"))  # what a touch counts as
    counts = {name: (pl.col(f"one_{name}") * pl.col("rows")).sum() for name in KEPT.counts}
    return each.group_by("touch", "due_on").agg(**counts).collect()


_ROLLED = KEPT.rolled_up()


def of(view: View, *codes: str) -> Topic:
    """The counts of some touches."""
    about = cells(view)
    return replace(about, rows=about.rows.filter(pl.col("touch").is_in(codes)))


@data.once
def recorded(view: View) -> tuple[str, ...]:
    """The touches that the CRM lets us judge at all, in the order of the rules."""
    found = data.frame(view, MART).select(pl.col("touch").unique()).collect()["touch"]
    return tuple(code for code in CODES if code in set(found))


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of all touches: shares in time, of those tried, and how many are open now."""
    now = cells(view).rows.select(pl.col(OPEN).sum(), n=pl.col("judged").sum()).collect()
    open_now = {f"touches_{state}": Reading(now[state].item()) for state in OPEN}
    if not recorded(view):
        open_now = dict.fromkeys(open_now, unavailable("no_table", "interactions"))
    return {**open_now, **_shares(view)}


def cards(view: View) -> dict[str, Reading]:
    """The readings of the cards."""
    readings = headline(view)
    return {key: readings[key] for key in _CARDS}


def every(view: View) -> dict[str, Reading]:
    """All measures of care, also those of follow-ups, which have a page of their own."""
    elsewhere = follow_ups.headline(view)
    also = {key: elsewhere[key] for key in _ELSEWHERE}
    return {**headline(view), **cross_sell.headline(view), **also}


def _shares(view: View) -> dict[str, Reading]:
    about = cells(view)
    asked: dict[str, Asked] = {}
    for key, (codes, figure) in _SHARES.items():
        some = KEPT.rolled_up(where=pl.col("touch").is_in(codes))
        asked[key] = Asked(some, figure, ("judged",), "no_touches")
    before, year_ago = map(about.known, view.earlier(about.period(view)))
    return {
        key: replace(
            found,
            previous=found.previous if before else None,
            last_year=found.last_year if year_ago else None,
        )
        for key, found in readings(about, view, asked).items()
    }


@data.answer
def by_touch(view: View) -> pl.DataFrame:
    """Touches of the period, least in time first: touch, counts, shares with intervals."""
    about = cells(view)
    inside = about.rows.filter(about.period(view).holds(pl.col(about.day)))
    return (
        measure(inside, "touch", **_ROLLED.over_rows())
        .filter(pl.col("judged") > 0)
        .sort("on_time", "touch")
        .collect()
    )


@data.answer
def in_period(view: View) -> Reading:
    """All touches of the period together."""
    return reading(cells(view), _ROLLED, view, figure="on_time", n=("judged",), reason="no_touches")


@data.answer
def over_time(view: View, code: str) -> pl.DataFrame:
    """One touch by month of its limit: bucket, counts, shares with intervals, complete."""
    return by_grain(of(view, code), _ROLLED, view, Grain.MONTH)


@data.answer
def by_owner(view: View) -> pl.DataFrame:
    """Touches open now by the customers' owners, most overdue first: owner_id, overdue, due."""
    kinds = _owed(data.tally(view, MART, "touch", "state", "tier", "owner_id"), view)
    states = {
        state: pl.col("rows").filter(pl.col("state") == state).sum().cast(pl.Int64)
        for state in OPEN
    }
    rows = measure(kinds, "owner_id", **states)
    return (
        rows.filter(pl.sum_horizontal(OPEN) > 0)
        .sort("overdue", "due", "owner_id", descending=[True, True, False], nulls_last=True)
        .collect()
    )


@data.once
def owners(view: View) -> dict[str, str | None]:
    """The names of employees by id."""
    rows = data.frame(view, "employees").select("employee_id", "name").collect()
    return dict(rows.iter_rows())


@dataclass(frozen=True, slots=True)
class Cut:
    """Which touches.

    Attributes:
        touch: Its code; empty for all.
        state: One of STATES.
        point: First day of a month in ISO format, or the whole period; empty for any time.
        owner: The owner's id, None for nobody's; empty for all.
    """

    touch: str
    state: str
    point: str = ""
    owner: str | None = ""


def _cut(view: View, cut: Cut, rows: pl.LazyFrame) -> pl.LazyFrame:
    if cut.touch:
        rows = rows.filter(pl.col("touch") == cut.touch)
    if cut.point:
        days = days_of(owed(view), view, Grain.MONTH, cut.point)
        rows = rows.filter(days.holds(pl.col("due_on")))
    if cut.owner != "":
        rows = rows.filter(pl.col("owner_id").eq_missing(pl.lit(cut.owner, pl.String)))
    return rows


@data.answer
def counted(view: View, cut: Cut) -> dict[str, int]:
    """How many touches of a cut there are in each state, whatever its own."""
    rows = _cut(view, cut, _counted(view))
    states = {state: count(pl.col("state") == state) for state in STATES}
    return rows.select(**states).collect().row(0, named=True)


def listed(view: View, cut: Cut) -> pl.LazyFrame:
    """The touches of a cut: what is still open the longest past its limit first.

    What is over comes latest first. At 2 million customers a page reads the mart once from disk,
    some 5 million rows of the 400 days; state, owner and dates narrow it before it is sorted.
    """
    rows = _cut(view, cut, owed(view).rows).filter(pl.col("state") == cut.state)
    latest = cut.state not in (*OPEN, "running")
    zone = data.time_zone().key
    local = {
        name: pl.col(f"{name}_at").dt.convert_time_zone(zone)
        for name in ("triggered", "due", "tried", "done")
    }
    order = rows.sort("due_at", "touch", "customer_id", descending=[latest, False, False])
    return order.with_columns(**local)


def today(view: View) -> date:
    """The day on which what is open is judged."""
    return owed(view).as_of
