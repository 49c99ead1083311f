"""The list of the churn risk page: what the reader wants of it, and who is on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from dashboard import data
from dashboard.answers import churn_follow_up, churn_risk
from dashboard.answers.churn_follow_up import Told
from dashboard.view import View
from metrics import nps
from metrics.churn.summary import leading_driver
from metrics.churn.warnings import LEVELS

# Column to sort by, strongest first, by kind of list and code in the address; the first is usual.
SORTS = {
    "risk": {
        "revenue_at_risk": "revenue_at_risk",
        "p90": "p90",
        "p30": "p30",
        "silent": "silent_days",
        "value": "revenue_12m",
        "contact": "last_contact_on",
    },
    "silence": {
        "share": "silence_share",
        "silent": "silent_days",
        "value": "revenue_12m",
        "contact": "last_contact_on",
    },
    "churned": {
        "total": "revenue_total",
        "silent": "silent_days",
        "value": "revenue_12m",
        "contact": "last_contact_on",
    },
}
_ASCENDING = frozenset({"contact"})  # never contacted, then whoever waits longest, come first
NPS = (nps.DETRACTOR, nps.PASSIVE, nps.PROMOTER, "none")
WARNINGS = (*LEVELS, "none")
TICKETS = ("1", "2", "5")  # at least so many open ones
_REASON = (
    "silent_days",
    "usual_gap_days",
    "unanswered_streak",
    "last_nps",
    "purchases",
    "purchases_12m",
    "open_complaints",
    "contract_days",
    "contract_ends_on",
    "contract_ended_on",
)
Bounds = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants of the list, beside the filters of the whole page.

    Attributes:
        kind: risk (p90 above 0 and at least `minimum`), silence (not churned, longest silence
            against the own threshold first) or churned.
        sort: A code of SORTS.
        minimum: Least p90, 0 to 1.
        search: Part of a name or the beginning of an id; case does not matter.
        silent: Days since the last purchase, from and to, both inclusive.
        value: Revenue of 12 months in minor units, from and to, both inclusive.
        tickets: Least number of open tickets.
        nps: Kinds of the last answer, of `NPS`; none: never answered.
        warning: Levels of the early warning, of `WARNINGS`; none: no warning.
        follow_up: Where the follow-up stands, of `churn_follow_up.STATES`.
        told: Which follow-ups are told of; None if none can be: then all customers are without.
    """

    kind: str
    sort: str
    minimum: float = 0.0
    search: str = ""
    silent: Bounds = (None, None)
    value: Bounds = (None, None)
    tickets: int = 0
    nps: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()
    follow_up: tuple[str, ...] = ()
    told: Told | None = None


def totals(view: View, choice: Choice) -> tuple[int, int, int]:
    """How many the list holds, their revenue at risk, and their revenue of 12 months."""
    return _totals(view, choice if choice.follow_up else replace(choice, told=None))


@data.answer
def _totals(view: View, choice: Choice) -> tuple[int, int, int]:
    sums = pl.col("revenue_at_risk", "revenue_12m").sum()
    return _kept(view, choice).select(pl.len(), sums).collect().row(0)  # pyright: ignore[reportReturnType]


def listed(view: View, choice: Choice) -> pl.LazyFrame:
    """The list: who may leave, who has left, or (without a model) who is silent for long.

    Returns:
        Rows of the customer mart with reason (struct), reason_rhythm (the same), reason_code
        (silence if nothing else leads and it is longer than usual), silence_share (silent ÷
        threshold), back_90 (churned: chance of a purchase within 90 days; null where the end of a
        contract has made the customer churned) and the columns of
        `churn_follow_up.beside`; strongest first, ties by id.
    """
    share = pl.col("silent_days") / pl.col("tau_days")  # a threshold is never 0
    rows = _kept(view, choice)
    if choice.told is not None and not choice.follow_up:
        rows = churn_follow_up.beside(rows, view, choice.told)
    return (
        rows.with_columns(silence_share=share, back_90=1 - pl.col("silent_90"))
        .sort(
            SORTS[choice.kind][choice.sort],
            "customer_id",
            descending=[choice.sort not in _ASCENDING, False],
            nulls_last=choice.sort not in _ASCENDING,
        )
        .pipe(with_reasons)
        .with_columns(reason_rhythm="reason", reason_code=pl.col("reason").struct.field("driver"))
    )


def _kept(view: View, choice: Choice) -> pl.LazyFrame:
    rows = churn_risk.customers(view).filter(*_conditions(choice))
    if choice.told is None or not choice.follow_up:
        return rows
    followed = churn_follow_up.beside(rows, view, choice.told)
    return followed.filter(pl.col("follow_up").is_in(choice.follow_up))


def _conditions(choice: Choice) -> list[pl.Expr]:
    """One for each filter that is set; null never meets one."""
    match choice.kind:
        case "risk":
            # whoever is warned of is listed, also where the threshold is more than 90 days away
            levels = [level for level in choice.warning if level != "none"]
            found = [(pl.col("p90") > 0) | pl.col("warning").is_in(levels)]
            found += [pl.col("p90") >= choice.minimum] if choice.minimum else []
        case "churned":
            found = [pl.col("churned")]
        case _:
            found = [~pl.col("churned")]
    found += _within("silent_days", choice.silent) + _within("revenue_12m", choice.value)
    if choice.tickets:
        found.append(pl.col("open_tickets") >= choice.tickets)
    if choice.nps:
        kind = nps.group(pl.col("last_nps")).fill_null("none")
        found.append(kind.is_in(choice.nps))
    if choice.warning:
        found.append(pl.col("warning").fill_null("none").is_in(choice.warning))
    if choice.search:
        found.append(named(choice.search))
    return found


def _within(column: str, bounds: Bounds) -> list[pl.Expr]:
    low, high = bounds
    found = [] if low is None else [pl.col(column) >= low]
    return found if high is None else [*found, pl.col(column) <= high]


def with_reasons(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Customers with reason: what a sentence about their first driver needs, as one struct."""
    driver = leading_driver().struct.field("driver")
    return rows.with_columns(reason=pl.struct(driver.alias("driver"), *_REASON))


def named(search: str) -> pl.Expr:
    """Whether the name holds, or the id begins with, what was typed; case does not matter."""
    wanted = re.escape(search.strip())
    name = pl.col("name").str.contains(f"(?i){wanted}")
    begins = pl.col("customer_id").str.contains(f"(?i)^{wanted}")
    return (name | begins).fill_null(value=False)
