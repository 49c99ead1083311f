"""Of the table of contacts what this topic reads, and what it sums up by customer (portable)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import narwhals as nw
from narwhals.typing import IntoLazyFrameT

from metrics.contact.rule import Cadence
from metrics.numbering import NUMBER

_COLUMNS = (
    "occurred_at",
    "occurred_on",
    "direction",
    "channel",
    "purpose",
    "responded",
    "content",
    "positioning",
    "personalised",
    "standard_met",
    "delivered",
    "opened",
    "clicked",
    "converted",
    "cost",
    "talk_seconds",
    "script",
    "rule",
)
OUTBOUND, INBOUND = "outbound", "inbound"


def contact_rows(contacts: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The contacts up to a day, with the number of their customer (portable).

    Args:
        contacts: Contract table interactions, of `with_numbers`.
        as_of: Last day, inclusive.
    """
    rows = nw.from_native(contacts).filter(nw.col("occurred_on") <= as_of)
    return rows.select(NUMBER, *_COLUMNS).to_native()


def contact_counts(
    contacts: IntoLazyFrameT, rules: Sequence[Cadence], *, as_of: date
) -> IntoLazyFrameT:
    """How often each customer was contacted by us in the window of each cadence (portable).

    One pass, grouped by customer: at 2 million customers with 41M contacts three numbers of each
    contact are summed; nothing is sorted.

    Args:
        contacts: Of `contact_rows`.
        rules: The cadences.
        as_of: The day on which all windows end, inclusive.

    Returns:
        One row per customer with one of our contacts, unordered: the number, contact_on (day of
        our last contact), personal_on (of the last personalised one, null if none), and for each
        rule n_<key> (contacts in its window) and last_<key> (day of the last that counts for it,
        null if none).
    """
    rows = nw.from_native(contacts).filter(
        ~nw.col(NUMBER).is_null(), nw.col("direction") == OUTBOUND
    )
    day = nw.col("occurred_on")
    personal = nw.when(nw.col("personalised")).then(day)
    told: dict[str, nw.Expr] = {"contact_on": day.max(), "personal_on": personal.max()}
    for rule in rules:
        counts, since = _counts_for(rule), as_of - timedelta(days=rule.days)
        inside = nw.when(counts & (day > since)).then(nw.lit(1)).otherwise(nw.lit(0))
        told[f"n_{rule.key}"] = inside.sum().cast(nw.Int64)
        told[f"last_{rule.key}"] = nw.when(counts).then(day).max()
    return rows.group_by(NUMBER).agg(**told).to_native()


def _counts_for(rule: Cadence) -> nw.Expr:
    counts = ~nw.col("channel").is_null() if rule.channels else nw.lit(value=True)
    if rule.channels:
        counts = counts & nw.col("channel").is_in(rule.channels)
    if rule.contents:
        counts = counts & nw.col("content").is_in(rule.contents)
    return counts & nw.col("personalised") if rule.personalised else counts


def channels_used(contacts: IntoLazyFrameT, *, after: date, until: date) -> IntoLazyFrameT:
    """On how many channels each customer and the company spoke with each other (portable).

    A channel counts if the customer wrote or called on it, or answered us on it, later than
    `after` and by the end of `until`.

    Returns:
        One row per customer with such a channel, unordered: the number, channels (Int64).
    """
    heard = (nw.col("direction") == INBOUND) | nw.col("responded")
    day = nw.col("occurred_on")
    rows = nw.from_native(contacts).filter(
        ~nw.col(NUMBER).is_null(), ~nw.col("channel").is_null(), heard, day > after, day <= until
    )
    each = rows.group_by(NUMBER, "channel").agg(_rows=nw.len())
    return each.group_by(NUMBER).agg(channels=nw.len().cast(nw.Int64)).to_native()


def app_users(
    activity: IntoLazyFrameT, accounts: IntoLazyFrameT, *, as_of: date
) -> tuple[IntoLazyFrameT, IntoLazyFrameT]:
    """When each customer last used the app, and who has an account of it (portable).

    Args:
        activity: Contract table activity_days, of `with_numbers`.
        accounts: Contract table identities, of `with_numbers`.
        as_of: Last day, inclusive.

    Returns:
        The number and app_on; the number and app_since (day of the first account). Unordered.
    """
    used, known = nw.from_native(activity), nw.from_native(accounts)
    mine = (~nw.col(NUMBER).is_null()) & (nw.col("channel") == "app")
    used = used.filter(mine, nw.col("active_on") <= as_of)
    known = known.filter(mine, nw.col("seen_on") <= as_of)
    return (
        used.group_by(NUMBER).agg(app_on=nw.col("active_on").max()).to_native(),
        known.group_by(NUMBER).agg(app_since=nw.col("seen_on").min()).to_native(),
    )
