"""The contacts behind the contact page: those that a count counts, a month read at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import contact
from dashboard.answers.contact_named import TODAY, beside, local_time
from dashboard.answers.over_time import days_of
from dashboard.stretches import Stretches
from dashboard.view import View
from metrics.calendar import Grain, bucket, next_bucket, spine
from metrics.contact.flags import KNOWN, flagged
from metrics.contact.measures import SHARES
from metrics.contact.rule import fit, window
from metrics.contact.topics import PURPOSE, SCRIPT
from metrics.selection import DIMENSIONS, Period

_TOPICS = (SCRIPT, PURPOSE)
_KEPT = (
    *("interaction_id", "customer_id", *TODAY, "occurred_at", "direction", "purpose"),
    *("script", "employee_id", "responded", "ordered", "talk_minutes"),
)
_OWN = (pl.col("converted").alias("ordered"), (pl.col("talk_seconds") / 60).alias("talk_minutes"))
_TYPES = {"born_on": pl.Date(), "marketing_consent": pl.Boolean()}
_UNKNOWN = [
    pl.lit(None, _TYPES.get(name, pl.String())).alias(name) for name in (*KNOWN, *TODAY, "tier")
]
_BY_CUSTOMER = {
    *("consent_known", "unwanted", "channel_judged", "channel_fits", "content_judged"),
    *("content_fits", "positioning_judged", "positioning_fits", "offer_judged", "offer_fits"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """The contacts that one of some counts of `flags.COUNTS` counts, and one of others does not.

    Attributes:
        counted: The counts; none counts what another does.
        but: Counts of some of the same contacts.
    """

    counted: tuple[str, ...]
    but: tuple[str, ...] = ()

    def number(self) -> pl.Expr:
        """How many they are, over a roll-up."""
        plus, minus = (
            pl.sum_horizontal(pl.lit(0), *(pl.col(name).sum() for name in names))
            for names in (self.counted, self.but)
        )
        return (plus - minus).cast(pl.Int64)

    def holds(self) -> pl.Expr:
        """Whether a contact is one of them, over `flagged`."""
        yes, no = (
            pl.any_horizontal(pl.lit(value=False), *(_true(name) for name in names))
            for names in (self.counted, self.but)
        )
        return yes & ~no


def _true(name: str) -> pl.Expr:
    return pl.col(name).fill_null(value=False)


GROUPS: Mapping[str, Group] = {
    "all": Group(("outbound", "inbound")),
    "ours": Group(("outbound",)),
    "theirs": Group(("inbound",)),
    "two_way": Group(("inbound", "answered")),
    "answered": Group(("answered",)),
    "silent": Group(("judged",), ("answered",)),
    "delivered": Group(("delivered",)),
    "lost": Group(("traced",), ("delivered",)),
    "opened": Group(("opened",)),
    "unopened": Group(("delivered",), ("opened",)),
    "engaged": Group(("engaged",)),
    "unengaged": Group(("opened",), ("engaged",)),
    "acted": Group(("acted",)),
    "unacted": Group(("engaged",), ("acted",)),
    "clicked": Group(("clicked",)),
    "converted": Group(("converted",)),
    "unconverted": Group(("result_known",), ("converted",)),
    "by_rule": Group(("by_rule",)),
    "calls": Group(("calls",)),
    **{f"{key}.yes": Group((part,)) for key, (part, _) in SHARES.items()},
    **{f"{key}.no": Group((whole,), (part,)) for key, (part, whole) in SHARES.items()},
    "operation_fit.yes": Group(("offer_fits",)),
    "operation_fit.no": Group(("offer_judged",), ("offer_fits",)),
}
"""What can be asked for; `<measure>.yes` and `.no` are the part of a share and the rest of it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which contacts.

    Attributes:
        where: Columns with the value they must have: channel, a dimension, or one topic (script or
            purpose, of our contacts only). None is unknown.
        days: Other days than those of the period, which must begin and end with stretches.
    """

    where: tuple[tuple[str, str | None], ...] = ()
    days: Period | None = None


def month(view: View, first: date) -> Period:
    """A month of a chart that shows whole months, up to the end of the contacts."""
    end = contact.as_of(view) + timedelta(days=1)
    return Period(first, min(next_bucket(first, Grain.MONTH), end))


def point(view: View, code: str) -> Period:
    """A point of a trend by month, or the whole period; see `over_time.days_of`."""
    return days_of(contact.contacts(view), view, Grain.MONTH, code)


def _rolled(view: View, cut: Cut) -> pl.LazyFrame:
    """The roll-up of a cut, its counts by the names of `flags.COUNTS`."""
    (topic,) = [name for name, _ in cut.where if name in _TOPICS] or [""]
    chosen = contact.of_contacts(view)
    if topic:
        rows = data.selected(chosen, "contact_topics").filter(pl.col("kind") == topic)
        rows = rows.rename({"topic": topic, "sent": "outbound"})
    elif cut.where:
        rows = data.selected(chosen, contact.MART)
    else:
        rows = contact.contacts(view).rows
    return _where(rows, cut).filter(_days(view, cut).holds(pl.col("day")))


def _days(view: View, cut: Cut) -> Period:
    return contact.days(view) if cut.days is None else cut.days


def _where(rows: pl.LazyFrame, cut: Cut) -> pl.LazyFrame:
    for name, value in cut.where:
        rows = rows.filter(pl.col(name).eq_missing(pl.lit(value, pl.String)))
    return rows


@data.answer
def counted(view: View, cut: Cut, names: tuple[str, ...]) -> dict[str, int]:
    """How many contacts of a cut there are in some of `GROUPS`."""
    told = {name: GROUPS[name].number() for name in names}
    return _rolled(view, cut).select(**told).collect().row(0, named=True)


@data.answer
def _months(view: View, cut: Cut, name: str) -> list[tuple[date, int]]:
    """The months in which a cut has contacts of a group, the latest first, and how many."""
    by_month = _rolled(view, cut).group_by(month=bucket(pl.col("day"), Grain.MONTH))
    told = by_month.agg(n=GROUPS[name].number()).filter(pl.col("n") > 0)
    return told.sort("month", descending=True).collect().rows()


def listed(view: View, cut: Cut, name: str) -> Stretches:
    """The contacts of a cut in one of `GROUPS`, the latest first.

    `contact_named.told` names the customers. How many each month has, the roll-up says; a page
    reads the month or two that it lies in. At 2 million customers a month has 0.7 of 41 million
    contacts: 0.2 s of processor time, and one or two more where what is known of the customers
    decides.

    Returns:
        Contacts, with `flags.COUNTS` in place of their own columns of these names.
    """
    months = _months(view, cut, name)
    chosen = contact.of_contacts(view).selection

    def of_month(place: int) -> pl.LazyFrame:
        first, days = months[place][0], _days(view, cut)
        end = min(next_bucket(first, Grain.MONTH), days.end)
        rows = _contacts(view, Period(max(first, days.start), end))
        if chosen.is_everything and not _asks_of_customers(cut, name):
            rows = rows.with_columns(_UNKNOWN)
        else:
            rows = beside(view, rows, [first])
        flags = flagged(rows.with_columns(_OWN), fit(view.scheme), _KEPT)
        return latest(_where(chosen.of(flags.filter(GROUPS[name].holds())), cut))

    return Stretches([rows for _, rows in months], of_month)


def _asks_of_customers(cut: Cut, name: str) -> bool:
    """Whether more than the contacts themselves decides which of them there are."""
    counts = {*GROUPS[name].counted, *GROUPS[name].but}
    return bool(counts & _BY_CUSTOMER) or any(column in DIMENSIONS for column, _ in cut.where)


def _contacts(view: View, days: Period) -> pl.LazyFrame:
    return data.frame(view, contact.TABLE).filter(days.holds(pl.col("occurred_on")))


def latest(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Contacts in the order of their lists."""
    return rows.sort("occurred_at", "interaction_id", descending=[True, False])


