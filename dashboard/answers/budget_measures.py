"""Every measure of how a budget is controlled, beside the cards of the page."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from dashboard import data
from dashboard.answers import budget_control as control
from dashboard.answers import budget_funds as funds
from dashboard.answers import gaps
from dashboard.answers.budget_choice import budgets, part
from dashboard.answers.budget_headline import headline
from dashboard.answers.over_time import SPARK_MONTHS
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, is_complete


@data.answer
def every(view: View, code: str | None) -> dict[str, Reading]:
    """The cards and all other measures of the area that this page tells."""
    asked = {key: gaps.gap(view, key) or _asked(view, code, key) for key in _ASKED}
    return dict(headline(view, code)) | asked


def _asked(view: View, code: str | None, key: str) -> Reading:
    if code is None:
        return unavailable("no_budget")
    return _ASKED[key](view, code)


def _share(told: tuple[int, int], reason: str) -> Reading:
    part_, whole = told
    return Reading(part_ / whole, n=whole) if whole else unavailable(reason)


def _whole_units(amount: float) -> float:
    return amount / 10 ** settings().money_scale


def _pace(view: View, code: str) -> Reading:
    found, chosen = control.pace(view, code), budgets(view)[code]
    if found is None:
        return unavailable("short_pace")
    return Reading(found.forecast, low=found.low, high=found.high, currency=chosen.currency)


def _blocks(view: View, code: str) -> Reading:
    rows = control.blocks(view, code)
    if rows.is_empty():
        return unavailable("no_blocks")
    return Reading(rows.filter(pl.col("state") != "fits").height, n=rows.height)


def _investigated(view: View, code: str) -> Reading:
    rows = control.deviations(view, code)
    found = rows.filter(pl.col("inquiry") != "none").height
    return _share((found, rows.height), "nothing_deviates")


def _approved(view: View, code: str) -> Reading:
    return _share(control.judged(control.approvals(view, code)), "none_recorded")


def _operating(view: View, code: str) -> Reading:
    """The highest month of daily operations among the complete months compared."""
    chosen, rows = budgets(view)[code], control.approvals(view, code)
    if chosen.currency != settings().currency:
        return unavailable("other_currency")
    over = is_complete(pl.col("month"), Grain.MONTH, as_of=part(view, code).as_of)
    months = rows.filter(over).group_by("month").agg(pl.col("running").last()).sort("month")
    if months.is_empty():
        return unavailable("no_complete_month")
    spent = [_whole_units(each) for each in months["running"]]
    return Reading(max(spent), n=months.height, trend=tuple(spent[-SPARK_MONTHS:]))


def _fixed(view: View, code: str) -> Reading:
    """The highest complete month of the days compared."""
    what, rows = part(view, code), control.fixed(view, code)
    if what.chosen.currency != settings().currency:
        return unavailable("other_currency")
    done = rows.filter("complete")
    inside = done.filter(pl.col("month").is_between(what.compared.start, what.compared.end, "left"))
    if inside.is_empty():
        return unavailable("none_recorded")
    trend = tuple(_whole_units(each) for each in done["amount"].tail(SPARK_MONTHS))
    highest = _whole_units(inside["amount"].max())  # pyright: ignore[reportArgumentType]
    return Reading(highest, n=inside.height, trend=trend)


def _decided(view: View, code: str) -> Reading:
    return _share(control.judged(control.decisions(view, code)), "no_decisions")


def _checked(view: View, _code: str) -> Reading:
    """Checks held in time, of those whose day is over or that were held."""
    rows = control.checks(view).filter(~pl.col("kind").is_in(control.REPORTS))
    due = pl.sum_horizontal("on_time", "late", "missed").sum()
    return _share(rows.select(pl.col("on_time").sum(), due=due).row(0), "no_budget_check_due")


def _reports(view: View, _code: str) -> Reading:
    rows = control.checks(view).filter(pl.col("kind").is_in(control.REPORTS))
    due = pl.sum_horizontal("held", "missed").sum()
    return _share(rows.select(pl.col("held").sum(), due=due).row(0), "no_budget_check_due")


def _rolling(view: View, code: str) -> Reading:
    return _share(control.quarters(view, code), "no_complete_month")


def _earmark(purpose: str) -> Callable[[View, str], Reading]:
    def read(view: View, code: str) -> Reading:
        row = funds.earmarked(view, code).row(by_predicate=pl.col("purpose") == purpose, named=True)
        return unavailable("no_plan") if row["share"] is None else Reading(row["share"])

    return read


def _increase(view: View, code: str) -> Reading:
    now, before = (control.year_plan(view, code, back) for back in (0, 1))
    return Reading(now / before - 1) if before else unavailable("no_year_before")


def _cover(view: View, _code: str) -> Reading:
    return _share(funds.cover(view), "none_recorded")


def _premium(view: View, code: str) -> Reading:
    plan, rows = control.year_plan(view, code), funds.risks(view)
    if not plan:
        return unavailable("no_plan")
    paid = rows.drop_nulls("premium")
    return Reading(int(paid["premium"].sum()) / plan, n=paid.height)


def _uninsured(view: View, _code: str) -> Reading:
    rows = funds.risks(view).drop_nulls("surplus")
    if rows.is_empty():
        return unavailable("none_recorded")
    bare = rows.filter("insure", pl.col("insured").fill_null(0) == 0)
    return Reading(bare.height, n=rows.height)


_ASKED: dict[str, Callable[[View, str], Reading]] = {
    "budget_pace": _pace,
    "blocks_exceeded": _blocks,
    "deviations_investigated": _investigated,
    "approval_kept": _approved,
    "operating_month": _operating,
    "fixed_month": _fixed,
    "committee_kept": _decided,
    "triple_check": _checked,
    "fund_reports": _reports,
    "rolling_versions": _rolling,
    "competition_reserve": _earmark("competition"),
    "innovation_fund": _earmark("innovation"),
    "operations_increase": _increase,
    "insurance_cover": _cover,
    "premium_share": _premium,
    "risks_to_insure": _uninsured,
}
