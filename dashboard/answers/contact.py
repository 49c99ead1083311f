"""What the contact page asks of the roll-ups of contacts: shares, channels, topics, hours."""

from __future__ import annotations

from datetime import date
from statistics import NormalDist

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic, by_grain
from dashboard.view import View
from metrics import intervals
from metrics.calendar import Grain
from metrics.contact import measures
from metrics.contact.flags import COUNTS
from metrics.contact.topics import TOPIC_COUNTS
from metrics.measure import ratio
from metrics.selection import Period
from metrics.trends import Additive

TABLE = "interactions"
MART = "contact_months"
NOT_OF_CONTACTS = ("stage",)
"""Filters that do not narrow contacts: today's stage follows from what came after them."""
ONLY_HOURS = ("tier", "segment", "region")
"""Filters that narrow the map of weekday and hour."""
GROUPS = ("segment", "tier", "region")
_BEST_OF_A_WEEK = NormalDist().inv_cdf(1 - 0.05 / 2 / 168)  # one of 7 × 24
_UNITS = {"month": Grain.MONTH, "quarter": Grain.QUARTER}
GRAINS = tuple(_UNITS)


def of_contacts(view: View) -> View:
    """The view without the filters that contacts cannot be narrowed by."""
    return view.without(*NOT_OF_CONTACTS)


def is_widened(view: View) -> bool:
    """Whether `of_contacts` had to leave a filter out."""
    return of_contacts(view) != view


@data.answer
def _stretches(view: View) -> pl.DataFrame:
    """The counts by stretch of a month and channel: one pass for each set of filters.

    Of at most 2 million rows on disk (2 million customers) all columns of counts; of 280,000 rows
    (20,000 customers) 0.1 s with two filters.
    """
    rows = data.selected(view, MART).group_by("day", "channel")
    return rows.agg(pl.col(COUNTS).sum()).sort("day", "channel", nulls_last=True).collect()


@data.answer
def _topics(view: View) -> pl.DataFrame:
    rows = data.selected(view, "contact_topics").group_by("day", "kind", "topic")
    return rows.agg(pl.col(TOPIC_COUNTS).sum()).sort("day", "kind", "topic").collect()


def _topic(view: View, rows: pl.DataFrame) -> Topic:
    first = data.first_day(view, MART, "day")
    return Topic(rows.lazy(), "day", data.as_of(view, TABLE), first)


def contacts(view: View, channel: str | None = None) -> Topic:
    """All contacts, or those on one channel, by the stretches of months they lie in."""
    rows = _stretches(of_contacts(view).whenever())
    return _topic(view, rows if channel is None else rows.filter(pl.col("channel") == channel))


def topics(view: View, kind: str) -> Topic:
    """What was counted by topic of one kind."""
    rows = _topics(of_contacts(view).whenever())
    return _topic(view, rows.filter(pl.col("kind") == kind))


def inside(view: View, topic: Topic) -> pl.DataFrame:
    """The rows of the chosen period."""
    return topic.rows.filter(topic.period(view).holds(pl.col("day"))).collect()


def days(view: View) -> Period:
    """The chosen period, by the end of the contacts."""
    return contacts(view).period(view)


def over_time(view: View, what: Additive, grain: str, channel: str | None = None) -> pl.DataFrame:
    """A measure per month or quarter; the one in progress is marked as not complete."""
    return by_grain(contacts(view, channel), what, view, _UNITS[grain])


PARTS = {**measures.SHARES, "operation_fit": ("offer_fits", "offer_judged")}


def _in_period(view: View) -> pl.LazyFrame:
    period = days(view)
    return data.selected(of_contacts(view), MART).filter(period.holds(pl.col("day")))


@data.answer
def matrix(view: View, dimension: str) -> pl.DataFrame:
    """Response by a dimension and channel in the period.

    Returns:
        One row per pair with an outcome known: the dimension, channel, judged, answered, share,
        share_low, share_high (Wilson), sent; sorted by the pair.
    """
    rows = (
        _in_period(view)
        .group_by(dimension, "channel")
        .agg(
            judged=pl.col("judged").sum(),
            answered=pl.col("answered").sum(),
            sent=pl.col("outbound").sum(),
        )
    )
    share = intervals.share("share", pl.col("answered"), pl.col("judged"))
    told = rows.with_columns(**share).filter(pl.col("judged") > 0)
    return told.sort(dimension, "channel", nulls_last=True).collect()


@data.answer
def by_fit(view: View) -> pl.DataFrame:
    """Response where the channel suits and where not: fits, judged, answered, share."""
    period = inside(view, contacts(view))
    names = ("fit_asked", "fit_answered", "unfit_asked", "unfit_answered")
    row = period.select(pl.col(names).sum()).row(0)
    told = {"fits": [True, False], "judged": [row[0], row[2]], "answered": [row[1], row[3]]}
    share = intervals.share("share", pl.col("answered"), pl.col("judged"))
    return pl.DataFrame(told, schema_overrides={"judged": pl.Int64}).with_columns(**share)


@data.answer
def funnel(view: View) -> pl.DataFrame:
    """Messages of the period by how far they came: step, contacts, share of the delivered."""
    period = inside(view, contacts(view))
    counts = period.select(pl.col(measures.FUNNEL).sum()).row(0)
    told = pl.DataFrame({"step": measures.FUNNEL, "contacts": counts})
    first = pl.col("contacts").first()
    before = pl.col("contacts").shift(1)
    return told.with_columns(
        share=ratio(pl.col("contacts"), first), of_before=ratio(pl.col("contacts"), before)
    )


@data.once
def channels(view: View) -> list[str]:
    """The channels of the map of weekday and hour, in the order of the alphabet."""
    rows = data.frame(view, "contact_hours").select(pl.col("channel").drop_nulls().unique().sort())
    return rows.collect()["channel"].to_list()


@data.answer
def hours(view: View, channel: str | None) -> pl.DataFrame:
    """Response by weekday and hour over the last year.

    Returns:
        weekday, hour, judged, answered, share, share_low, share_high (Wilson), surely (whether the
        share lies above that of all hours beyond what the best of so many would by chance:
        Bonferroni over the hours of the week); sorted by weekday, hour.
    """
    others = tuple(name for name, _ in view.selection.filters if name not in ONLY_HOURS)
    rows = data.selected(view.without(*others), "contact_hours")
    if channel is not None:
        rows = rows.filter(pl.col("channel") == channel)
    told = rows.group_by("weekday", "hour").agg(pl.col("judged", "answered").sum())
    share = intervals.share("share", pl.col("answered"), pl.col("judged"))
    whole = ratio(pl.col("answered").sum(), pl.col("judged").sum())
    low, _ = intervals.wilson(pl.col("answered"), pl.col("judged"), _BEST_OF_A_WEEK)
    surely = (low > whole).fill_null(value=False)
    return told.with_columns(**share, surely=surely).sort("weekday", "hour").collect()


@data.answer
def by_topic(view: View, kind: str) -> pl.DataFrame:
    """Topics of a kind in the period, most sent first: topic, counts, response, conversion."""
    rows = inside(view, topics(view, kind)).group_by("topic").agg(pl.col(TOPIC_COUNTS).sum())
    rates = {
        **intervals.share("response", pl.col("answered"), pl.col("judged")),
        **intervals.share("conversion", pl.col("converted"), pl.col("result_known")),
        **intervals.share("automated", pl.col("by_rule"), pl.col("sent")),
    }
    told = rows.with_columns(**rates)
    return told.sort("sent", "topic", descending=[True, False])


def as_of(view: View) -> date:
    """The last day of the contacts."""
    return data.as_of(view, TABLE)
