"""Touchpoints and what came of them, and how long customers of several channels stay."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import survival
from dashboard.answers.contact import as_of, contacts, inside
from dashboard.answers.contact_cadence import MART
from dashboard.view import View
from metrics.contact.measures import OF_CHANNEL
from metrics.contact.rule import window
from metrics.measure import count, ratio
from metrics.survival import FEW, counts, lifetimes

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

    None without a group of 50 lives; see `lived`.
    """
    lives = counts(lived(view), "group").collect()
    large = lives.filter(pl.col("customers").sum().over("group") >= FEW)
    return None if large.is_empty() else survival.compared(large)


def landmark(view: View) -> date:
    """The day from which survival by channels is told: `landmark_days` before as of."""
    return as_of(view) - timedelta(days=window("landmark_days"))


def lived(view: View) -> pl.LazyFrame:
    """What became of customers after the landmark, by the channels of the year before it.

    Whoever had been a customer for that whole year and was one still (`metrics.survival`, which
    knows of late entry) is followed from the landmark on: so nobody has to survive in order to be
    met on many channels, and everybody had the same time for them.

    Returns:
        customer_id, group ("0", "1", "2", "3": three or more), entry (0), duration (days since the
        landmark), event.
    """
    chosen, day = survival.neutral(view), landmark(view)
    channels = data.frame(view, MART).select("customer_id", "channels_then")
    known = data.selected(chosen, "customer_mart").join(
        channels, on="customer_id", how="inner", validate="1:1"
    )
    rows = known.with_columns(first_on="first_order_on", last_on="last_order_on")
    observed = data.first_day(view, "orders", "ordered_on")
    whole = lifetimes(rows, as_of=data.as_of(view, "orders"), observed_from=observed)
    # the day of the first purchase lies `entry` days after the birth of the lifetime
    then = pl.col("entry") + (pl.lit(day) - pl.col("first_on")).dt.total_days()
    old = then >= window("reached_days")
    there = whole.filter(old, pl.col("first_on") <= day, pl.col("duration") > then)
    group = pl.col("channels_then").clip(upper_bound=MANY).cast(pl.String)
    return there.select(
        "customer_id", "event", group=group, entry=pl.lit(0), duration=pl.col("duration") - then
    )


def customers(view: View, group: str) -> pl.LazyFrame:
    """The customers of one curve: columns of customer_mart, duration and event; not sorted."""
    mine = lived(view).filter(pl.col("group") == group).select("customer_id", "duration", "event")
    known = data.frame(view, "customer_mart")
    return mine.join(known.drop("duration", "event", strict=False), on="customer_id", how="inner")
