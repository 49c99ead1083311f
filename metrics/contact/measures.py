"""Measures of contact over the roll-ups: shares with intervals, rates, lengths and costs."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from metrics import intervals
from metrics.measure import ratio
from metrics.trends import Additive


def _sums(*names: str) -> dict[str, pl.Expr]:
    return {name: pl.col(name).sum().cast(pl.Int64) for name in names}


def share_of(figure: str, part: str, whole: str) -> Additive:
    """One count of a roll-up as a share of another, 0 to 1, with its Wilson interval.

    Null where the whole is 0.
    """

    def figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        return intervals.share(figure, counts[part], counts[whole])

    return Additive(_sums(part, whole), figures)


# By KPI: what is counted, and of what; over contact_months.
SHARES: dict[str, tuple[str, str]] = {
    "channel_fit": ("channel_fits", "channel_judged"),
    "content_fit": ("content_fits", "content_judged"),
    "positioning_fit": ("positioning_fits", "positioning_judged"),
    "personalised_share": ("personal", "personal_known"),
    "contact_standard": ("standard", "inspected"),
    "contact_response": ("answered", "judged"),
    "contact_conversion": ("converted", "result_known"),
    "unwanted_contacts": ("unwanted", "consent_known"),
    "automated_share": ("by_rule", "outbound"),
}
OF_CHANNEL: dict[str, tuple[str, str]] = {
    "delivered_rate": ("delivered", "traced"),
    "open_rate": ("opened", "delivered"),
    "click_rate": ("clicked", "delivered"),
    "response_rate": ("answered", "judged"),
    "conversion_rate": ("converted", "result_known"),
}


def _length(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {"call_minutes": ratio(counts["talk"], counts["calls"] * 60)}


CALL_MINUTES = Additive(_sums("talk", "calls"), _length)
"""Average length of a call, in minutes: talk seconds ÷ calls whose length is known ÷ 60; null
without such a call. Source: S3 4.1 (at most 1.8)."""


def _cost(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {"contact_cost": ratio(counts["cost"], counts["costed"])}


CONTACT_COST = Additive(_sums("cost", "costed"), _cost)
"""Average cost of one of our contacts whose cost is known, minor units; null without one."""


def _proactive(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    whole = counts["outbound"] + counts["inbound"]
    return {"contacts": whole, **intervals.share("proactive_share", counts["outbound"], whole)}


PROACTIVE = Additive(_sums("outbound", "inbound"), _proactive)
"""Contacts that we began ÷ all contacts. contacts; proactive_share (Wilson). Source: S2."""


def _two_way(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {"two_way": counts["inbound"] + counts["answered"]}


TWO_WAY = Additive(_sums("inbound", "answered"), _two_way)
"""Contacts in which the customer said something: begun by the customer, or answered. What we send
without an answer is not among them: counting it would reward sending more."""

FUNNEL = ("delivered", "opened", "engaged", "acted")
"""The steps attention, interest, desire and action, over contact_months; each holds the next."""
