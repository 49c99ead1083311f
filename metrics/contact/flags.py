"""What is counted of each contact: columns of truths and whole numbers, made of its own columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import polars as pl

from metrics.contact.rule import Fit

Flags = dict[str, pl.Expr]

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


BY_TIER = COUNTS[COUNTS.index("channel_judged") :]
"""Those of the counts that the tier decides."""
PLAIN = COUNTS[: COUNTS.index("channel_judged")]
KNOWN = ("preferred_channel", "kind", "born_on", "marketing_consent")
"""What is asked of a contact's customer."""
Known = Callable[[str], pl.Expr]
"""Gives one of `KNOWN` beside the contacts, by its name."""


def looked_up(known: pl.DataFrame) -> Known:
    """`KNOWN` of contacts whose customers go by their row.

    Args:
        known: Of everybody in the order of the numbers; `_row` of nobody's contacts is the next.
    """
    everybody = pl.concat([known, known.clear(1)])
    return lambda name: pl.lit(everybody[name]).gather(pl.col("_row"))


def flagged(contacts: pl.LazyFrame, rule: Fit, kept: Sequence[str]) -> pl.LazyFrame:
    """Contacts with all of `COUNTS`, each of its own; a truth may be null, which counts as no.

    Args:
        contacts: Rows of the contract table interactions with `KNOWN` of their customers, and
            `tier` (of the time).
        rule: What suits whom in the scheme of these tiers.
        kept: Their other columns to keep.
    """
    names = dict.fromkeys((*kept, "occurred_on", "channel", "content", "positioning", "tier"))
    plain = plain_flags(contacts, pl.col, [rule], **{name: name for name in names})
    return plain.with_columns(**tier_flags([rule], rule, *_tier_as_text(rule)))


def text_fits(value: str, applies: pl.Expr, rule: Fit, among: str) -> tuple[pl.Expr, pl.Expr]:
    """`fitting` of a column of texts beside `tier` (of the time), a text too."""
    values = said([rule], among)
    place = place_among(pl.col(value), values)
    return fitting(place, values, applies, rule, among, *_tier_as_text(rule))


def _tier_as_text(rule: Fit) -> tuple[pl.Expr, pl.Series]:
    """The place of `tier` among those that a rule is about, and what the places stand for."""
    named = sorted({*rule.tiers, rule.top})
    place = place_among(pl.col("tier"), named).cast(pl.UInt32).fill_null(len(named))
    return place, pl.Series([*named, None], dtype=pl.String)


def plain_flags(
    contacts: pl.LazyFrame, known: Known, rules: Sequence[Fit], **kept: pl.Expr | str
) -> pl.LazyFrame:
    """Contacts with those of `COUNTS` that no tier decides, and what `tier_flags` needs.

    Args:
        contacts: Of `contact_rows`.
        known: What is known of their customers.
        rules: What suits whom, of all schemes; channels are the same in every one.
        **kept: Their other columns to keep.
    """
    rule = rules[0]
    ours, theirs = pl.col("direction") == "outbound", pl.col("direction") == "inbound"
    answered, traced = pl.col("responded"), pl.col("delivered").is_not_null()
    engaged = pl.col("clicked").fill_null(value=False) | answered.fill_null(value=False)
    steps = [ours & traced, pl.col("delivered"), pl.col("opened"), engaged, pl.col("converted")]
    reached = [reduce(lambda one, two: one & two, steps[: last + 1]) for last in range(5)]
    consent = known("marketing_consent")
    return contacts.select(
        _channelled=pl.col("channel").is_not_null(),
        _content=place_among(pl.col("content"), said(rules, "contents")),
        _positioning=place_among(pl.col("positioning"), said(rules, "positionings")),
        _is_offer=pl.col("content").is_in(rule.offers),
        _asked=ours & answered.is_not_null(),
        _stated=known("preferred_channel").is_not_null(),
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
        **kept,
    )


