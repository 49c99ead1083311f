"""Will we make it: whether a target is met at the end of the month, the quarter or the year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import budget, budget_choice, gaps, lifecycle, service, voice
from dashboard.answers.budget_choice import LINES
from dashboard.answers.over_time import Topic
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import outlook
from metrics.calendar import Grain, first_day, next_bucket
from metrics.catalog import KPIS
from metrics.csat import CSAT
from metrics.nps import NPS
from metrics.outlook import Outlook
from metrics.purchase_days import has_bought
from metrics.rules import load
from metrics.selection import Period
from metrics.spending import Spending, spending_chance
from metrics.trends import Additive

Kinds = Callable[[Mapping[str, int]], tuple[int, ...]]
ENDS = {"month": Grain.MONTH, "quarter": Grain.QUARTER, "year": Grain.YEAR}
_DAY, _YEAR = timedelta(days=1), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is foreseen of one target.

    Attributes:
        until: The last day of the period.
        days_left: Days of it still to come.
        chance: Probability that the target is met; None if nothing can be told.
        counted: Of measures that are counted; None for a budget.
        spending: Of a budget.
        currency: Of a budget.
        missing: Why nothing can be told.
    """

    until: date
    days_left: int
    chance: float | None = None
    counted: Outlook | None = None
    spending: Spending | None = None
    currency: str = ""
    missing: Reading | None = None


def ahead(view: View, end: str) -> dict[str, Ahead]:
    """The outlook of NPS, CSAT, retention, attainment and budget, the least likely first."""
    sla = "source_sla" if _by_source(view) else "sla_attainment"
    asked: Mapping[str, Callable[[View, str], Ahead]] = {
        "nps": lambda each, until: _answers(each, until, "nps"),
        "csat": lambda each, until: _answers(each, until, "csat"),
        "annual_retention": _retention,
        sla: _tickets,
        "budget_variance": _budget,
    }
    found = {key: _gap(view, key) or ask(view.whenever(), end) for key, ask in asked.items()}
    return dict(sorted(found.items(), key=lambda item: _order(item[1])))


def _order(found: Ahead) -> float:
    return 2.0 if found.chance is None else found.chance


def _gap(view: View, key: str) -> Ahead | None:
    lacking = gaps.gap(view, key)
    return None if lacking is None else Ahead(date.min, 0, missing=lacking)


def _by_source(view: View) -> bool:
    return data.present(view, service.TABLE) and service.SOURCE in service.clocks(view)


def _target(key: str) -> float:
    target = KPIS[key].target
    if target is None:
        raise LookupError(f"{key} has no target to be met")
    return target.value


def period(as_of: date, end: str) -> tuple[Period, int]:
    """The month, quarter or year of a day, and its days still to come."""
    first = first_day(as_of, ENDS[end])
    after = next_bucket(first, ENDS[end])
    return Period(first, after), (after - as_of).days - 1


@dataclass(frozen=True, slots=True)
class _Lately:
    """What came before the end of the data: by kind in the last days, and how it drifts."""

    learnt: tuple[int, ...]
    days: int
    dispersion: float


def _counted(topic: Topic, what: Additive, days: Period) -> dict[str, int]:
    rows = topic.rows.filter(days.holds(pl.col(topic.day)))
    return rows.select(**what.counts).collect().row(0, named=True)