def at_hour(view: View, channel: str | None, weekday: int, hour: int, verdict: str) -> Stretches:
    """Our contacts of the last year in an hour of the week, the latest first.

    The roll-up knows no days, so a year is read, but of it the few columns that decide: at 2
    million customers 1 s of processor time, with filters 2.

    Args:
        view: The view; only `contact.ONLY_HOURS` of its filters narrow.
        channel: None for all.
        weekday: 1 (Monday) to 7.
        hour: 0 to 23, business time.
        verdict: answered or silent.
    """
    number = contact_hour(view, channel, weekday, hour)[verdict]
    last = contact.as_of(view)
    year = Period(last - timedelta(days=window("heat_days") - 1), last + timedelta(days=1))
    rows = _contacts(view, year).filter(
        pl.col("direction") == "outbound",
        pl.col("responded") == (verdict == "answered"),
        local_time().dt.weekday() == weekday,
        local_time().dt.hour() == hour,
    )
    if channel is not None:
        rows = rows.filter(pl.col("channel") == channel)
    others = tuple(name for name in DIMENSIONS if name not in contact.ONLY_HOURS)
    chosen = view.without(*others).selection
    if not chosen.is_everything:
        months = spine(year.start, year.end, Grain.MONTH).collect()["bucket"].to_list()
        rows = chosen.of(beside(view, rows, months))
    whole = latest(rows.with_columns(_OWN))
    return Stretches([number] if number else [], lambda _: whole)


def contact_hour(view: View, channel: str | None, weekday: int, hour: int) -> dict[str, int]:
    """How many contacts of an hour of the week were answered, and how many were not (silent)."""
    at = (pl.col("weekday") == weekday) & (pl.col("hour") == hour)
    found = contact.hours(view, channel).filter(at).select(pl.col("judged", "answered").sum())
    judged, answered = found.row(0)
    return {"silent": judged - answered, "answered": answered}