def tier_flags(rules: Sequence[Fit], rule: Fit, tier: pl.Expr, tiers: pl.Series) -> Flags:
    """The counts `BY_TIER`, over the columns of `plain_flags`.

    Args:
        rules: Of all schemes, as given to `plain_flags`.
        rule: What suits whom in the scheme of these tiers.
        tier: The tier of the time, as a place.
        tiers: What the places stand for; the last for none.
    """
    ours, asked, answered = pl.col("outbound"), pl.col("_asked"), pl.col("answered")
    top = pl.lit(pl.Series(tiers == rule.top).fill_null(value=False)).gather(tier)
    suits = pl.when(~pl.col("_stated") & top).then("_top_suits").otherwise("_suits")
    fits = ours & suits.is_not_null() & pl.col("_channelled")
    content, positioning = (
        fitting(pl.col(f"_{name}"), said(rules, f"{name}s"), ours, rule, f"{name}s", tier, tiers)
        for name in ("content", "positioning")
    )
    return {
        "channel_judged": fits,
        "channel_fits": fits & suits,
        "fit_asked": fits & suits & asked,
        "fit_answered": fits & suits & answered,
        "unfit_asked": fits & ~suits & asked,
        "unfit_answered": fits & ~suits & answered,
        **dict(zip(("content_judged", "content_fits"), content, strict=True)),
        **dict(zip(("positioning_judged", "positioning_fits"), positioning, strict=True)),
        "offer_judged": content[0] & pl.col("_is_offer"),
        "offer_fits": content[1] & pl.col("_is_offer"),
    }


def said(rules: Sequence[Fit], among: str) -> tuple[str, ...]:
    """The values that the rules of any scheme name for any tier, sorted."""
    lists = (getattr(suits, among) for rule in rules for suits in rule.tiers.values())
    return tuple(sorted({each for values in lists for each in values}))


def place_among(value: pl.Expr, values: Sequence[str]) -> pl.Expr:
    """The place of a text among some; null if it is none of them."""
    return value.cast(pl.Enum(values), strict=False).to_physical()


def fitting(
    value: pl.Expr,
    values: Sequence[str],
    applies: pl.Expr,
    rule: Fit,
    among: str,
    tier: pl.Expr,
    tiers: pl.Series,
) -> tuple[pl.Expr, pl.Expr]:
    """Of values that the rules name for tiers, whether each is judged, and whether it fits.

    Judged are those that some tier is to get, given to a customer with a tier of the scheme; they
    fit if it is theirs.

    Args:
        value: Its place among the values.
        values: Of `said`.
        applies: Whether to ask at all.
        rule: What suits whom in the scheme of the tiers.
        among: Which of the lists of `Suits`.
        tier: The tier of the time, as a place.
        tiers: What the places stand for; the last for none.
    """
    lists = {code: set[str](getattr(suits, among)) for code, suits in rule.tiers.items()}
    named = rule.named(among)
    pairs = [(code, each) for code in tiers for each in values]
    judged = pl.Series([code in lists and each in named for code, each in pairs], dtype=pl.Boolean)
    right = pl.Series([each in lists.get(code, ()) for code, each in pairs], dtype=pl.Boolean)
    pair = tier.cast(pl.UInt32) * len(values) + value
    return applies & pl.lit(judged).gather(pair), applies & pl.lit(right).gather(pair)


def _suits_anyone(known: Known, rule: Fit) -> pl.Expr:
    """Whether the channel suits a customer of no top tier; null where no rule is about them.

    The channel that the customer stated, else those of companies, of the young (by age on the day
    of the contact), the first that applies. Those of the top tier stand between (c32).
    """
    channel, stated = pl.col("channel"), known("preferred_channel")
    born = known("born_on")
    birthday = (pl.col("occurred_on").dt.month() * 100 + pl.col("occurred_on").dt.day()) >= (
        born.dt.month() * 100 + born.dt.day()
    )
    age = pl.col("occurred_on").dt.year() - born.dt.year() - (~birthday).cast(pl.Int32)
    return (
        pl.when(stated.is_not_null())
        .then(channel == stated)
        .when(known("kind") == "company")
        .then(channel.is_in(rule.channels["company"]))
        .when(age < rule.young_under)
        .then(channel.is_in(rule.channels["young"]))
    )
