"""What is counted of each contact: columns of truths and whole numbers, made of its own columns."""

from __future__ import annotations

from functools import reduce

import polars as pl

from metrics.contact.rule import Fit
from metrics.numbering import NUMBER

COUNTS = (
    *("outbound", "inbound", "judged", "answered"),
    *("traced", "delivered", "opened", "engaged", "clicked", "acted"),
    *("result_known", "converted", "costed", "cost", "calls", "talk", "by_rule"),
    *("personal_known", "personal", "inspected", "standard", "consent_known", "unwanted"),
    *("channel_judged", "channel_fits", "fit_asked", "fit_answered", "unfit_asked"),
    *("unfit_answered", "content_judged", "content_fits", "positioning_judged"),
    *("positioning_fits", "offer_judged", "offer_fits"),
)
"""The counts of `contact_months`. All but inbound are of our own contacts, except calls and talk.

judged, answered: whether it was answered is known, and it was. traced: a message whose arrival is
known; delivered, opened, engaged (clicked or answered), acted (led to an order) each also need the
step before; clicked needs delivered only. result_known, converted: whether it led to an order.
costed, cost; calls, talk: those whose length is known, and seconds. inspected, standard: held
against the communication standard, and kept to it. consent_known, unwanted: of customers who were
asked for consent, and of those who refused. <measure>_judged, _fits: see `metrics.contact.rule`;
fit_asked, fit_answered: judged and answered ones on a fitting channel, unfit_… on another."""


_KEPT = ("day", "occurred_on", "channel", "content", "positioning", NUMBER, "_row")


def plain_flags(contacts: pl.LazyFrame, known: pl.DataFrame, rule: Fit) -> pl.LazyFrame:
    """Contacts with those of `COUNTS` that no tier decides, and what `tier_flags` needs.

    Args:
        contacts: Of `contact_rows`, with their stretch (`day`).
        known: Of everybody in the order of the numbers: preferred_channel, kind, born_on,
            marketing_consent.
        rule: Which channels suit whom; they are the same in every scheme.
    """
    ours, theirs = pl.col("direction") == "outbound", pl.col("direction") == "inbound"
    answered, traced = pl.col("responded"), pl.col("delivered").is_not_null()
    engaged = pl.col("clicked").fill_null(value=False) | answered.fill_null(value=False)
    steps = [ours & traced, pl.col("delivered"), pl.col("opened"), engaged, pl.col("converted")]
    reached = [reduce(lambda one, two: one & two, steps[: last + 1]) for last in range(5)]
    consent = _of(known, "marketing_consent")
    return contacts.select(
        *_KEPT,
        _asked=ours & answered.is_not_null(),
        _stated=_of(known, "preferred_channel").is_not_null(),
        _suits=_suits_anyone(known, rule),
        _top_suits=pl.col("channel").is_in(rule.channels["top_tier"]),
        outbound=ours,
        inbound=theirs,
        judged=ours & answered.is_not_null(),
        answered=ours & answered,
        **dict(zip(("traced", "delivered", "opened", "engaged", "acted"), reached, strict=True)),
        clicked=ours & pl.col("delivered") & pl.col("clicked"),
        result_known=ours & pl.col("converted").is_not_null(),
        converted=ours & pl.col("converted"),
        costed=ours & pl.col("cost").is_not_null(),
        cost=pl.when(ours).then("cost"),
        calls=pl.col("talk_seconds").is_not_null(),
        talk=pl.col("talk_seconds").cast(pl.Int64),
        by_rule=ours & pl.col("rule").is_not_null(),
        personal_known=ours & pl.col("personalised").is_not_null(),
        personal=ours & pl.col("personalised"),
        inspected=ours & pl.col("standard_met").is_not_null(),
        standard=ours & pl.col("standard_met"),
        consent_known=ours & consent.is_not_null(),
        unwanted=ours & ~consent,
    )


def tier_flags(rows: pl.LazyFrame, rule: Fit) -> pl.LazyFrame:
    """The rest of `COUNTS`.

    Args:
        rows: Of `plain_flags`, with `tier` (of the time).
        rule: What suits whom in the scheme of these tiers.
    """
    ours, asked, answered = pl.col("outbound"), pl.col("_asked"), pl.col("answered")
    at_the_top = ~pl.col("_stated") & (pl.col("tier") == rule.top)
    suits = pl.when(at_the_top).then("_top_suits").otherwise("_suits")
    fits = ours & suits.is_not_null() & pl.col("channel").is_not_null()
    rows = rows.with_columns(
        channel_judged=fits,
        channel_fits=fits & suits,
        fit_asked=fits & suits & asked,
        fit_answered=fits & suits & answered,
        unfit_asked=fits & ~suits & asked,
        unfit_answered=fits & ~suits & answered,
        **_by_tier("content", ours, rule, "contents"),
        **_by_tier("positioning", ours, rule, "positionings"),
    )
    offer = pl.col("content").is_in(rule.offers)
    return rows.with_columns(
        offer_judged=pl.col("content_judged") & offer, offer_fits=pl.col("content_fits") & offer
    )


def _by_tier(name: str, ours: pl.Expr, rule: Fit, among: str) -> dict[str, pl.Expr]:
    """Whether something is named for a tier at all, and whether for the tier of the time."""
    return fitting(f"{name}_", pl.col(name), ours, rule, among)


def fitting(
    prefix: str, value: pl.Expr, applies: pl.Expr, rule: Fit, among: str
) -> dict[str, pl.Expr]:
    """`<prefix>judged` and `<prefix>fits` of values that the rules name for tiers.

    Judged are those that some tier is to get, given to a customer with a tier of the scheme; they
    fit if it is theirs.
    """
    lists = {code: list(getattr(suits, among)) for code, suits in rule.tiers.items()}
    named = sorted({each for values in lists.values() for each in values})
    tier = pl.col("tier")
    judged = applies & value.is_in(named) & tier.is_in(list(lists))
    nothing = pl.lit(value=False)
    fits = [(tier == code) & value.is_in(values) for code, values in lists.items()]
    right = reduce(lambda one, two: one | two, fits, nothing)
    return {f"{prefix}judged": judged, f"{prefix}fits": judged & right}


def _suits_anyone(known: pl.DataFrame, rule: Fit) -> pl.Expr:
    """Whether the channel suits a customer of no top tier; null where no rule is about them.

    The channel that the customer stated, else those of companies, of the young (by age on the day
    of the contact), the first that applies. Those of the top tier stand between (c32).
    """
    channel, stated = pl.col("channel"), _of(known, "preferred_channel")
    born = _of(known, "born_on")
    birthday = (pl.col("occurred_on").dt.month() * 100 + pl.col("occurred_on").dt.day()) >= (
        born.dt.month() * 100 + born.dt.day()
    )
    age = pl.col("occurred_on").dt.year() - born.dt.year() - (~birthday).cast(pl.Int32)
    return (
        pl.when(stated.is_not_null())
        .then(channel == stated)
        .when(_of(known, "kind") == "company")
        .then(channel.is_in(rule.channels["company"]))
        .when(age < rule.young_under)
        .then(channel.is_in(rule.channels["young"]))
    )


def _of(known: pl.DataFrame, name: str) -> pl.Expr:
    return pl.lit(known[name]).gather(pl.col(NUMBER))
