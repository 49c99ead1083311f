"""Budgets in words: which days, how much, and which way a variance points."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard import i18n, kpi
from dashboard.answers.budget_choice import Budget, Slice
from dashboard.i18n import t
from dashboard.table import Column


def window(what: Slice) -> str:
    """The days compared, in words: `2026年1月–2026年10月`, or years."""
    last = min(what.compared.end - timedelta(days=1), _last_complete(what))
    first = max(what.compared.start, what.chosen.first)
    if what.chosen.by_year:
        words = (year_label(what, first), year_label(what, what.chosen.years.year_of(last)))
    else:
        words = (i18n.month(first), i18n.month(max(last, first)))
    return words[0] if words[0] == words[1] else f"{words[0]}–{words[1]}"


def _last_complete(what: Slice) -> date:
    """The last day of the last complete month of the data."""
    tomorrow = what.as_of + timedelta(days=1)
    return tomorrow.replace(day=1) - timedelta(days=1)


def year_label(what: Slice, start: date) -> str:
    """A budget year: `2022`, or `2022/23` where it does not begin in January."""
    if what.chosen.first.month == 1:
        return str(start.year)
    return f"{start.year}/{(start.year + 1) % 100:02d}"


def versioned(chosen: Budget) -> str:
    """The name of a budget, with the version of its plan unless it is the original."""
    if chosen.approved_on is None:
        return chosen.name
    day = i18n.short_day(chosen.approved_on)
    return t("budget.version", name=chosen.name, version=chosen.version, day=day)


def money_text(chosen: Budget, amount: float | None, *, sign: bool = False) -> str:
    """An amount in the budget's own currency."""
    return kpi.money(amount, sign=sign, currency=chosen.currency)


def unit(chosen: Budget) -> str:
    """The currency in words; a code of the source's own is told to be one."""
    if i18n.has_sign(chosen.currency):
        return chosen.currency
    return t("budget.own_unit", code=chosen.currency)


def bare(chosen: Budget, amount: float | None, *, sign: bool = False) -> str:
    """The same where the unit stands above: the code of an uncommon currency is left out."""
    return kpi.money(amount, sign=sign, currency=chosen.currency, code=False)


def money_column(name: str, words: str, chosen: Budget, *, sign: bool = False) -> Column:
    """A column of amounts; the heading tells a currency that has no sign."""
    heading = t(f"budget.column.{words}")
    if not i18n.has_sign(chosen.currency):
        heading = t("budget.column.with_unit", what=heading, unit=chosen.currency)
    return Column(name, heading, "money", sign=sign, currency=chosen.currency)


def completion_columns(chosen: Budget) -> list[Column]:
    """Where the budget year will end, against its full plan."""
    return [
        money_column("forecast", "forecast_at_end", chosen),
        money_column("forecast_variance", "forecast_variance", chosen, sign=True),
        Column("forecast_variance_share", t("budget.column.forecast_share"), "share", sign=True),
    ]


def judge(share: float | None, amount: float | None) -> str:
    """The colour of a variance: overspend is bad, underspend good, nothing neutral."""
    size = share if share is not None else amount
    if not size:
        return "neutral"
    return "bad" if size > 0 else "good"


def arrow(amount: float | None) -> str:
    """The sign that goes with the colour of a variance."""
    if not amount:
        return "→"
    return "↑" if amount > 0 else "↓"