def _lately(topic: Topic, what: Additive, scores: tuple[int, ...], kinds: Kinds) -> _Lately:
    """Stretches of 30 days back from the end of the data, the last three to foresee the rest by."""
    rule = load("outlook")["recent"]
    length = rule["stretch_days"]
    back = (pl.lit(topic.as_of) - pl.col(topic.day)).dt.total_days() // length
    rows = (
        topic.rows.with_columns(_back=back)
        .filter(pl.col("_back").is_between(0, rule["stretches"] - 1))
        .group_by("_back")
        .agg(**what.counts)
        .collect()
    )
    stretches = {row["_back"]: kinds(row) for row in rows.iter_rows(named=True)}
    last = [counts for place, counts in stretches.items() if place < rule["days"] // length]
    learnt = tuple(map(sum, zip(*last, strict=True))) if last else (0,) * len(scores)
    known = (topic.as_of - topic.earliest).days + 1
    return _Lately(learnt, min(rule["days"], known), outlook.dispersion(scores, stretches.values()))


@data.answer
def _answers(view: View, end: str, key: str) -> Ahead:
    """Answers of the period, and of the last 90 days."""
    topic = replace(voice.answers(view), rows=data.counted(view, voice.MART))
    what, scores, scale = (NPS, outlook.NET, 100) if key == "nps" else (CSAT, outlook.SHARE, 1)

    def kinds(counts: Mapping[str, int]) -> tuple[int, ...]:
        if key == "nps":
            return counts["promoters"], counts["passives"], counts["detractors"]
        return counts["satisfied"], counts["rated"] - counts["satisfied"]

    days, left = period(topic.as_of, end)
    so_far, lately = kinds(_counted(topic, what, days)), _lately(topic, what, scores, kinds)
    rest = outlook.expected(sum(lately.learnt), lately.days, left)
    target = _target(key) / scale
    return _told(
        days, left, Outlook(scores, so_far, lately.learnt, rest, target, lately.dispersion)
    )


@data.answer
def _tickets(view: View, end: str) -> Ahead:
    """Tickets decided; those still due, and as many as came of late, are to come."""
    known = service.clocks(view)
    if not known:
        return Ahead(date.min, 0, missing=unavailable("no_policy"))
    source = service.SOURCE in known
    topic, how = service.cells(view), service.verdict(service.SOURCE if source else "overall")

    def kinds(counts: Mapping[str, int]) -> tuple[int, ...]:
        return counts[how.met], counts[how.missed]

    days, left = period(topic.as_of, end)
    counts, lately = (
        _counted(topic, how.what, days),
        _lately(topic, how.what, outlook.SHARE, kinds),
    )
    rest = outlook.expected(sum(lately.learnt), lately.days, left) + counts.get("due", 0)
    target = _target("source_sla" if source else "sla_attainment")
    return _told(
        days,
        left,
        Outlook(outlook.SHARE, kinds(counts), lately.learnt, rest, target, lately.dispersion),
    )


@data.answer
def _retention(view: View, end: str) -> Ahead:
    """Customers of the year before: those who are back, and the others, as they came a year ago.

    At the end of the period the base is known today, if that is less than a year away: who bought
    from two years to one year before it. Of those not yet back so many come in the days left as
    did in the same days a year earlier.
    """
    as_of = data.as_of(view, "orders")
    days, left = period(as_of, end)
    if lifecycle.judged(view) != view:
        return Ahead(days.end - _DAY, left, missing=unavailable("outlook_by_today"))
    earliest = data.first_day(view, lifecycle.MART, "first_order_on")
    last = days.end - _DAY
    if last - 3 * _YEAR < earliest:
        return Ahead(last, left, missing=unavailable("short_three_years"))
    rows = data.selected(view, "purchase_days")
    columns = rows.collect_schema().names()

    def counts(until: date, today: date) -> dict[str, pl.Expr]:
        base = has_bought(columns, Period(until - 2 * _YEAR + _DAY, until - _YEAR + _DAY))
        back = has_bought(columns, Period(until - _YEAR + _DAY, today + _DAY))
        later = has_bought(columns, Period(today + _DAY, until + _DAY))
        waiting = base & ~back
        return {"back": base & back, "waiting": waiting, "came": waiting & later}

    asked = {"now": counts(last, as_of), "then": counts(last - _YEAR, as_of - _YEAR)}
    sums = {
        f"{name}_{kind}": holds.sum().cast(pl.Int64)
        for name, kinds in asked.items()
        for kind, holds in kinds.items()
    }
    found = rows.select(**sums).collect().row(0, named=True)
    learnt = found["then_came"], found["then_waiting"] - found["then_came"]
    waiting = found["now_waiting"] if left else 0
    so_far = found["now_back"], found["now_waiting"] - waiting
    target = _target("annual_retention")
    return _told(days, left, Outlook(outlook.SHARE, so_far, learnt, waiting, target))


def _told(days: Period, left: int, found: Outlook) -> Ahead:
    chance = outlook.chance(found)
    missing = unavailable("outlook_nothing") if chance is None else None
    return Ahead(days.end - _DAY, left, chance, found, missing=missing)


@data.answer
def _budget(view: View, end: str) -> Ahead:
    """The budget year of the largest running budget, whatever end is asked about."""
    del end
    budget_id = budget_choice.default(view) if data.present(view, LINES, "budgets") else None
    if budget_id is None:
        return Ahead(date.min, 0, missing=unavailable("no_budget"))
    what = budget_choice.part(view, budget_id)
    if what.chosen.by_year:
        return Ahead(what.shown.end - _DAY, 0, missing=unavailable("outlook_by_year"))
    months = budget.over_time(view, budget_id).filter(
        pl.col("month").is_between(what.shown.start, what.shown.end - _DAY)
    )
    done = months.filter(pl.col("phase") == "complete")
    rest = months.filter(pl.col("phase") != "complete")
    year = Spending(
        tuple(done["planned"]),
        tuple(done["actual"]),
        int(rest["planned"].sum()),
        _target("budget_variance"),
    )
    chance = spending_chance(year)
    missing = unavailable("outlook_few_months") if chance is None else None
    last = what.shown.end - _DAY
    left = max((last - what.as_of).days, 0)
    return Ahead(last, left, chance, spending=year, currency=what.chosen.currency, missing=missing)
