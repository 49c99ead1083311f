"""Touchpoints and what came of them, and how long customers of several channels stay."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import survival
from dashboard.answers.contact import as_of, contacts, inside
from dashboard.answers.contact_cadence import MART
from dashboard.view import View
from metrics.contact import staying
from metrics.contact.measures import OF_CHANNEL
from metrics.measure import count, ratio
from metrics.survival import FEW

WEEK = 7
MANY = 3  # channels; as many or more are one group


@data.answer
def touchpoints(view: View) -> pl.DataFrame:
    """Every touchpoint, planned or used, with its contacts of the period, most used first.

    Volumes are all contacts, whoever began them; per week and per day are of the days of the
    period up to as of. Rates are ratios of sums over our own contacts, null where nothing is known.

    Returns:
        channel, kind, planned, connected (null: not in the table of touchpoints), connected_on,
        volume, per_week, per_day, outbound, delivered_rate, open_rate, click_rate, response_rate,
        conversion_rate (0 to 1, the last two of all channels), unit_cost (minor units).
    """
    topic = contacts(view)
    period = topic.period(view)
    sums = {name: pl.col(name).sum() for pair in OF_CHANNEL.values() for name in pair}
    more = {name: pl.col(name).sum() for name in ("outbound", "inbound", "cost", "costed")}
    used = inside(view, topic).drop_nulls("channel").group_by("channel").agg(**sums | more)
    rates = {name: ratio(pl.col(part), pl.col(of)) for name, (part, of) in OF_CHANNEL.items()}
    told = used.with_columns(
        volume=pl.col("outbound") + pl.col("inbound"),
        unit_cost=ratio(pl.col("cost"), pl.col("costed")),
        **rates,
    )
    planned = data.frame(view, "channels").select(
        "channel", "kind", "planned", "synced", connected_on="connected_on"
    )
    connected = pl.col("connected_on") <= as_of(view)
    known = planned.with_columns(
        connected=pl.when(pl.col("planned").is_not_null()).then(connected.fill_null(value=False))
    ).collect()
    both = known.join(told, on="channel", how="full", coalesce=True, validate="1:1")
    days = max(period.days, 1)
    return both.with_columns(
        pl.col("volume", "outbound").fill_null(0),
        per_week=pl.col("volume").fill_null(0) * WEEK / days,
        per_day=pl.col("volume").fill_null(0) / days,
    ).sort("volume", "channel", descending=[True, False], nulls_last=True)


@data.once
def coverage(view: View, day: date) -> tuple[int, int]:
    """Planned touchpoints that were connected at the close of a day, and all planned ones."""
    planned = data.frame(view, "channels").filter(pl.col("planned"))
    there = pl.col("connected_on") <= day
    return planned.select(connected=count(there), planned=pl.len()).collect().row(0)


@data.answer
def survival_by_channels(view: View) -> survival.Comparison | None:
    """Survival by the number of channels on which a customer was heard, known at a landmark.

    None without a group of 50 lives.
    """
    lives = _lives(survival.neutral(view).whenever())
    large = lives.filter(pl.col("customers").sum().over("group") >= FEW)
    return None if large.is_empty() else survival.compared(large)


def landmark(view: View) -> date:
    """The day from which survival by channels is told, see `metrics.contact.staying`."""
    return staying.landmark(as_of(view))


_met = pl.col("channels_then").clip(upper_bound=MANY).cast(pl.String)
_STAY = ("channels_then", "stay_days", "left")


@data.answer
def _lives(view: View) -> pl.DataFrame:
    """Of `counts`, by the channels of the year before the landmark: "0", "1", "2", "3" (or more).

    At 2 million customers one pass over what is held in memory, 40 ms.
    """
    rows = data.tally(view, MART, *_STAY).drop_nulls("stay_days")
    lives = rows.group_by(group=_met, entry=pl.lit(0), duration="stay_days", event="left")
    told = lives.agg(customers=pl.col("rows").sum())
    return told.sort("group", "duration", "event").collect()


def customers(view: View, group: str) -> pl.LazyFrame:
    """The customers of one curve: columns of customer_mart, duration and event; not sorted."""
    met = data.selected(survival.neutral(view), MART).filter(_met == group)
    mine = met.drop_nulls("stay_days").select("customer_id", duration="stay_days", event="left")
    known = data.frame(view, "customer_mart")
    return mine.join(known.drop("duration", "event", strict=False), on="customer_id", how="inner")
